import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TcpState } from '../tcp-model/states.ts';
import { transition } from '../tcp-model/transitions.ts';
import type { TcpOption } from '../wire/segment.ts';
import type { ConnectionSnapshot, HostSnapshot } from './snapshot.ts';
import type { SysctlSettings } from './sysctls.ts';
import { type Aim, type Hostile, hostile, packetOf } from './testing/hostile.ts';
import { established } from './testing/peer.ts';
import { type Circumstances, STANDINGS, type Standing, stateOf } from './testing/standing.ts';
import { makeCall, runBounded, type UserCall, userCall } from './testing/user-calls.ts';

/** Segments in all; FUZZ_RUNS=1000000 for a long night. */
const { FUZZ_RUNS = '40000', FUZZ_SEED } = process.env;
const SEGMENTS = Number(FUZZ_RUNS);
const STATES = Object.keys(STANDINGS) as TcpState[];
const PER_RUN = 15; // of 0 to 30

const TUNINGS: readonly SysctlSettings[] = [
  {},
  { 'net.ipv4.tcp_timestamps': 1, 'net.ipv4.tcp_fastopen': 0x607 },
  { 'net.ipv4.tcp_sack': 0, 'net.ipv4.tcp_window_scaling': 0, 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_rfc1337': 1 },
  { 'net.ipv4.tcp_abort_on_overflow': 1, 'net.ipv4.tcp_ecn': 1, 'net.ipv4.tcp_frto': 0, 'net.ipv4.tcp_rmem': [4096, 8192, 16_384] },
  { 'net.ipv4.tcp_timestamps': 1, 'net.ipv4.tcp_tw_reuse': 1, 'net.ipv4.tcp_early_retrans': 0, 'net.ipv4.tcp_moderate_rcvbuf': 0 },
];

const OFFERS: readonly (readonly TcpOption[])[] = [
  [],
  [{ kind: 'mss', octets: 1000 }],
  [
    { kind: 'mss', octets: 1460 },
    { kind: 'sack-permitted' },
    { kind: 'timestamps', value: 1, echo: 0 },
    { kind: 'window-scale', shift: 7 },
  ],
  [{ kind: 'mss', octets: 1 }, { kind: 'sack-permitted' }, { kind: 'window-scale', shift: 255 }],
];

/** First numbers: somewhere, just below the wrap, at it, and where signed arithmetic would turn over. */
const start = fc.constantFrom(5000, 0xffff_ffff, 0xffff_fff0, 0xffff_f000, 0, 0x7fff_ffff, 0x8000_0000);

const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  sysctls: fc.constantFrom(...TUNINGS),
  peerStart: start,
  localStart: start,
  options: fc.constantFrom(...OFFERS),
  ecn: fc.boolean(),
});

const attack = fc.array(fc.record({ hostile, call: userCall }), { maxLength: 2 * PER_RUN, size: 'max' });

const aimAt = ({ localPort, remotePort, sequence }: ConnectionSnapshot, stamp: number): Aim => ({
  localPort,
  remotePort,
  ...sequence,
  stamp,
});

/** Octets; a buffer may be made smaller than what waits in it. */
const MOST_QUEUED = 400_000;

/** What nobody outside may make grow. */
function isBounded(host: HostSnapshot): void {
  expect(host.connections.length + host.timeWait.length).toBeLessThan(40);
  for (const { queues, sequence, cwnd, rto, mss, timers } of host.connections) {
    expect(queues.receiveInOrder + queues.receiveOutOfOrder).toBeLessThanOrEqual(Math.max(queues.receiveBuffer, MOST_QUEUED));
    expect(queues.sendUnacked + queues.sendUnsent).toBeLessThanOrEqual(Math.max(queues.sendBuffer, MOST_QUEUED));
    expect(sequence.rcvWnd).toBeLessThanOrEqual(2 ** 30);
    expect((sequence.sndNxt - sequence.sndUna) | 0).toBeGreaterThanOrEqual(0);
    expect(cwnd).toBeGreaterThanOrEqual(1);
    expect(cwnd).toBeLessThan(1e6);
    expect(mss).toBeGreaterThan(0);
    expect(rto).toBeGreaterThanOrEqual(200e6);
    expect(rto).toBeLessThanOrEqual(120e9);
    expect(timers.length).toBeLessThan(9);
  }
  for (const { synQueue, acceptQueue, backlog } of host.listeners) {
    expect(synQueue.length).toBeLessThanOrEqual(backlog + 1);
    expect(acceptQueue.length).toBeLessThanOrEqual(backlog + 1);
  }
}

