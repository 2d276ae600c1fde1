import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runScript } from './run-script.ts';
import type { IpVersion } from './settings.ts';
import type { ReadFile } from './shell.ts';
import { SCRIPTS } from './testing/scripts.ts';

/** How many mutated scripts, and a folder of scripts to mutate beside our own, with theirs beside them that they call. */
const { PACKETDRILL_MUTATIONS = '1500', PACKETDRILL_SCRIPTS } = process.env;

interface Original {
  readonly source: string;
  readonly readFile: ReadFile;
}

function originals(): Original[] {
  const own = Object.values(SCRIPTS).map((source): Original => ({ source, readFile: () => undefined }));
  if (!PACKETDRILL_SCRIPTS) return own;
  const files = readdirSync(PACKETDRILL_SCRIPTS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pkt'));
  const found = files.map((name): Original => {
    const path = join(PACKETDRILL_SCRIPTS, name);
    return { source: readFileSync(path, 'utf8'), readFile: (called) => readBeside(path, called) };
  });
  return [...own, ...found];
}

function readBeside(path: string, called: string): string | undefined {
  try {
    return readFileSync(resolve(dirname(path), called), 'utf8');
  } catch {
    return undefined;
  }
}

/** Pieces of the language, and of what is none. */
const PIECES = [
  '0',
  '-1',
  '99999999999',
  '+',
  '~',
  '*',
  '.',
  '...',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '<',
  '>',
  '|',
  '=',
  '"',
  '`',
  '%{',
  '}%',
  '/*',
  '//',
  '--define=',
  ' ack ',
  ' win 0',
  'S.',
  'R',
  ' sack 9:1',
  ' 1:1(0)',
  'close',
  'MSG_FASTOPEN',
  '\n',
  '\u0000',
  'é',
  '0x',
  '+9999',
] as const;

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.integer({ min: 0, max: 12 }),
  insert: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 }), fc.integer({ min: -1e10, max: 1e10 }).map(String)),
});

function mutate(source: string, mutations: readonly { at: number; drop: number; insert: string }[]): string {
  let text = source;
  for (const { at, drop, insert } of mutations) {
    const place = Math.floor(at * text.length);
    text = text.slice(0, place) + insert + text.slice(place + drop);
  }
  return text;
}

test(`${PACKETDRILL_MUTATIONS} mutated scripts end with a verdict that says where`, { timeout: 600_000 }, () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom(...originals()),
      fc.constantFrom<IpVersion>('4', '6', '4-mapped'),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      ({ source, readFile }, version, mutations) => {
        const mutated = mutate(source, mutations);
        const { kind, passed, message = '', line, column, text } = runScript({ source: mutated, version, defines: new Map(), readFile });
        kinds.add(kind);
        expect(message).not.toContain('the engine broke down');
        expect(passed).toBe(message === '');
        if (passed) return;
        expect(text).toBe(mutated.split('\n')[line! - 1]?.trim());
        expect(column).toBeGreaterThan(0);
      },
    ),
    { numRuns: Number(PACKETDRILL_MUTATIONS), seed: 1 },
  );
  expect([...kinds].sort()).toEqual(['content', 'mistake', 'passed', 'timing', 'unsupported']);
});
