import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the captures that the tests read are expected, from the project's root. */
const FOLDER = resolve('../shared/captures');

/** The paths of all captures, sorted. A clone without them fails here, saying where they belong. */
export function captureFiles(): readonly string[] {
  let names: string[] = [];
  try {
    names = readdirSync(FOLDER).filter((name) => /\.(pcap|pcapng|cap|trace|pcap\.gz)$/.test(name));
  } catch {
    // told below
  }
  if (names.length === 0) throw new Error(`The captures for these tests are expected in ${FOLDER} (../shared/captures).`);
  return names.sort().map((name) => join(FOLDER, name));
}
