import { expect, test } from 'vitest';
import { breaches, importsOf } from './layering.mjs';

test('a room may import what its promise names, and itself', () => {
  expect(breaches('main/engine/tcp/transmit.ts', "import { seq } from '../../wire/seq.ts';\nimport { a } from './rtt.ts';\n")).toEqual([]);
});

test('a breach names file, line and both rooms', () => {
  const text = "import { seq } from '../wire/seq.ts';\nimport { Workbench } from '../workbench/workbench.ts';\n";
  expect(breaches('main/analysis/flow.ts', text)).toEqual(['main/analysis/flow.ts:2: main/analysis may not import main/workbench']);
});

test('the contract borrows types, never code', () => {
  expect(breaches('preload/contract.ts', "import type { A } from '../main/analysis/record.ts';")).toEqual([]);
  expect(breaches('preload/contract.ts', "import { A } from '../main/analysis/record.ts';")).toEqual([
    'preload/contract.ts:1: preload may take only types from main/analysis: write "import type"',
  ]);
});

test('imports over several lines, re-exports and import() are seen', () => {
  const text = "import {\n  a,\n  b,\n} from '../engine/x.ts';\nexport * from '../engine/y.ts';\nconst z = import('../engine/z.ts');\n";
  expect(importsOf(text).map(({ specifier, line }) => [specifier, line])).toEqual([
    ['../engine/x.ts', 4],
    ['../engine/y.ts', 5],
    ['../engine/z.ts', 6],
  ]);
});

test('pure rooms take no clock, no chance and no package', () => {
  expect(breaches('main/engine/random.ts', 'const r = Math.random();')).toHaveLength(1);
  expect(breaches('main/engine/clock.ts', 'const t = Date.now();')).toHaveLength(1);
  expect(breaches('main/wire/x.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
  expect(breaches('main/engine/clock.ts', '// Date.now() would tie a run to the day it ran on')).toEqual([]);
});

test('a test may use what it needs', () => {
  expect(breaches('main/engine/clock.test.ts', "import { x } from '../analysis/x.ts';")).toEqual([]);
});
