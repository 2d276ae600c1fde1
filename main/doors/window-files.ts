import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/** What a page of ours may load and reach: itself. Styles are written by the editor and the panels as they run. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'";

export interface WindowFile {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A file of the built window by the path of its address; undefined for what is not there or lies outside of `folder`. */
export async function windowFile(folder: string, address: URL): Promise<WindowFile | undefined> {
  const asked = unescaped(address.pathname);
  if (asked === undefined || asked.includes('\0')) return undefined;
  const path = normalize(join(folder, asked === '/' ? 'index.html' : asked));
  if (!path.startsWith(folder + sep)) return undefined;
  const octets = await readFile(path).catch(() => undefined);
  return octets && { octets: new Uint8Array(octets), headers: headersOf(path, asked) };
}

function unescaped(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // a percent sign that escapes nothing
  }
}

const headersOf = (path: string, asked: string): WindowFile['headers'] => ({
  'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Names under assets/ carry a hash of their content.
  'Cache-Control': asked.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
});
