import { describe, expect, test } from 'vitest';
import { ms, nanos, seconds } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import type { EngineSnapshot } from '../snapshot.ts';
import { Calls } from '../testing/calls.ts';
import { Lab, octets } from '../testing/lab.ts';
import { IdMap } from './id-map.ts';
import { Versions } from './versions.ts';

const stateOf = (snapshot: EngineSnapshot, host: string): string[] =>
  snapshot.hosts.find(({ name }) => name === host)?.connections.map(({ state }) => state) ?? [];

describe('a recording', () => {
  test('shows both ends at every step of a life', () => {
    const lab = new Lab();
    const listener = lab.listening(1);
    const recording = lab.engine.record();
    const begin = recording.length;
    const { fd: c } = lab.connecting();
    recording.mark();
    const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
    const all = Array.from({ length: recording.length - begin }, (_, i) => recording.snapshot(begin + 1 + i));
    expect(all.map((moment) => [...stateOf(moment, 'client'), ...stateOf(moment, 'server')].join(' | '))).toEqual([
      'SYN-SENT',
      'SYN-SENT | SYN-RECEIVED',
      'ESTABLISHED | SYN-RECEIVED',
      'ESTABLISHED | SYN-RECEIVED', // the program wakes
      'ESTABLISHED | ESTABLISHED',
      'ESTABLISHED | ESTABLISHED',
    ]);
    const queues = all.map(({ hosts }) => hosts[1]!.listeners[0]!).map((one) => `${one.synQueue.length} ${one.acceptQueue.length}`);
    expect(queues).toEqual(['0 0', '1 0', '1 0', '1 0', '0 1', '0 0']);
    lab.a.close(c, () => {});
    lab.b.close(s, () => {});
    lab.settle();
    expect(recording.snapshot(recording.length)).toEqual(lab.engine.snapshot());
    expect(recording.snapshot(begin + 3)).toEqual(all[2]);
  });

  test('is asked for a time as well as for a step', () => {
    const lab = new Lab({ cable: { delay: ms(10) } });
    const recording = lab.engine.record();
    lab.connected();
    const at = (milliseconds: number): string[] => stateOf(recording.snapshot(recording.stepAt(ms(milliseconds))), 'client');
    expect([at(0), at(10), at(19.999), at(20), at(1000)]).toEqual([[], ['SYN-SENT'], ['SYN-SENT'], ['ESTABLISHED'], ['ESTABLISHED']]);
  });

  test('knows sockets of every kind, their owners and descriptors', () => {
    const engine = new Engine({ seed: 1 });
    const host = engine.host({ name: 'one', addresses: ['10.0.0.1/24'] });
    const recording = engine.record();
    const calls = new Calls(engine);
    const first = host.process('first');
    const second = host.process('second');
    const seen: EngineSnapshot[] = [];
    const now = (): void => {
      recording.mark();
      seen[recording.length] = engine.snapshot();
    };
    const udp = calls.value<number>((done) => first.socket('AF_INET', 'SOCK_DGRAM', done));
    now();
    calls.value<void>((done) => first.bind(udp, { address: '10.0.0.1', port: 53 }, done));
    now();
    const asks = calls.value<number>((done) => second.socket('AF_INET', 'SOCK_DGRAM', done));
    calls.value<number>((done) => second.sendto(asks, octets('who?'), [], { address: '10.0.0.1', port: 53 }, done));
    now();
    engine.runFor(ms(1));
    now();
    const [left, right] = calls.value<readonly [number, number]>((done) => first.socketpair('AF_UNIX', 'SOCK_STREAM', done));
    calls.value<number>((done) => first.send(left, octets('hello'), [], done));
    now();
    calls.value<void>((done) => first.close(left, done));
    now();
    const idle = calls.value<number>((done) => first.socket('AF_INET', 'SOCK_STREAM', done));
    const other = calls.value<number>((done) => first.dup(idle, done));
    calls.value<void>((done) => first.close(idle, done));
    now();
    calls.value<void>((done) => first.listen(other, 3, done));
    calls.value<number>((done) => first.dup2(right, other, done));
    now();
    const third = engine.host({ name: 'late', addresses: ['10.0.0.3/24'] });
    third.process('p').socket('AF_INET6', 'SOCK_STREAM', () => {});
    now();
    expect(seen.at(-1)!.hosts.map(({ name, idleSockets }) => `${name} ${idleSockets.length}`)).toEqual(['one 0', 'late 1']);
    for (const [step, snapshot] of seen.entries()) if (snapshot) expect(recording.snapshot(step)).toEqual(snapshot);
  });

  test('keeps to its limit: the older a moment, the fewer of its neighbours are known', () => {
    const lab = new Lab({ cable: { delay: ms(1), loss: 0.02 } });
    const limit = 300_000;
    const { c, s } = lab.connected();
    const recording = lab.engine.record({ limit });
    const seen: EngineSnapshot[] = [];
    let read = 0;
    const reads = (): void =>
      lab.b.recv(s, 5000, [], (result) => {
        read += result.ok ? result.value.length : 0;
        if (read < 2_000_000) reads();
      });
    reads();
    const writes = (): void => lab.a.send(c, new Uint8Array(5000), [], () => read < 2_000_000 && lab.engine.clock.after(ms(1), writes));
    writes();
    while (read < 2_000_000 && lab.engine.step()) {
      expect(recording.octets).toBeLessThanOrEqual(limit);
      seen[recording.length] = lab.engine.snapshot();
    }
    expect(recording.length).toBeGreaterThan(2500);
    expect(recording.moments).toBeLessThan(1000);
    for (let step = 1; step <= recording.length; step += 7) {
      const moment = recording.momentAt(step);
      expect(moment.step).toBeLessThanOrEqual(step);
      if (seen[moment.step]) expect(recording.snapshot(step)).toEqual(seen[moment.step]);
    }
    expect(recording.momentAt(recording.length).step).toBe(recording.length);
    expect(recording.momentAt(0).step).toBe(0);
  });

  test('forgets no listener’s queue and no TIME-WAIT in a crowd', () => {
    const lab = new Lab({ cable: { delay: ms(1) }, serverSysctls: { 'net.ipv4.tcp_syncookies': 0 } });
    lab.listening(4);
    const recording = lab.engine.record();
    const seen: EngineSnapshot[] = [];
    const fds = Array.from({ length: 12 }, () => lab.connecting().fd);
    for (let i = 0; i < 400 && lab.engine.step(); i++) {
      if (i === 40) for (const fd of fds.slice(0, 6)) lab.a.close(fd, () => {});
      seen[recording.length] = lab.engine.snapshot();
    }
    for (const [step, snapshot] of seen.entries()) if (snapshot && step !== 41) expect(recording.snapshot(step)).toEqual(snapshot);
  });

  test('disturbs nothing: the run is the same, octet for octet', () => {
    const run = (records: boolean): string => {
      const lab = new Lab({ seed: 5, cable: { delay: ms(3), jitter: ms(2), loss: 0.1, reordering: 0.1 } });
      if (records) lab.engine.record({ limit: 50_000 });
      const { c, s } = lab.connected();
      const trace: string[] = [];
      const stop = lab.engine.tap(lab.cable, ({ data, seconds: at, nanoseconds }) => trace.push(`${at} ${nanoseconds} ${data.join()}`));
      lab.a.send(c, new Uint8Array(30_000), [], () => {});
      lab.b.recv(s, 30_000, ['MSG_WAITALL'], () => lab.b.close(s, () => {}));
      lab.engine.runFor(seconds(20));
      stop();
      return trace.join('\n');
    };
    expect(run(true)).toBe(run(false));
  });

  test('ends when it is told to', () => {
    const lab = new Lab();
    const recording = lab.engine.record();
    lab.connected();
    const { length } = recording;
    recording.stop();
    lab.run(100);
    lab.engine.host({ name: 'new', addresses: ['10.0.0.9/24'] });
    expect([recording.length, recording.mark()]).toEqual([length, length]);
    expect(recording.snapshot(length).hosts).toHaveLength(2);
    expect(lab.client.recorder).toBeUndefined();
  });
});

