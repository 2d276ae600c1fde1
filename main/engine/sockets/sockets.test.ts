import { describe, expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import { Lab, octets, text } from '../testing/lab.ts';
import { established } from '../testing/peer.ts';

const at = (port: number, address = '10.0.0.2') => ({ address, port });

describe('bind', () => {
  test('a port somebody holds is EADDRINUSE, an address that is not here EADDRNOTAVAIL, a second bind EINVAL', () => {
    const lab = new Lab();
    lab.listening();
    const fd = lab.socket(lab.b);
    expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, at(9502), done)))).toBe('EADDRINUSE');
    expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, at(9502, '0.0.0.0'), done)))).toBe('EADDRINUSE');
    expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, at(80, '192.0.2.1'), done)))).toBe('EADDRNOTAVAIL');
    expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, at(80), done)))).toBe('ok');
    expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, at(81), done)))).toBe('EINVAL');
  });

  test('a server that comes back finds its port taken by TIME-WAIT, unless both lives said SO_REUSEADDR', () => {
    for (const reuse of [0, 1]) {
      const lab = new Lab();
      const serve = (): string => {
        const fd = lab.socket(lab.b);
        lab.value<void>((done) => lab.b.setsockopt(fd, 'SO_REUSEADDR', reuse, done));
        const bound = lab.call<void>((done) => lab.b.bind(fd, at(9502), done));
        if (bound.result?.ok) lab.value<void>((done) => lab.b.listen(fd, 5, done));
        return `${lab.errno(bound)} ${fd}`;
      };
      const listener = Number(serve().split(' ')[1]);
      lab.connecting();
      const { fd } = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
      lab.value<void>((done) => lab.b.close(fd, done)); // the server closes first and keeps TIME-WAIT
      lab.run(50);
      lab.a.exit();
      lab.run(50);
      lab.value<void>((done) => lab.b.close(listener, done));
      expect(lab.state(lab.server)).toBe('TIME-WAIT');
      expect(serve()).toMatch(reuse ? /^ok/ : /^EADDRINUSE/);
    }
  });

  test('port 0 asks for a free one, and two askers get different ones', () => {
    const lab = new Lab();
    const ports = [1, 2].map(() => {
      const fd = lab.socket(lab.b);
      lab.value<void>((done) => lab.b.bind(fd, at(0), done));
      return lab.value<{ port: number }>((done) => lab.b.getsockname(fd, done)).port;
    });
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(32_768);
  });
});

describe('connect', () => {
  test('when every ephemeral port is taken, EADDRNOTAVAIL', () => {
    const lab = new Lab({ clientSysctls: { 'net.ipv4.ip_local_port_range': [40_000, 40_002] } });
    lab.listening();
    const outcomes = [1, 2, 3, 4].map(() => lab.connecting().outcome);
    lab.run(100);
    expect(outcomes.map((outcome) => lab.errno(outcome))).toEqual(['ok', 'ok', 'ok', 'EADDRNOTAVAIL']);
  });

  test('without waiting it says EINPROGRESS, then EALREADY, then how it went', () => {
    const lab = new Lab();
    lab.listening();
    const fd = lab.socket(lab.a);
    lab.value<void>((done) => lab.a.setNonBlocking(fd, true, done));
    const connect = (): string => lab.errno(lab.call<void>((done) => lab.a.connect(fd, at(9502), done)));
    expect([connect(), connect()]).toEqual(['EINPROGRESS', 'EALREADY']);
    lab.run(50);
    expect([connect(), connect()]).toEqual(['ok', 'EISCONN']);
  });

  test('a listening socket does not connect, whatever the RFC allows: EISCONN', () => {
    const lab = new Lab();
    const listener = lab.listening();
    expect(lab.errno(lab.call<void>((done) => lab.b.connect(listener, at(80, '10.0.0.1'), done)))).toBe('EISCONN');
  });

  test('a socket that connects to itself opens from both sides at once', () => {
    const lab = new Lab();
    const fd = lab.socket(lab.a);
    lab.value<void>((done) => lab.a.bind(fd, at(7000, '127.0.0.1'), done));
    lab.value<void>((done) => lab.a.connect(fd, at(7000, '127.0.0.1'), done));
    lab.value<number>((done) => lab.a.send(fd, octets('to myself'), [], done));
    expect(text(lab.value<Uint8Array>((done) => lab.a.recv(fd, 100, [], done)))).toBe('to myself');
    expect(lab.states().slice(0, 3)).toEqual([
      'client CLOSED > SYN-SENT (active-open)',
      'client SYN-SENT > SYN-RECEIVED (syn)',
      'client SYN-RECEIVED > ESTABLISHED (ack-of-syn)',
    ]);
  });

  test('the two ends may also be IPv6 addresses', () => {
    const engine = new Engine({ seed: 1 });
    const a = engine.host({ name: 'a', addresses: ['fd00::1/64'] });
    const b = engine.host({ name: 'b', addresses: ['fd00::2/64'] });
    engine.cable(a, b, { delay: ms(1), serialise: true });
    const server = b.process('server');
    let peer: string | undefined;
    server.socket('AF_INET6', 'SOCK_STREAM', (made) => {
      if (!made.ok) return;
      server.bind(made.value, { address: '::', port: 80 }, () => {});
      server.listen(made.value, 1, () => {});
      server.accept(made.value, (accepted) => {
        if (accepted.ok) peer = accepted.value.peer.address;
      });
    });
    const client = a.process('client');
    client.socket('AF_INET6', 'SOCK_STREAM', (made) => {
      if (made.ok) client.connect(made.value, { address: 'fd00:0::2', port: 80 }, () => {});
    });
    engine.runFor(ms(50));
    expect(peer).toBe('fd00::1');
  });

  test('sequence numbers pass 2^32 without notice', () => {
    const lab = new Lab();
    const listener = lab.listening();
    const connect = (): { fd: number; iss: number } => {
      const fd = lab.socket(lab.a);
      lab.value<void>((done) => lab.a.bind(fd, at(5555, '10.0.0.1'), done));
      lab.value<void>((done) => lab.a.connect(fd, at(9502), done));
      return { fd, iss: lab.engine.snapshot().hosts[0]!.connections[0]!.sequence.iss };
    };
    const began = lab.engine.now;
    const first = connect();
    lab.value<void>((done) => lab.a.setsockopt(first.fd, 'SO_LINGER', { on: true, seconds: 0 }, done));
    lab.value<void>((done) => lab.a.close(first.fd, done));
    lab.value<unknown>((done) => lab.b.accept(listener, done));
    // The same two ends draw numbers that grow by one every 64 ns: wait until the next lies just below the wrap.
    lab.engine.runUntil((began + (2 ** 32 - first.iss - 20_000) * 64) as typeof began);
    const second = connect();
    expect(second.iss).toBeGreaterThan(2 ** 32 - 40_000);
    const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(listener, done));
    const sent = Uint8Array.from({ length: 60_000 }, (_, i) => i * 7);
    lab.call<number>((done) => lab.a.send(second.fd, sent, [], done));
    expect(lab.value<Uint8Array>((done) => lab.b.recv(s, sent.length, ['MSG_WAITALL'], done))).toEqual(sent);
    expect(lab.engine.snapshot().hosts[0]!.connections[0]!.sequence.sndUna).toBeLessThan(100_000);
  });
});

