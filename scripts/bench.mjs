// `npm run bench [-- BENCHMARK [NAME...]]`: bundles `main/ROOM/BENCHMARK.bench.ts` and runs it in a process of its own; all of
// them, one after another, where none is named.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './setup.mjs';

const [wanted, ...names] = process.argv.slice(2);
const files = readdirSync(join(root, 'main'), { recursive: true }).filter((path) => path.endsWith('.bench.ts'));
const there = new Map(files.sort().map((path) => [basename(path, '.bench.ts'), join(root, 'main', path)]));
if (wanted !== undefined && !there.has(wanted)) {
  console.error(`there is no benchmark "${wanted}", but ${[...there.keys()].join(', ')}`);
  process.exit(2);
}
for (const [name, input] of there) {
  if (wanted !== undefined && name !== wanted) continue;
  const file = join(root, 'out', 'bench', `${name}.mjs`);
  const bundle = await rolldown({ input, platform: 'node' });
  await bundle.write({ file, format: 'esm' });
  await bundle.close();
  const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...names], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}
