import { expect, test } from 'vitest';
import { HandPlayed } from '../testing/peer.ts';

const MINUTE = 60_000;

/** A client that knows the server's cookie, on a host that pauses for a minute at first. */
function careful(pause = 60): HandPlayed {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen_blackhole_timeout_sec': pause, 'net.ipv4.tcp_syn_retries': 2 });
  const { fd } = opens(peer);
  peer.says('S.', { ack: 1, options: [{ kind: 'fast-open', cookie: Uint8Array.of(1, 2, 3, 4), experimental: false }] });
  return peer.closesAbruptly(fd);
}

/** Opens fast with ten octets of data; gives the descriptor, and what the SYN was. */
function opens(peer: HandPlayed): { readonly fd: number; readonly syn: string | undefined } {
  const fd = peer.socket();
  peer.hears();
  peer.program.sendto(fd, new Uint8Array(10), ['MSG_FASTOPEN', 'MSG_DONTWAIT'], { address: '10.0.0.2', port: 80 }, () => {});
  peer.waits(0);
  return { fd, syn: peer.hears()[0] };
}

const pauses = (peer: HandPlayed): number => peer.local.counters.get('TCPFastOpenBlackhole');

/** Nobody answers until the host gives up. */
function isSwallowed(peer: HandPlayed): void {
  opens(peer);
  peer.waits(7000);
}

test('the third timeout in a row: for a while connections are opened without data, and each time for twice as long', () => {
  const peer = careful();
  isSwallowed(peer);
  expect(pauses(peer)).toBe(1);
  expect(opens(peer).syn).toBe('S');
  peer.waits(MINUTE);
  expect(opens(peer).syn).toBe('S 0:10');
  peer.waits(7000);
  expect(pauses(peer)).toBe(2);
  peer.waits(MINUTE);
  expect(opens(peer).syn).toBe('S');
  peer.waits(MINUTE);
  expect(opens(peer).syn).toBe('S 0:10');
});

test('a FIN beyond a gap and never any data: what lay between was swallowed', () => {
  const peer = careful();
  const { fd } = opens(peer);
  peer.says('S.', { ack: 11 }).says('F.', { seq: 500, ack: 11 });
  peer.closesAbruptly(fd);
  expect(pauses(peer)).toBe(1);
  expect(opens(peer).syn).toBe('S');
});

test('data that comes after a pause ends the doubling', () => {
  const peer = careful();
  isSwallowed(peer);
  peer.waits(MINUTE);
  const { fd } = opens(peer);
  peer.says('S.', { ack: 11 }).says('P.', { seq: 1, ack: 11, data: 'all is well' });
  peer.closesAbruptly(fd);
  isSwallowed(peer);
  peer.waits(MINUTE);
  expect(opens(peer).syn).toBe('S 0:10');
});

test('without net.ipv4.tcp_fastopen_blackhole_timeout_sec nobody pauses', () => {
  const peer = careful(0);
  isSwallowed(peer);
  expect([pauses(peer), opens(peer).syn]).toEqual([0, 'S 0:10']);
});
