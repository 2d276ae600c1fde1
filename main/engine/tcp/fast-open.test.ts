import { describe, expect, test } from 'vitest';
import { ip } from '../../wire/ip-address.ts';
import { ms } from '../../wire/units.ts';
import { quote } from '../icmp/quoted.ts';
import { Lab, type Outcome, octets, text } from '../testing/lab.ts';
import { HandPlayed } from '../testing/peer.ts';

const SERVER = { address: '10.0.0.2', port: 9502 };

/** Two hosts 50 ms apart; both allow Fast Open unless told otherwise, and the server's listener asks for it. */
function opening({ client = 1, server = 3, queue = 5 } = {}): { lab: Lab; listener: number } {
  const lab = new Lab({
    cable: { delay: ms(50) },
    clientSysctls: { 'net.ipv4.tcp_fastopen': client },
    serverSysctls: { 'net.ipv4.tcp_fastopen': server },
  });
  const listener = lab.listening();
  if (queue > 0) lab.value<void>((done) => lab.b.setsockopt(listener, 'TCP_FASTOPEN', queue, done));
  return { lab, listener };
}

function sends(lab: Lab, words: string): { fd: number; outcome: Outcome<number> } {
  const fd = lab.socket(lab.a);
  const outcome = lab.call<number>((done) => lab.a.sendto(fd, octets(words), ['MSG_FASTOPEN'], SERVER, done));
  return { fd, outcome };
}

/** Asks for a cookie with a first connection, and closes it. */
function withCookie(options?: Parameters<typeof opening>[0]): ReturnType<typeof opening> {
  const made = opening(options);
  const { fd } = sends(made.lab, 'first');
  made.lab.run(300);
  made.lab.value<void>((done) => made.lab.a.close(fd, done));
  made.lab.value((done) => made.lab.b.accept(made.listener, done));
  made.lab.run(300);
  made.lab.forget();
  return made;
}

const count = (lab: Lab, host: 'client' | 'server', name: 'TCPFastOpenActive' | 'TCPFastOpenPassive' | 'TCPFastOpenActiveFail'): number =>
  lab[host].counters.get(name);

test('the first connection asks for a cookie and is a common one; its data goes after the handshake', () => {
  const { lab } = opening();
  const { outcome } = sends(lab, 'hello');
  lab.run(1000);
  expect(lab.errno(outcome)).toBe('ok');
  expect(outcome.at).toBe(100);
  expect(lab.sent().slice(0, 4)).toEqual(['client S', 'server S. ack 1', 'client P. 1:6 ack 1', 'server . ack 6']);
  expect(lab.client.fastOpenMemory.cookieOf(ip(SERVER.address))?.octets.length).toBe(8);
});

test('with the cookie data rides on the SYN, and the server reads it before the third segment: one round trip saved', () => {
  const { lab, listener } = withCookie();
  const began = lab.engine.now / 1e6;
  const { outcome } = sends(lab, 'hello');
  const accepted = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
  expect(text(lab.value<Uint8Array>((done) => lab.b.recv(accepted.fd, 100, [], done)))).toBe('hello');
  expect(lab.engine.now / 1e6 - began).toBe(50);
  lab.value<number>((done) => lab.b.send(accepted.fd, octets('answer'), [], done));
  expect(lab.states('server').at(-1)).toBe('server LISTEN > SYN-RECEIVED (syn)'); // the answer left before the handshake was over
  lab.run(300);
  expect(lab.sent().slice(0, 3)).toEqual(['client S 0:5', 'server S. ack 6', 'server P. 1:7 ack 6']);
  expect(lab.states().slice(-2).join()).toContain('ESTABLISHED');
  expect(lab.errno(outcome)).toBe('ok');
  expect((outcome.at ?? 0) - began).toBe(100); // a blocking call waits for the handshake, as on Linux, though the data is long there
  expect([count(lab, 'client', 'TCPFastOpenActive'), count(lab, 'server', 'TCPFastOpenPassive')]).toEqual([1, 1]);
});

test('a server that no longer knows the cookie acknowledges the SYN only; the data is sent again at once', () => {
  const { lab, listener } = withCookie();
  lab.value<void>((done) =>
    lab.b.setsockopt(
      listener,
      'TCP_FASTOPEN_KEY',
      Uint8Array.from({ length: 16 }, (_, i) => i),
      done,
    ),
  );
  sends(lab, 'hello');
  lab.run(300);
  expect(lab.sent().slice(0, 3)).toEqual(['client S 0:5', 'server S. ack 1', 'client P. 1:6 ack 1']);
  expect(count(lab, 'client', 'TCPFastOpenActiveFail')).toBe(1);
  const accepted = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
  expect(text(lab.value<Uint8Array>((done) => lab.b.recv(accepted.fd, 100, [], done)))).toBe('hello');
  sends(lab, 'again'); // the SYN,ACK brought a new cookie
  lab.run(300);
  expect(count(lab, 'client', 'TCPFastOpenActive')).toBe(1);
});

