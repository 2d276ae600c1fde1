// `npm test`: sets everything up, then runs every check there is. Its last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { orExplain, root, setUp } from './setup.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

/** Checks that need no runner; each counts as one test. */
const STATIC = [
  ['lint', bin('biome'), ['check', '.']],
  ['layering', process.execPath, ['scripts/layering.mjs']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types: pure rooms', bin('tsc'), ['-p', 'tsconfig.pure.json']],
  ['types: window', bin('tsc'), ['-p', 'tsconfig.web.json']],
  ['types: desktop door', bin('tsc'), ['-p', 'tsconfig.desktop.json']],
  ['types: lessons', bin('tsc'), ['-p', 'tsconfig.lessons.json']],
];

const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;

/** Counts from vitest's own report. A runner that died without one is a failure. */
function vitest() {
  const report = join(root, 'test-results', 'vitest.json');
  mkdirSync(join(root, 'test-results'), { recursive: true });
  rmSync(report, { force: true });
  const ended = run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that fails to load has no failed test of its own.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const failed = numFailedTests + broken;
  return { passed: numPassedTests, failed: !ended && failed === 0 ? 1 : failed };
}

orExplain(async () => {
  await setUp(['browser', 'test']);
  let passed = 0;
  let failed = 0;
  for (const [name, command, args] of STATIC) {
    const good = run(command, args);
    console.log(`${good ? 'ok' : 'FAILED'}  ${name}`);
    if (good) passed++;
    else failed++;
  }
  const tests = vitest();
  passed += tests.passed;
  failed += tests.failed;
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
