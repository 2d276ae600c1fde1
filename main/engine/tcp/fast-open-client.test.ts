import { expect, test } from 'vitest';
import { ip } from '../../wire/ip-address.ts';
import type { TcpOption } from '../../wire/segment.ts';
import { quote } from '../icmp/quoted.ts';
import type { SysctlSettings } from '../sysctls.ts';
import { octets } from '../testing/lab.ts';
import { HandPlayed } from '../testing/peer.ts';

const SERVER = { address: '10.0.0.2', port: 80 };
const mss = (size: number): TcpOption => ({ kind: 'mss', octets: size });
const SACK: TcpOption = { kind: 'sack-permitted' };
const cookie = (...values: number[]): TcpOption => ({ kind: 'fast-open', cookie: Uint8Array.from(values), experimental: false });

/** A program that opens fast, and the server it talks to, played by hand; `told` is how the call ended. */
class Opening {
  readonly peer: HandPlayed;
  told = 'it waits';
  fd = -1;

  constructor(sysctls: SysctlSettings = {}) {
    this.peer = new HandPlayed(sysctls);
  }

  /** A new connection whose SYN takes what it can of `length` octets. */
  sends(length: number, { waits = false } = {}): this {
    this.fd = this.peer.socket();
    this.told = 'it waits';
    this.peer.program.sendto(this.fd, new Uint8Array(length), waits ? ['MSG_FASTOPEN'] : ['MSG_FASTOPEN', 'MSG_DONTWAIT'], SERVER, (r) => {
      this.told = r.ok ? `${r.value}` : r.error.errno;
    });
    this.peer.waits(0);
    return this;
  }

  /** What the program's last SYN shows: its cookie, "asks", "asks as before" or "nothing". */
  get shown(): string {
    const option = this.peer.lastOptions().find(({ kind }) => kind === 'fast-open');
    if (option?.kind !== 'fast-open') return 'nothing';
    if (option.cookie.length > 0) return [...option.cookie].join(' ');
    return option.experimental ? 'asks as before' : 'asks';
  }

  /** The connection is closed by both sides. */
  ends(): this {
    this.peer.program.setsockopt(this.fd, 'SO_LINGER', { on: true, seconds: 0 }, () => {});
    this.peer.closes(this.fd).hears();
    return this;
  }

  /** A first connection brought the cookie 1 2 3 4, and a SYN,ACK with that MSS. */
  knowing(size = 1460): this {
    this.sends(0).peer.says('S.', { ack: 1, options: [mss(size), SACK, cookie(1, 2, 3, 4)] });
    return this.ends();
  }
}

const WITHOUT_COOKIE = { 'net.ipv4.tcp_fastopen': 5 };

test('what a blocked call has left takes the third ACK along', () => {
  const opening = new Opening(WITHOUT_COOKIE).sends(1900, { waits: true });
  expect(opening.peer.hears()).toEqual(['S 0:1420']);
  opening.peer.says('S.', { ack: 1421, options: [mss(1460)] });
  expect(opening.peer.hears()).toEqual(['P. 1421:1901 ack 1']);
  expect(opening.told).toBe('1900');
});

test('so does a write that waits for the handshake of a common connection', () => {
  const peer = new HandPlayed();
  const fd = peer.connects();
  peer.program.setNonBlocking(fd, false, () => {});
  peer.program.write(fd, octets('first words'), () => {});
  peer.says('S.', { ack: 1 });
  expect(peer.hears()).toEqual(['S', 'P. 1:12 ack 1']);
});

test('when the SYN took everything, nothing holds the third ACK back', () => {
  const opening = new Opening(WITHOUT_COOKIE).sends(700, { waits: true });
  opening.peer.says('S.', { ack: 701, options: [mss(1460)] });
  expect(opening.peer.hears()).toEqual(['S 0:700', '. ack 1']);
});

test('the MSS of the latest SYN,ACK bounds what the next SYN carries, 40 octets left for options', () => {
  const opening = new Opening().knowing(940);
  expect(opening.sends(2000).told).toBe('900');
  expect(opening.peer.hears()).toEqual(['S 0:900']);
  opening.peer.says('S.', { ack: 901, options: [mss(1240)] });
  expect(opening.ends().sends(2000).told).toBe('1200');
});

test('a cookie has an even length of 4 to 16 octets; of several the last counts; one that nobody asked for means nothing', () => {
  const opening = new Opening().knowing();
  const next = (...options: TcpOption[]): string => {
    opening.sends(10).peer.says('S.', { ack: 11, options: [mss(1460), ...options] });
    opening.ends().sends(10);
    const { shown } = opening;
    opening.ends();
    return shown;
  };
  expect(next()).toBe('1 2 3 4');
  expect(next(cookie(9, 9))).toBe('1 2 3 4');
  expect(next(cookie(9, 9, 9, 9, 9))).toBe('1 2 3 4');
  expect(next(cookie(...new Array<number>(18).fill(9)))).toBe('1 2 3 4');
  expect(next(cookie(5, 5, 5, 5), cookie(6, 6, 6, 6, 6, 6))).toBe('6 6 6 6 6 6');

  const without = new Opening(WITHOUT_COOKIE).sends(10);
  without.peer.says('S.', { ack: 11, options: [mss(1460), cookie(7, 7, 7, 7)] });
  without.peer.local.sysctls.set('net.ipv4.tcp_fastopen', 1);
  without.ends().sends(10);
  expect(without.shown).toBe('asks');
});