test('TCP_FASTOPEN_CONNECT: connect returns at once, the first write opens', () => {
  const { lab } = withCookie();
  const fd = lab.socket(lab.a);
  lab.value<void>((done) => lab.a.setsockopt(fd, 'TCP_FASTOPEN_CONNECT', 1, done));
  const connected = lab.call<void>((done) => lab.a.connect(fd, SERVER, done));
  expect(lab.errno(connected)).toBe('ok');
  lab.run(500);
  expect(lab.sent()).toEqual([]);
  lab.value<number>((done) => lab.a.send(fd, octets('now'), [], done));
  lab.run(500);
  expect(lab.sent()[0]).toBe('client S 0:3');
});

describe('tcp_fastopen', () => {
  test('bit 1: without it a client may not', () => {
    const { lab } = opening({ client: 2 });
    expect(lab.errno(sends(lab, 'hello').outcome)).toBe('EOPNOTSUPP');
  });

  test('bit 2: without it a server grants nothing', () => {
    const { lab } = opening({ server: 1 });
    sends(lab, 'hello');
    lab.run(500);
    expect(lab.client.fastOpenMemory.cookieOf(ip(SERVER.address))).toBeUndefined();
  });

  test('bit 4 at the client and 0x200 at the server: data without any cookie; 0x400 every listener', () => {
    const { lab, listener } = opening({ client: 5, server: 0x603, queue: 0 });
    sends(lab, 'hello');
    const accepted = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
    expect(lab.engine.now / 1e6).toBe(50);
    expect(text(lab.value<Uint8Array>((done) => lab.b.recv(accepted.fd, 100, [], done)))).toBe('hello');
  });

  test('a listener without TCP_FASTOPEN does not take part', () => {
    const { lab } = opening({ queue: 0 });
    sends(lab, 'hello');
    lab.run(500);
    expect(lab.client.fastOpenMemory.cookieOf(ip(SERVER.address))).toBeUndefined();
  });
});

/** A server that takes data without cookies, and a client played by hand whose SYN brings some. */
function fastPeer(): { peer: HandPlayed; listener: number } {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 0x203 });
  const listener = peer.listens();
  peer.program.setsockopt(listener, 'TCP_FASTOPEN', 1, () => {});
  peer.says('S', { data: 'hi' });
  return { peer, listener };
}

test('the length of TCP_FASTOPEN bounds how many may wait for their third segment', () => {
  const { peer } = fastPeer();
  peer.hears();
  peer.from(4001).says('S', { data: 'hi' });
  expect(peer.hears()).toEqual(['S. ack 1']);
  expect(peer.local.counters.get('TCPFastOpenListenOverflow')).toBe(1);
});

test('SYN-RECEIVED > FIN-WAIT-1: closed before the third segment came', () => {
  const { peer, listener } = fastPeer();
  const fd = peer.accepts(listener);
  expect(peer.reads(fd)).toBe('hi');
  peer.closes(fd);
  expect(peer.hears()).toEqual(['S. ack 3', 'F. 1 ack 3']);
  expect(peer.changes().slice(-2)).toEqual(['LISTEN syn SYN-RECEIVED', 'SYN-RECEIVED close FIN-WAIT-1']);
  peer.says('.', { seq: 3, ack: 2 }).waits(5000);
  expect(peer.hears()).toEqual([]); // no SYN,ACK again
  expect(peer.changes().at(-1)).toBe('FIN-WAIT-1 ack-of-fin FIN-WAIT-2');
});

test('a RST before the third segment: whoever accepted learns of it', () => {
  const { peer, listener } = fastPeer();
  const fd = peer.accepts(listener);
  peer.reads(fd);
  peer.says('R', { seq: 3 });
  expect(peer.reads(fd)).toBe('ECONNRESET');
});

test('both ends open at once: what the SYN carried is not lost', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 5 });
  const fd = peer.socket();
  peer.program.sendto(fd, octets('early'), ['MSG_FASTOPEN'], { address: '10.0.0.2', port: 80 }, () => {});
  peer.waits(0);
  expect(peer.hears()).toEqual(['S 0:5']);
  peer.says('S');
  expect(peer.hears()).toEqual(['S. ack 1']);
  peer.says('S.', { ack: 1 }); // not what completes it: what is under way is more than that
  peer.says('.', { seq: 1, ack: 1 });
  expect(peer.hears()).toEqual(['. ack 1']);
  peer.waits(300);
  expect(peer.hears()).toEqual(['P. 1:6 ack 1']);
});

