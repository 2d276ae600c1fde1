// `npm run bench -- ROOM [NAME...]`: bundles `main/ROOM/ROOM.bench.ts` and runs it in a process of its own.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './setup.mjs';

const [room = '', ...names] = process.argv.slice(2);
const input = join(root, 'main', room, `${room}.bench.ts`);
if (!/^[a-z-]+$/.test(room) || !existsSync(input)) {
  console.error(`npm run bench -- engine [NAME...]; there are no benchmarks of "${room}"`);
  process.exit(2);
}
const file = join(root, 'out', 'bench', `${room}.mjs`);
const bundle = await rolldown({ input, platform: 'node' });
await bundle.write({ file, format: 'esm' });
await bundle.close();
process.exitCode = spawnSync(process.execPath, ['--expose-gc', file, ...names], { cwd: root, stdio: 'inherit' }).status ?? 1;
