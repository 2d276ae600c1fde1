// `npm run bench -- BENCHMARK [NAME...]`: bundles `main/ROOM/BENCHMARK.bench.ts` and runs it in a process of its own.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './setup.mjs';

const [benchmark = '', ...names] = process.argv.slice(2);
const files = readdirSync(join(root, 'main'), { recursive: true }).filter((path) => path.endsWith('.bench.ts'));
const there = new Map(files.map((path) => [basename(path, '.bench.ts'), join(root, 'main', path)]));
const input = there.get(benchmark);
if (!input) {
  console.error(`npm run bench -- BENCHMARK [NAME...]; there is no "${benchmark}", but ${[...there.keys()].sort().join(', ')}`);
  process.exit(2);
}
const file = join(root, 'out', 'bench', `${benchmark}.mjs`);
const bundle = await rolldown({ input, platform: 'node' });
await bundle.write({ file, format: 'esm' });
await bundle.close();
process.exitCode = spawnSync(process.execPath, ['--expose-gc', file, ...names], { cwd: root, stdio: 'inherit' }).status ?? 1;