test('the option ends on a whole word, and is written as the client wrote it (RFC 7413 appendix A)', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 3 });
  const listener = peer.listens();
  peer.program.setsockopt(listener, 'TCP_FASTOPEN', 5, () => {});
  const asked = (experimental: boolean) => ({ options: [{ kind: 'fast-open', cookie: new Uint8Array(0), experimental }] as const });
  peer.says('S', asked(false));
  expect(peer.lastOptions().map(({ kind }) => kind)).toEqual(['mss', 'fast-open', 'nop', 'nop']);
  peer.from(4001).says('S', asked(true));
  expect(peer.lastOptions().map(({ kind }) => kind)).toEqual(['mss', 'fast-open']);
  expect(peer.lastOptions().at(-1)).toMatchObject({ experimental: true });
});

test('without a cookie needed and a server never seen, as much data goes as the link allows', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 5 });
  const fd = peer.socket();
  peer.program.sendto(fd, new Uint8Array(2000), ['MSG_FASTOPEN', 'MSG_DONTWAIT'], { address: '10.0.0.2', port: 80 }, () => {});
  peer.waits(0);
  expect(peer.hears()).toEqual(['S 0:1420']);
});

/** The program has sent with its SYN, without a cookie; the peer has not answered. */
function early(data: string): { peer: HandPlayed; fd: number; again: (words: string) => string } {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 5 });
  const fd = peer.socket();
  const again = (words: string): string => {
    let told = 'it waits';
    peer.program.sendto(fd, octets(words), ['MSG_FASTOPEN', 'MSG_DONTWAIT'], { address: '10.0.0.2', port: 80 }, (result) => {
      told = result.ok ? `${result.value}` : result.error.errno;
    });
    peer.waits(0);
    return told;
  };
  again(data);
  peer.hears();
  return { peer, fd, again };
}

test('data the server did not take goes again at once, and takes the ACK along', () => {
  const { peer } = early('early');
  peer.says('S.', { ack: 1 });
  expect(peer.hears()).toEqual(['P. 1:6 ack 1']);
});

test('MSG_FASTOPEN while the handshake lasts is EALREADY, and after it means nothing', () => {
  const { peer, again } = early('early');
  expect(again('more')).toBe('EALREADY');
  peer.says('S.', { ack: 6 });
  expect(peer.hears()).toEqual(['. ack 1']);
  expect(again('more')).toBe('4');
  expect(peer.hears()).toEqual(['P. 6:10 ack 1']);
});

test('a read before the first write of TCP_FASTOPEN_CONNECT finds a socket that is connecting', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 5 });
  const fd = peer.socket();
  peer.program.setsockopt(fd, 'TCP_FASTOPEN_CONNECT', 1, () => {});
  peer.program.connect(fd, { address: '10.0.0.2', port: 80 }, () => {});
  expect(peer.reads(fd)).toBe('EAGAIN');
});

test('an ICMP error before accept() ends it; its data can still be read, and then the error', () => {
  const { peer, listener } = fastPeer();
  unreachable(peer);
  const fd = peer.accepts(listener);
  expect([peer.reads(fd), peer.reads(fd), peer.reads(fd)]).toEqual(['hi', 'EHOSTUNREACH', '']);
  peer.hears();
  peer.says('.', { seq: 3, ack: 1 });
  expect(peer.hears()).toEqual(['R 1']);
});

test('after accept() it is a connection like any other, and an ICMP error only a rumour', () => {
  const { peer, listener } = fastPeer();
  const fd = peer.accepts(listener);
  unreachable(peer);
  expect([peer.reads(fd), peer.reads(fd)]).toEqual(['hi', 'EAGAIN']);
});

test('the window that the SYN gave counts from behind the SYN,ACK', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_fastopen': 0x203 });
  const listener = peer.listens();
  peer.program.setsockopt(listener, 'TCP_FASTOPEN', 1, () => {});
  peer.says('S', { data: 'hi', window: 1000 });
  const fd = peer.accepts(listener);
  peer.hears();
  peer.sends(fd, 'x'.repeat(1000));
  expect(peer.hears()).toEqual(['. 1:537 ack 3', 'P. 537:1001 ack 3']);
});

/** A router says that the host cannot reach the peer, about the SYN,ACK just sent. */
function unreachable(peer: HandPlayed): void {
  const [local, far] = [ip('10.0.0.1'), ip('10.0.0.2')];
  const original = quote({ src: local, dst: far, segment: peer.lastSegment()! });
  peer.local.receive({ src: far, dst: local, icmp: { kind: 'unreachable', code: 1, original } });
}