/** Plays the attack on one standing conversation; returns how many packets arrived. */
function endures({ peer, fds }: Standing, steps: readonly { hostile: Hostile; call: UserCall }[]): number {
  let arrived = 0;
  let aim: Aim = {
    localPort: 9502,
    remotePort: 4000,
    rcvNxt: peer.start + 1,
    rcvWnd: 65_535,
    sndUna: 1,
    sndNxt: 1,
    irs: peer.start,
    iss: 0,
    stamp: 0,
  };
  for (const step of steps) {
    const [host] = peer.engine.snapshot().hosts;
    isBounded(host!);
    const [connection] = host!.connections;
    const stamps = peer.lastOptions().find((option) => option.kind === 'timestamps');
    if (connection) aim = aimAt(connection, stamps?.value ?? aim.stamp);
    const packet = packetOf(step.hostile, aim);
    if (packet) {
      peer.local.receive(packet);
      arrived++;
    }
    runBounded(peer.engine, 0);
    const isOver = peer.local.connections.count === 0;
    peer.hears();
    makeCall(peer, fds, step.call);
    runBounded(peer.engine, 0);
    if (isOver && step.call.does !== 'connect') expect(peer.hears()).toEqual([]); // a connection that is gone says nothing
    expect(peer.engine.clock.pending).toBeLessThan(200);
  }
  return arrived;
}

/** The program ends, and in time everything else does. */
function comesToRest({ peer }: Standing): void {
  peer.program.exit();
  runBounded(peer.engine, 1e8);
  const { connections } = peer.local;
  expect({ open: connections.count, orphans: connections.orphans, timeWaits: connections.timeWaits }).toEqual({
    open: 0,
    orphans: 0,
    timeWaits: 0,
  });
  expect(peer.engine.clock.pending).toBe(0);
  expect(peer.local.counters.get('CurrEstab')).toBe(0);
  for (const e of peer.events) if (e.kind === 'state') expect(transition(e.from, e.trigger, e.to)).toBeDefined();
}

describe.each(STATES)('%s', (state) => {
  const ways = Object.entries(STANDINGS[state]);

  test.each(ways)('is where the conversation leads: %s', (_title, conversation) => {
    const options = OFFERS[2]!;
    for (const sysctls of TUNINGS) {
      const standing = conversation({ sysctls, peerStart: 0xffff_ffff, localStart: 0xffff_ffff, options, ecn: true });
      expect(stateOf(standing)).toBe(state);
    }
  });

  test('endures whatever arrives', () => {
    let arrived = 0;
    fc.assert(
      fc.property(fc.constantFrom(...ways), circumstances, attack, ([, conversation], about, steps) => {
        const standing = conversation(about);
        arrived += endures(standing, steps);
        comesToRest(standing);
      }),
      { numRuns: Math.ceil(SEGMENTS / STATES.length / PER_RUN), ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }) },
    );
    expect(arrived).toBeGreaterThan((SEGMENTS / STATES.length) * 0.7);
  }, 3_600_000);
});

describe('found so, once', () => {
  test('TCP_NODELAY and TCP_CORK do not bring a connection back that a RST ended with data unsent', () => {
    const { peer, fd } = established();
    peer.says('.', { seq: 1, ack: 1, window: 0 }).sends(fd, 'waits for the window').says('R', { seq: 1 }).hears();
    for (const [name, on] of [['TCP_CORK', 0] as const, ['TCP_NODELAY', 1] as const]) peer.program.setsockopt(fd, name, on, () => {});
    peer.waits(1e8);
    expect([peer.hears(), peer.engine.clock.pending]).toEqual([[], 0]);
  });

  test('TCP_QUICKACK sends no ACK that was owed when a RST came', () => {
    const { peer, fd } = established();
    peer.program.setsockopt(fd, 'TCP_QUICKACK', 0, () => {});
    peer.says('.', { seq: 1, ack: 1, data: 'x' });
    expect(peer.hears()).toEqual([]); // its ACK waits for company
    peer.says('R', { seq: 2 });
    peer.program.setsockopt(fd, 'TCP_QUICKACK', 1, () => {});
    expect(peer.waits(0).hears()).toEqual([]);
  });
});