test('a server that gives no cookie is asked once with the option as it was before the RFC, then again with that of the RFC', () => {
  const opening = new Opening();
  const asked: string[] = [];
  for (let i = 0; i < 4; i++) {
    opening.sends(0);
    asked.push(opening.shown);
    opening.peer.says('S.', { ack: 1 });
    opening.ends();
  }
  expect(asked).toEqual(['asks', 'asks as before', 'asks', 'asks']);
});

test('a server that takes a part only gets the rest at once, in segments of its own MSS, and the window stays', () => {
  const opening = new Opening().knowing().sends(1420);
  opening.peer.hears();
  opening.peer.says('S.', { ack: 101, options: [mss(1000), SACK] });
  expect(opening.peer.hears()).toEqual(['. 101:1101 ack 1', 'P. 1101:1421 ack 1']);
  const info = opening.peer.tcpInfo(opening.fd);
  expect([info.tcpi_unacked, info.tcpi_retrans, info.tcpi_snd_cwnd]).toEqual([2, 2, 10]);
  expect(info.tcpi_options! & 32).toBe(0); // TCPI_OPT_SYN_DATA says that all was taken
});

test('a SYN,ACK that acknowledges more than the SYN carried is refused with a RST, and teaches nothing', () => {
  const opening = new Opening().knowing().sends(100);
  opening.peer.hears();
  opening.peer.says('S.', { ack: 5000, options: [mss(540), cookie(9, 9, 9, 9)] });
  expect(opening.peer.hears()).toEqual(['R 5000']);
  expect(opening.ends().sends(2000).told).toBe('1420');
  expect(opening.shown).toBe('1 2 3 4');
});

test('data of the SYN,ACK is taken, and acknowledged with the third segment', () => {
  const opening = new Opening().knowing().sends(5);
  opening.peer.hears();
  opening.peer.says('S.', { ack: 6, data: 'answer', options: [mss(1460)] });
  expect(opening.peer.hears()).toEqual(['. ack 7']);
  expect(opening.peer.reads(opening.fd)).toBe('answer');
});

test('so is its FIN: SYN-SENT > ESTABLISHED > CLOSE-WAIT with one segment', () => {
  const opening = new Opening().knowing().sends(5);
  opening.peer.says('SF.', { ack: 6, data: 'all there is', options: [mss(1460)] });
  expect(opening.peer.changes().slice(-2)).toEqual(['SYN-SENT syn-ack ESTABLISHED', 'ESTABLISHED fin CLOSE-WAIT']);
  expect([opening.peer.reads(opening.fd), opening.peer.reads(opening.fd)]).toEqual(['all there is', '']);
});

test('both ends open fast at once: the SYN data stays under way, and the SYN that came twice is reported', () => {
  const opening = new Opening().knowing().sends(5);
  opening.peer.hears();
  opening.peer.says('S', { data: 'crossing', options: [mss(1460), SACK] });
  expect(opening.peer.hears()).toEqual(['S. ack 1']); // their data is not taken
  opening.peer.says('S.', { ack: 6, options: [mss(1460), SACK] });
  expect(opening.peer.lastOptions().at(-1)).toEqual({ kind: 'sack', blocks: [{ left: 5000, right: 5001 }] });
  expect(opening.peer.hears()).toEqual(['. ack 1']);
});

test('a SYN with data that was too large for the path goes again without, and says how large it may be', () => {
  const opening = new Opening(WITHOUT_COOKIE).sends(1420);
  const [local, server] = [ip('10.0.0.1'), ip('10.0.0.2')];
  const original = quote({ src: local, dst: server, segment: opening.peer.lastSegment()! });
  opening.peer.hears();
  opening.peer.local.receive({ src: server, dst: local, icmp: { kind: 'unreachable', code: 4, mtu: 840, original } });
  opening.peer.waits(0);
  expect(opening.peer.lastOptions()[0]).toEqual(mss(800));
  expect(opening.peer.hears()).toEqual(['S']);
  opening.peer.says('S.', { ack: 1, options: [mss(1460)] });
  expect(opening.peer.hears()).toEqual(['. 1:801 ack 1', 'P. 801:1421 ack 1']);
});

test('shutdown() while connect() only noted where to: the socket is as new', () => {
  const { peer } = new Opening().knowing();
  const fd = peer.socket();
  peer.program.setsockopt(fd, 'TCP_FASTOPEN_CONNECT', 1, () => {});
  const outcomes: string[] = [];
  const told = (r: { readonly ok: boolean }): number => outcomes.push(r.ok ? 'ok' : 'failed');
  peer.program.connect(fd, SERVER, told);
  peer.program.shutdown(fd, 'SHUT_WR', told);
  peer.program.connect(fd, SERVER, told);
  expect(outcomes).toEqual(['ok', 'ok', 'ok']);
});

test('connect() to a server whose cookie is known only notes where to: a second one is EISCONN', () => {
  const { peer } = new Opening().knowing();
  const fd = peer.socket();
  peer.program.setsockopt(fd, 'TCP_FASTOPEN_CONNECT', 1, () => {});
  const outcomes: string[] = [];
  for (let i = 0; i < 2; i++) peer.program.connect(fd, SERVER, (r) => outcomes.push(r.ok ? 'ok' : r.error.errno));
  expect(outcomes).toEqual(['ok', 'EISCONN']);
});
