import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCapChild, findDumpcap, findHelper } from './places.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpwb-places-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (...path: string[]): string => {
  const file = join(folder, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
};

test('the helper: named by the environment, else carried by the app, else of the nearest folder above', () => {
  const own = program('project', 'native', 'capture', 'build', 'tcpwb-capture');
  const packaged = program('app', 'resources', 'native', 'capture', 'build', 'tcpwb-capture');
  const named = program('elsewhere', 'helper');
  const within = join(folder, 'project', 'out', 'main', 'worker.js');
  const resourcesPath = join(folder, 'app', 'resources');
  expect(findHelper({ within, env: {} })).toBe(own);
  expect(findHelper({ within, resourcesPath, env: {} })).toBe(packaged);
  expect(findHelper({ within, resourcesPath: '/nowhere', env: {} })).toBe(own);
  expect(findHelper({ within, resourcesPath, env: { TCPWB_CAPTURE_HELPER: named } })).toBe(named);
  expect(findHelper({ within, env: { TCPWB_CAPTURE_HELPER: '/nowhere/helper' } })).toBeUndefined();
  expect(findHelper({ within: folder, env: {} })).toBeUndefined();
  chmodSync(own, 0o644);
  expect(findHelper({ within, env: {} })).toBeUndefined();
});

test('dumpcap is looked for along the PATH, the cap child where it is said to be', () => {
  const dumpcap = program('bin', 'dumpcap');
  expect(findDumpcap({ env: { PATH: `/nowhere::${join(folder, 'bin')}` } })).toBe(dumpcap);
  expect(findDumpcap({ env: {} })).toBeUndefined();
  expect(findCapChild({ capChild: dumpcap })).toBe(dumpcap);
  expect(findCapChild({ capChild: join(folder, 'cap-child.js') })).toBeUndefined();
});
