// Compiles `main/analysis/ordinary/`, which is AssemblyScript, to WebAssembly, and writes it as a module that any bundler takes along. Set-up runs it
// when a source is newer; by hand: `node scripts/ordinary.mjs`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCE = 'main/analysis/ordinary/index.ts';
const OPTIONS =
  '-O3 --converge --noAssert --runtime stub --enable threads --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536';

let octets;
const { error, stderr } = await asc.main([SOURCE, ...OPTIONS.split(' '), '--baseDir', root, '--outFile', 'ordinary.wasm'], {
  writeFile: (name, contents) => {
    if (name === 'ordinary.wasm') octets = contents;
  },
});
if (error || !octets) {
  process.stderr.write(stderr.toString());
  process.exit(1);
}
const build = join(root, dirname(SOURCE), 'build');
mkdirSync(build, { recursive: true });
writeFileSync(
  join(build, 'ordinary.ts'),
  `// Made by scripts/ordinary.mjs.\nexport const ORDINARY = new Uint8Array([${octets.join(',')}]);\n`,
);