describe('what it is made of', () => {
  test('a map of another moment is another map', () => {
    let map: IdMap<string> = IdMap.EMPTY;
    const before = map;
    for (let key = 0; key < 5000; key += 7) map = map.with(key, `${key}`);
    const full = map;
    for (let key = 0; key < 5000; key += 14) map = map.without(key);
    expect([before.size, full.size, map.size]).toEqual([0, 715, 357]);
    expect(full.values().slice(0, 3)).toEqual(['0', '7', '14']);
    expect(map.values().slice(0, 3)).toEqual(['7', '21', '35']);
    expect([map.get(14), map.get(21), full.get(14), map.get(1e6)]).toEqual([undefined, '21', '14', undefined]);
  });

  test('versions: a look between two of them shows the one before', () => {
    const versions = new Versions<string>(1);
    for (const [step, value] of [
      [3, 'a'],
      [5, 'b'],
      [5, 'c'],
      [9, 'd'],
    ] as const)
      versions.add(step, value);
    expect([2, 3, 4, 5, 8, 9, 99].map((step) => versions.at(step))).toEqual([undefined, 'a', 'a', 'c', 'c', 'd', 'd']);
    versions.thin([0, 4, 9]);
    expect([4, 9].map((step) => versions.at(step))).toEqual(['a', 'd']);
    expect(versions.length).toBe(2);
    versions.end = 11;
    expect(versions.thin([2, 20])).toBe(false);
    expect(nanos(0)).toBe(0);
  });
});