describe('options and calls', () => {
  test('SO_RCVBUF is doubled and bounded', () => {
    const lab = new Lab();
    const fd = lab.socket(lab.a);
    const set = (octetsAsked: number): unknown => {
      lab.value<void>((done) => lab.a.setsockopt(fd, 'SO_RCVBUF', octetsAsked, done));
      return lab.value((done) => lab.a.getsockopt(fd, 'SO_RCVBUF', done));
    };
    expect([set(10_000), set(1), set(10_000_000)]).toEqual([20_000, 2304, 8_388_608]);
  });

  test('SO_LINGER makes close wait until the peer has everything, or for so many seconds', () => {
    const lab = new Lab();
    const { c } = lab.connected();
    lab.value<void>((done) => lab.a.setsockopt(c, 'SO_LINGER', { on: true, seconds: 2 }, done));
    lab.value<number>((done) => lab.a.send(c, octets('last words'), [], done));
    const began = lab.engine.now / 1e6;
    const closed = lab.call<void>((done) => lab.a.close(c, done));
    expect(lab.errno(closed)).toBe('not ended');
    lab.run(100);
    expect(closed.at! - began).toBe(50); // one round trip, and the 40 ms for which the peer's ACK of the FIN waits for company

    const cut = new Lab();
    const cutOff = cut.connected();
    cut.value<void>((done) => cut.a.setsockopt(cutOff.c, 'SO_LINGER', { on: true, seconds: 2 }, done));
    cut.cable.set({ loss: 1 });
    const start = cut.engine.now / 1e6;
    const gaveUp = cut.call<void>((done) => cut.a.close(cutOff.c, done));
    cut.run(3000);
    expect(gaveUp.at! - start).toBe(2000);
  });

  test('writing after the peer reset is EPIPE once the reset was told; reading after shutdown(SHUT_RD) is the end', () => {
    const { peer, fd } = established();
    peer.shutsDown(fd, 'SHUT_RD');
    expect(peer.reads(fd)).toBe('');
    peer.says('R', { seq: 1 });
    const errors: string[] = [];
    for (const _ of [1, 2]) peer.program.send(fd, octets('x'), [], (r) => errors.push(r.ok ? 'ok' : r.error.errno));
    expect(errors).toEqual(['ECONNRESET', 'EPIPE']);
  });

  test('descriptors are the lowest free, and a closed one is EBADF', () => {
    const lab = new Lab();
    const fds = [1, 2, 3].map(() => lab.socket(lab.a));
    expect(fds).toEqual([3, 4, 5]);
    lab.value<void>((done) => lab.a.close(4, done));
    expect(lab.errno(lab.call<void>((done) => lab.a.listen(4, 1, done)))).toBe('EBADF');
    expect(lab.socket(lab.a)).toBe(4);
  });

  test('a program that exits closes everything it held', () => {
    const lab = new Lab();
    lab.connected();
    lab.a.exit();
    lab.b.exit();
    lab.settle();
    expect(lab.isEmpty()).toBe(true);
    expect([...lab.server.connections.listeners()]).toEqual([]);
  });
});

test('MSG_WAITALL that must not wait gives what there is', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.value<number>((done) => lab.a.send(c, octets('half'), [], done));
  lab.run(20);
  const read = lab.value<Uint8Array>((done) => lab.b.recv(s, 8, ['MSG_WAITALL', 'MSG_DONTWAIT'], done));
  expect(text(read)).toBe('half');
  expect(lab.errno(lab.call((done) => lab.b.recv(s, 8, ['MSG_WAITALL', 'MSG_DONTWAIT'], done)))).toBe('EAGAIN');
});
