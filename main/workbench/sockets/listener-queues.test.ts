import { expect, test } from 'vitest';
import type { KernelSocketRecord } from '../../../preload/sockets.ts';
import { closest, synQueues } from './listener-queues.ts';

type Place = Pick<KernelSocketRecord, 'local' | 'v6Only' | 'interface'>;
const at = (address: string, more: Partial<Place> = {}): Place => ({
  local: { address, port: 80 },
  ...more,
});

/** How many of the half-open connections each listener is told of. */
const lengths = (listeners: readonly Place[], ...requests: readonly Place[]): readonly number[] => {
  const queues = synQueues(listeners, requests);
  return listeners.map((one) => queues.get(one)!.length);
};

test('a listener on the very address comes before one on all of them', () => {
  const listeners = [at('0.0.0.0'), at('192.0.2.1')];
  expect(lengths(listeners, at('192.0.2.1'), at('192.0.2.2'), at('192.0.2.2'))).toEqual([2, 1]);
});

test('one on every IPv6 address takes IPv4, unless it said not to, or one on every IPv4 address is there', () => {
  const mapped = at('::ffff:192.0.2.1');
  expect(lengths([at('::')], mapped, at('2001:db8::1'))).toEqual([2]);
  expect(lengths([at('::', { v6Only: true })], mapped, at('2001:db8::1'))).toEqual([1]);
  expect(lengths([at('::'), at('0.0.0.0')], at('192.0.2.1'))).toEqual([0, 1]);
});

test('one bound to an interface takes what comes there, and nothing else', () => {
  const listeners = [at('0.0.0.0', { interface: 'eth0' }), at('0.0.0.0')];
  expect(lengths(listeners, at('192.0.2.1', { interface: 'eth0' }), at('192.0.2.1'))).toEqual([1, 1]);
});

test('several in the same place are each told of all, and that they are not alone; other ports are others', () => {
  const listeners = [at('0.0.0.0'), at('0.0.0.0'), at('0.0.0.0', { local: { address: '0.0.0.0', port: 81 } })];
  const queues = synQueues(listeners, [at('192.0.2.1')]);
  expect(listeners.map((one) => queues.get(one))).toEqual([
    { length: 1, shared: true },
    { length: 1, shared: true },
    { length: 0, shared: false },
  ]);
});

test('a connection as packets have it finds the listener within IPv6, and none where nobody takes it', () => {
  const listeners = [at('::ffff:192.0.2.1'), at('0.0.0.0'), at('2001:db8::1')];
  expect(closest(listeners, at('192.0.2.1'))).toEqual([listeners[0]]);
  expect(closest(listeners, at('192.0.2.9'))).toEqual([listeners[1]]);
  expect(closest(listeners, at('2001:db8::9'))).toEqual([]);
});
