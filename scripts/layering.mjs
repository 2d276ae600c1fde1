// The layering rule of the house: a folder is a promise about what its code may import. Prints every broken promise
// and exits 1; prints nothing and exits 0 when the house is in order. `docs/architecture.md` has the table in words.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Room -> the rooms it may import. `types:` means `import type` only. A room may always import itself. */
export const ROOMS = {
  'main/wire': [],
  'main/tcp-model': [],
  'main/engine': ['main/wire', 'main/tcp-model'],
  'main/capture': ['main/wire', 'native'],
  'main/analysis': ['main/wire', 'main/tcp-model'],
  'main/kernel': ['native'],
  'main/experiments': ['main/engine', 'main/kernel', 'main/wire', 'main/tcp-model'],
  'main/workbench': [
    'main/wire',
    'main/tcp-model',
    'main/engine',
    'main/capture',
    'main/analysis',
    'main/kernel',
    'main/experiments',
    'types:preload',
    'resources',
  ],
  'main/doors': ['main/workbench', 'types:preload'],
  preload: [
    'types:main/wire',
    'types:main/tcp-model',
    'types:main/analysis',
    'types:main/engine',
    'types:main/capture',
    'types:main/experiments',
  ],
  renderer: ['preload', 'main/tcp-model', 'resources'],
  native: [],
  resources: [],
};

/** Rooms that must give the same answer on every machine at every time. */
const PURE = ['main/wire', 'main/tcp-model', 'main/engine', 'main/analysis'];
const IMPURE = /\b(Math\.random|Date\.now|performance\.now|new Date\(\)|setTimeout|setInterval|setImmediate|process\.)/;

const roomOf = (path) => Object.keys(ROOMS).find((room) => path === room || path.startsWith(`${room}/`));
const isTest = (path) => /\.(test|bench)\.tsx?$/.test(path) || path.includes('/testing/');

const IMPORT = /^\s*(import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** Every import of a source text, with its line. */
export function importsOf(text) {
  return [...text.matchAll(IMPORT)].map((m) => ({
    specifier: m[3] ?? m[4],
    typeOnly: m[2] !== undefined,
    line: text.slice(0, m.index + m[0].length).split('\n').length,
  }));
}

/** The broken promises of one file; `path` is relative to the project's root. */
export function breaches(path, text) {
  const room = roomOf(path);
  if (!room || isTest(path)) return [];
  const found = [];
  for (const { specifier, typeOnly, line } of importsOf(text)) {
    const say = (why) => found.push(`${path}:${line}: ${why}`);
    if (!specifier.startsWith('.')) {
      if (PURE.includes(room)) say(`${room} is pure and may not import "${specifier}"`);
      else if ((room === 'renderer' || room === 'preload') && specifier.startsWith('node:'))
        say(`${room} runs in the window and may not import "${specifier}"`);
      continue;
    }
    const target = relative('.', resolve(dirname(path), specifier))
      .split(sep)
      .join('/');
    const to = roomOf(target);
    if (to === room) continue;
    if (!to) say(`"${specifier}" lies in no room`);
    else if (ROOMS[room].includes(to) || (typeOnly && ROOMS[room].includes(`types:${to}`))) continue;
    else if (ROOMS[room].includes(`types:${to}`)) say(`${room} may take only types from ${to}: write "import type"`);
    else say(`${room} may not import ${to}`);
  }
  if (PURE.includes(room)) {
    text.split('\n').forEach((source, i) => {
      const code = source.replace(/\/\/.*|^\s*\*.*/g, '');
      const impure = IMPURE.exec(code);
      if (impure) found.push(`${path}:${i + 1}: ${room} is pure: time and chance are arguments, not ${impure[1]}`);
    });
  }
  return found;
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path.split(sep).join('/');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const all = ['main', 'preload', 'renderer']
    .flatMap((top) => [...sources(top)])
    .flatMap((path) => breaches(path, readFileSync(path, 'utf8')));
  for (const line of all) console.error(line);
  process.exitCode = all.length > 0 ? 1 : 0;
}
