import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptCaptures, keptFolder } from './kept-captures.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpwb-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The number of a process that has ended. */
const gone = (): number => Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));

const leave = (pid: number, title: string, octets = 'x', began = '20260102T030405Z', mark = '0123abcd'): string => {
  const name = `${began}-${pid}-${title}-${mark}.pcapng`;
  writeFileSync(join(folder, name), octets);
  return name;
};

test('a capture whose Workbench is gone is left, with its title, its beginning and its size', () => {
  const id = leave(gone(), 'lo_tcp_port_9502', 'twelve octet');
  expect(new KeptCaptures(folder).left()).toEqual([{ id, title: 'lo tcp port 9502', began: Date.UTC(2026, 0, 2, 3, 4, 5), octets: 12 }]);
});

test('the latest comes first; what still runs, and what is no capture of ours, is not told of', () => {
  const open = join(folder, 'open');
  const file = openSync(open, 'w');
  const other = spawn('sleep', ['60'], { stdio: ['ignore', file, 'ignore'] });
  closeSync(file);
  try {
    const dead = gone();
    const older = leave(dead, 'lo', 'x', '20250101T000000Z');
    const later = leave(dead, 'eth0', 'x', '20260101T000000Z');
    renameSync(open, join(folder, `20260102T030405Z-${other.pid}-any-0123abcd.pcapng`));
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    expect(new KeptCaptures(folder).left().map(({ id }) => id)).toEqual([later, older]);
  } finally {
    other.kill();
  }
});

test('a number that another process has by now, or this one, keeps no capture from being told of', () => {
  const other = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const ofOther = leave(other.pid!, 'eth0', 'x', '20260102T030405Z');
    const ofThis = leave(process.pid, 'lo', 'x', '20260101T030405Z');
    expect(new KeptCaptures(folder).left().map(({ id }) => id)).toEqual([ofOther, ofThis]);
  } finally {
    other.kill();
  }
});

test('a place is made for a capture, whatever its title; it is this Workbench’s own until that ends', () => {
  const kept = new KeptCaptures(join(folder, 'deep', 'down'));
  const path = kept.place('root@host:eth0 · tcp port 80 and (../../etc/passwd)')!;
  writeFileSync(path, '');
  expect(readdirSync(join(folder, 'deep', 'down'))).toHaveLength(1);
  expect(statSync(join(folder, 'deep', 'down')).mode & 0o777).toBe(0o700);
  expect(kept.left()).toEqual([]);
});

test('only what is left can be asked for: no path leads elsewhere', () => {
  writeFileSync(join(folder, 'secret'), 'mine');
  const kept = new KeptCaptures(folder);
  const id = leave(gone(), 'lo');
  for (const name of ['secret', '../secret', '', '.', `../${folder}/secret`, `${id}/../secret`]) expect(kept.pathOf(name)).toBeUndefined();
  const path = kept.pathOf(id)!;
  expect(readFileSync(path, 'utf8')).toBe('x');
  kept.discard(path);
  expect(kept.left()).toEqual([]);
});

test('a folder that cannot be made, or is not there', () => {
  writeFileSync(join(folder, 'file'), '');
  const nowhere = new KeptCaptures(join(folder, 'file', 'captures'));
  expect(nowhere.place('lo')).toBeUndefined();
  expect(nowhere.left()).toEqual([]);
});

test('the folder is that of the XDG base directories', () => {
  expect(keptFolder({ XDG_STATE_HOME: '/var/state' })).toBe('/var/state/tcp-workbench/captures');
  expect(keptFolder({})).toMatch(/\/\.local\/state\/tcp-workbench\/captures$/);
});
