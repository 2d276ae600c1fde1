import fc from 'fast-check';
import { ms } from '../../wire/units.ts';
import type { SettableValue } from '../sockets/option.ts';
import { Poll } from '../sockets/poll-events.ts';
import type { HandPlayed } from './peer.ts';

const options: fc.Arbitrary<readonly [string, SettableValue]> = fc.constantFrom<readonly [string, SettableValue]>(
  ['TCP_NODELAY', 1],
  ['TCP_CORK', 1],
  ['TCP_CORK', 0],
  ['TCP_QUICKACK', 1],
  ['TCP_QUICKACK', 0],
  ['TCP_DEFER_ACCEPT', 1],
  ['TCP_USER_TIMEOUT', 2000],
  ['TCP_KEEPIDLE', 2],
  ['TCP_KEEPINTVL', 1],
  ['TCP_KEEPCNT', 2],
  ['TCP_LINGER2', -1],
  ['TCP_LINGER2', 5],
  ['TCP_NOTSENT_LOWAT', 1000],
  ['TCP_WINDOW_CLAMP', 2000],
  ['TCP_MAXSEG', 100],
  ['TCP_CONGESTION', 'reno'],
  ['SO_KEEPALIVE', 1],
  ['SO_KEEPALIVE', 0],
  ['SO_LINGER', { on: true, seconds: 0 }],
  ['SO_LINGER', { on: true, seconds: 3 }],
  ['SO_LINGER', { on: false, seconds: 0 }],
  ['SO_OOBINLINE', 1],
  ['SO_OOBINLINE', 0],
  ['SO_RCVBUF', 0],
  ['SO_RCVBUF', 10_000],
  ['SO_SNDBUF', 0],
  ['SO_SNDBUF', 100_000],
  ['SO_RCVLOWAT', 5000],
  ['SO_REUSEADDR', 1],
);

/** Something the program does between two segments, or time that passes. */
export const userCall = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ does: 'nothing' as const }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('send' as const), octets: fc.constantFrom(0, 1, 700, 5000, 70_000) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('recv' as const), octets: fc.constantFrom(0, 1, 100, 70_000) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.constantFrom(1, 40, 250, 1100, 7000, 61_000) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('option' as const), option: options }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<{ readonly does: PlainCall }>(
      { does: 'oob' },
      { does: 'recv-oob' },
      { does: 'peek' },
      { does: 'look' },
      { does: 'more' },
      { does: 'accept' },
      { does: 'connect' },
      { does: 'listen' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<{ readonly does: PlainCall }>(
      { does: 'shutdown-write' },
      { does: 'shutdown-read' },
      { does: 'shutdown-both' },
      { does: 'close' },
      { does: 'close-listener' },
      { does: 'cookies' },
    ),
  },
);
type PlainCall =
  | 'oob'
  | 'recv-oob'
  | 'peek'
  | 'look'
  | 'more'
  | 'accept'
  | 'connect'
  | 'listen'
  | 'shutdown-write'
  | 'shutdown-read'
  | 'shutdown-both'
  | 'close'
  | 'close-listener'
  | 'cookies';
export type UserCall = typeof userCall extends fc.Arbitrary<infer T> ? T : never;

const IGNORED = (): void => {};

/** Makes one call on the first of the descriptors (the last is the listener's, where there is one); calls that wait stay parked. */
export function makeCall({ program, engine, local }: HandPlayed, fds: number[], call: UserCall): void {
  const fd = fds[0] ?? 3;
  switch (call.does) {
    case 'nothing':
      break;
    case 'wait':
      runBounded(engine, call.ms);
      break;
    case 'send':
      program.send(fd, new Uint8Array(call.octets), ['MSG_DONTWAIT', 'MSG_NOSIGNAL'], IGNORED);
      break;
    case 'more':
      program.send(fd, new Uint8Array(20), ['MSG_DONTWAIT', 'MSG_NOSIGNAL', 'MSG_MORE'], IGNORED);
      break;
    case 'oob':
      program.send(fd, new Uint8Array(3), ['MSG_DONTWAIT', 'MSG_NOSIGNAL', 'MSG_OOB'], IGNORED);
      break;
    case 'recv':
      program.recv(fd, call.octets, ['MSG_DONTWAIT'], IGNORED);
      break;
    case 'recv-oob':
      program.recv(fd, 1, ['MSG_DONTWAIT', 'MSG_OOB'], IGNORED);
      break;
    case 'peek':
      program.recv(fd, 100, ['MSG_DONTWAIT', 'MSG_PEEK'], IGNORED);
      break;
    case 'option':
      program.setsockopt(fd, call.option[0], call.option[1], IGNORED);
      break;
    case 'look':
      program.tcpInfo(fd, IGNORED);
      for (const what of ['SIOCINQ', 'SIOCOUTQ', 'SIOCATMARK'] as const) program.ioctl(fd, what, IGNORED);
      program.socketError(fd, IGNORED);
      program.poll([{ fd, events: Poll.IN | Poll.OUT | Poll.PRI | Poll.RDHUP }], 0, IGNORED);
      break;
    case 'accept':
      program.setNonBlocking(fds.at(-1) ?? 3, true, IGNORED);
      program.accept(fds.at(-1) ?? 3, (result) => {
        if (result.ok) fds.unshift(result.value.fd);
      });
      break;
    case 'connect':
      program.setNonBlocking(fd, true, IGNORED);
      program.connect(fd, { address: '10.0.0.2', port: 80 }, IGNORED);
      break;
    case 'listen':
      program.listen(fd, 2, IGNORED);
      break;
    case 'shutdown-write':
      program.shutdown(fd, 'SHUT_WR', IGNORED);
      break;
    case 'shutdown-read':
      program.shutdown(fd, 'SHUT_RD', IGNORED);
      break;
    case 'shutdown-both':
      program.shutdown(fd, 'SHUT_RDWR', IGNORED);
      break;
    case 'close':
      fds.shift();
      program.close(fd, IGNORED);
      break;
    case 'close-listener':
      program.close(fds.pop() ?? 3, IGNORED);
      break;
    case 'cookies':
      local.sysctls.set('net.ipv4.tcp_syncookies', 2);
  }
}

/** More events than any honest engine needs for it; beyond that it runs in circles. */
const MOST_EVENTS = 20_000;

/** Lets time pass, and throws where the engine would never come to its end. */
export function runBounded(engine: HandPlayed['engine'], milliseconds: number): void {
  const until = engine.now + ms(milliseconds);
  for (let i = 0; (engine.nextEventAt() ?? Infinity) <= until; i++) {
    if (i >= MOST_EVENTS) throw new Error(`more than ${MOST_EVENTS} events within ${milliseconds} ms`);
    engine.step();
  }
  engine.clock.advanceTo(until as typeof engine.now);
}
