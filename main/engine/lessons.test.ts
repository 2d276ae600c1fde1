import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Flag } from '../wire/segment.ts';
import { ms } from '../wire/units.ts';
import { Lab, octets, text } from './testing/lab.ts';
import { established, HandPlayed } from './testing/peer.ts';

/**
 * The lessons that run on the engine, and the conversations that show what each needs: 'file: title' where a test of one
 * rule shows it already, 'here' where a test below does.
 */
const LESSONS: Readonly<Record<string, readonly string[]>> = {
  '1: three-way-handshake': ['here'],
  '2: who-unblocks-whom': ['here'],
  '3: accept-is-not-needed': ['tcp/listener.test.ts: without accept the handshake still completes, and the connection waits with its data'],
  '4: two-queues': [
    'tcp/listener.test.ts: a connection stands in the SYN queue from the SYN to the third segment',
    'tcp/listener.test.ts: the accept queue holds backlog + 1',
    'tcp/listener.test.ts: without cookies the last quarter of tcp_max_syn_backlog is not for strangers',
    'tcp/listener.test.ts: backlog is cut to somaxconn',
  ],
  '5: accept-queue-overflow': [
    'tcp/listener.test.ts: the client believes it is connected while the server still waits for room',
    'tcp/listener.test.ts: with tcp_abort_on_overflow the client is told with a RST',
    'tcp/listener.test.ts: the accept queue holds backlog + 1; then SYNs are dropped and counted',
  ],
  '6: syn-flood-and-cookies': [
    'tcp/syn-cookie.test.ts: a flood from addresses that never answer',
    'tcp/syn-cookie.test.ts: without timestamps only the MSS survives',
    'tcp/syn-cookie.test.ts: with timestamps window scale and SACK survive too',
  ],
  '7: data-and-acks': ['here'],
  '8: four-way-close': ['here'],
  '9: why-three-and-why-four': ['here'],
  '10: half-close': ['tcp/close.test.ts: half-close: one direction ends, the other still carries data'],
  '11: simultaneous-open': [
    'both-ends.test.ts: simultaneous open',
    'sockets/sockets.test.ts: a socket that connects to itself opens from both sides at once',
  ],
  '12: simultaneous-close': ['both-ends.test.ts: simultaneous close'],
  '13: reset': [
    'tcp/close.test.ts: a port nobody listens on refuses',
    'tcp/close.test.ts: close with unread data tells the peer with a RST',
    'tcp/close.test.ts: a RST inside the window, but not exactly at its edge, is challenged',
    'transitions.test.ts: ESTABLISHED abort CLOSED',
    'here',
  ],
  '14: connect-timeout': ['tcp/retransmission.test.ts: connect gives up after tcp_syn_retries SYNs, each wait twice as long'],
  '15: back-to-listen': ['transitions.test.ts: SYN-RECEIVED rst LISTEN'],
  '16: close-before-established': [
    'both-ends.test.ts: closed from both sides before either is established',
    'tcp/fast-open.test.ts: SYN-RECEIVED > FIN-WAIT-1',
  ],
  '17: listener-that-connects': ['sockets/sockets.test.ts: a listening socket does not connect, whatever the RFC allows: EISCONN'],
  '18: fin-wait-2-timeout': [
    'tcp/orphan.test.ts: an orphan leaves FIN-WAIT-2 after tcp_fin_timeout',
    'tcp/orphan.test.ts: a socket that is still held stays in FIN-WAIT-2',
  ],
  '19: close-wait-leak': ['here'],
  '20: last-ack': ['tcp/close.test.ts: the last ACK is lost: the FIN comes again, TIME-WAIT answers and starts over'],
  '21: time-wait': [
    'tcp/time-wait.test.ts: out of ports: TIME-WAIT blocks its pair for a minute',
    'tcp/time-wait.test.ts: tcp_tw_reuse lets connect() take the pair after a second',
    'sockets/sockets.test.ts: a server that comes back finds its port taken by TIME-WAIT, unless both lives said SO_REUSEADDR',
  ],
  '22: fast-open': [
    'tcp/fast-open.test.ts: the first connection asks for a cookie and is a common one',
    'tcp/fast-open.test.ts: with the cookie data rides on the SYN',
    'tcp/fast-open.test.ts: a server that no longer knows the cookie',
    'tcp/fast-open.test.ts: the length of TCP_FASTOPEN bounds how many',
  ],
  '23: defer-accept': [
    'tcp/defer-accept.test.ts: the bare third segment wakes nobody, data does',
    'tcp/defer-accept.test.ts: when the time is over one asks for a last sign of life',
  ],
  '24: mss': ['tcp/options.test.ts: without an MSS option segments carry 536 octets', 'here'],
  '25: options-negotiation': ['tcp/options.test.ts: options are offered and agreed: MSS, window scale, SACK, timestamps'],
  '26: flags': ['here'],
  '27: urgent-data': [
    'tcp/urgent.test.ts: MSG_OOB sets URG, and the pointer stands behind the last octet',
    'tcp/urgent.test.ts: SO_OOBINLINE leaves it where it is',
  ],
  '28: retransmission': [
    'tcp/retransmission.test.ts: unacknowledged data is sent again after the RTO, which doubles',
    'tcp/retransmission.test.ts: three duplicate ACKs bring a fast retransmission',
    'tcp/recovery.test.ts: the lost tail is asked for after two round trips',
  ],
  '29: reordering-and-duplicates': ['tcp/receive-queue.test.ts: the block that grew last is reported first', 'here'],
  '30: zero-window': ['tcp/window.test.ts: a full receiver closes its window, is probed, and says when it has room again'],
  '31: nagle-and-delayed-ack': [
    'tcp/acknowledgment.test.ts: Nagle: a small write waits while another is unacknowledged',
    'tcp/cork.test.ts: TCP_CORK holds back what does not fill a segment',
    'tcp/cork.test.ts: TCP_QUICKACK sends the ACK that is owed, at once',
    'here',
  ],
  '32: keepalive': [
    'tcp/keepalive.test.ts: without an answer: nine questions 75 s apart, then RST and ETIMEDOUT',
    'tcp/keepalive.test.ts: TCP_USER_TIMEOUT stands in for the count',
  ],
  '33: path-mtu': ['tcp/icmp-error.test.ts: a forged path MTU cannot go below min_pmtu', 'here'],
  '34: concurrent-server': ['here'],
  '35: udp-contrast': [
    'udp/udp.test.ts: one queue for everybody',
    'udp/udp.test.ts: a port nobody has: the ICMP error becomes ECONNREFUSED',
  ],
  '36: unix-against-inet': [
    'unix/unix.test.ts: a stream through a path: connected at once, no segment sent, no time passed',
    'unix/unix.test.ts: permissions: who may not write to the file may not connect',
  ],
  '37: telnet-and-http': ['here'],
  '38: sequence-wrap': ['sockets/sockets.test.ts: sequence numbers pass 2^32 without notice', 'here'],
  '39: address-reuse-attack': ['here'],
};

const engine = fileURLToPath(new URL('.', import.meta.url));

describe('every lesson that runs on the engine has its conversation', () => {
  const own = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  test.each(Object.entries(LESSONS))('%s', (lesson, places) => {
    for (const place of places) {
      if (place === 'here') {
        expect(own).toContain(`test('lesson ${lesson}: `);
        continue;
      }
      const [file, title] = [place.slice(0, place.indexOf(': ')), place.slice(place.indexOf(': ') + 2)];
      expect(existsSync(`${engine}${file}`), file).toBe(true);
      expect(readFileSync(`${engine}${file}`, 'utf8')).toContain(title);
    }
  });
});

test('lesson 1: three-way-handshake: SYN, SYN,ACK, ACK, and first numbers nobody can guess', () => {
  const starts = [1, 2, 3].map((seed) => {
    const lab = new Lab({ seed });
    lab.connected();
    expect(lab.sent()).toEqual(['client S', 'server S. ack 1', 'client . ack 1']);
    expect(lab.states('client')).toEqual(['client CLOSED > SYN-SENT (active-open)', 'client SYN-SENT > ESTABLISHED (syn-ack)']);
    expect(lab.states('server')).toEqual([
      'server CLOSED > LISTEN (passive-open)',
      'server LISTEN > SYN-RECEIVED (syn)',
      'server SYN-RECEIVED > ESTABLISHED (ack-of-syn)',
    ]);
    return lab.engine.snapshot().hosts[0]!.connections[0]!.sequence.iss;
  });
  expect(new Set(starts).size).toBe(3);
});

test('lesson 2: who-unblocks-whom: connect returns with the SYN,ACK, accept half a round trip later with the third segment', () => {
  const lab = new Lab({ cable: { delay: ms(100) } });
  const l = lab.listening();
  const accepted = lab.call<unknown>((done) => lab.b.accept(l, done));
  const { outcome } = lab.connecting();
  lab.run(1000);
  expect([outcome.at, accepted.at]).toEqual([200, 300]);
});

test('lesson 7: data-and-acks: seven octets there, eighteen back, as tcpdump counts them', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.forget();
  lab.value<number>((done) => lab.a.send(c, octets('hello\r\n'), [], done));
  expect(text(lab.value<Uint8Array>((done) => lab.b.recv(s, 100, [], done)))).toBe('hello\r\n');
  lab.value<number>((done) => lab.b.send(s, octets('you said: hello\r\n.'), [], done));
  lab.run(500);
  expect(lab.sent()).toEqual(['client P. 1:8 ack 1', 'server . ack 8', 'server P. 1:19 ack 8', 'client . ack 19']);
});

test('lesson 8: four-way-close: what is left still goes in CLOSE-WAIT, and only the one who closed first waits 2 MSL', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.forget();
  lab.value<void>((done) => lab.a.shutdown(c, 'SHUT_WR', done));
  lab.run(100);
  expect([lab.state(lab.client), lab.state(lab.server)]).toEqual(['FIN-WAIT-2', 'CLOSE-WAIT']);
  lab.value<number>((done) => lab.b.send(s, octets('the rest'), [], done));
  expect(text(lab.value<Uint8Array>((done) => lab.a.recv(c, 100, [], done)))).toBe('the rest');
  lab.run(100);
  lab.value<void>((done) => lab.b.close(s, done));
  lab.run(100);
  expect(lab.sent()).toEqual([
    'client F. 1 ack 1',
    'server . ack 2',
    'server P. 1:9 ack 2',
    'client . ack 9',
    'server F. 9 ack 2',
    'client . ack 10',
  ]);
  expect([lab.state(lab.client), lab.server.connections.count]).toEqual(['TIME-WAIT', 0]);
});

test('lesson 9: why-three-and-why-four: a side that closes at once sends its FIN with the ACK; one that waits sends two segments', () => {
  const segments = (thinks: number): string[] => {
    const lab = new Lab();
    const { c, s } = lab.connected();
    lab.forget();
    const closes = (): void => lab.b.close(s, () => {});
    lab.b.recv(s, 10, [], () => (thinks === 0 ? closes() : lab.engine.clock.after(ms(thinks), closes)));
    lab.value<void>((done) => lab.a.close(c, done));
    lab.run(1000);
    return lab.sent();
  };
  expect(segments(0)).toEqual(['client F. 1 ack 1', 'server F. 1 ack 2', 'client . ack 2']);
  expect(segments(300)).toEqual(['client F. 1 ack 1', 'server . ack 2', 'server F. 1 ack 2', 'client . ack 2']);
});

test('lesson 13: reset: a RST outside the window is not even answered', () => {
  const { peer, fd } = established();
  peer.says('R', { seq: -1 }).says('R', { seq: 200_000 });
  expect([peer.hears(), peer.reads(fd)]).toEqual([[], 'EAGAIN']);
});

test('lesson 19: close-wait-leak: a program that forgets close piles up CLOSE-WAIT, and the view names it', () => {
  const lab = new Lab();
  const l = lab.listening();
  for (let i = 0; i < 3; i++) {
    const { fd } = lab.connecting();
    lab.value<unknown>((done) => lab.b.accept(l, done));
    lab.value<void>((done) => lab.a.close(fd, done));
  }
  lab.run(3_600_000);
  const { connections } = lab.engine.snapshot().hosts[1]!;
  expect(connections.map(({ state, owner }) => `${state} ${owner?.process} ${owner?.fd}`)).toEqual([
    'CLOSE-WAIT server-program 4',
    'CLOSE-WAIT server-program 5',
    'CLOSE-WAIT server-program 6',
  ]);
  lab.b.exit();
  lab.settle();
  expect(lab.isEmpty()).toBe(true);
});

describe('mss', () => {
  const offered = (lab: Lab): (number | undefined)[] =>
    lab.events.flatMap((e) => {
      if (e.kind !== 'segment-sent') return [];
      const option = e.segment.options.find(({ kind }) => kind === 'mss');
      return [option?.kind === 'mss' ? option.octets : undefined];
    });

  test('lesson 24: mss: 1460 on Ethernet, on the SYNs only; the smaller one wins; TCP_MAXSEG asks for less', () => {
    const lab = new Lab();
    const l = lab.listening();
    const fd = lab.socket(lab.a);
    lab.value<void>((done) => lab.a.setsockopt(fd, 'TCP_MAXSEG', 1000, done));
    lab.value<void>((done) => lab.a.connect(fd, { address: '10.0.0.2', port: 9502 }, done));
    const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(l, done));
    expect(offered(lab)).toEqual([1000, 1460, undefined]);
    lab.forget();
    lab.value<number>((done) => lab.b.send(s, new Uint8Array(4000), [], done));
    lab.run(100);
    // 1000 with the options: twelve octets of each are timestamps.
    expect(Math.max(...lab.sentAt('server').map((one) => one.octets))).toBe(988);
  });

  test('65495 on loopback', () => {
    const lab = new Lab();
    const l = lab.listening();
    const fd = lab.socket(lab.b);
    lab.value<void>((done) => lab.b.connect(fd, { address: '10.0.0.2', port: 9502 }, done));
    lab.value<unknown>((done) => lab.b.accept(l, done));
    expect(offered(lab).slice(0, 2)).toEqual([65_495, 65_495]);
  });
});

test('lesson 26: flags: each one by a call: SYN connect, ACK recv, PSH send, URG MSG_OOB, FIN shutdown, RST a close that lingers for nothing', () => {
  const lab = new Lab();
  const said: Record<string, string> = {};
  const flagsOf = (name: string, act: () => void): void => {
    lab.forget();
    act();
    lab.run(500);
    said[name] = lab
      .sentAt('client')
      .map(({ flags }) => (Object.keys(Flag) as (keyof typeof Flag)[]).filter((flag) => flags & Flag[flag]).join('+'))
      .join(' ');
  };
  const l = lab.listening();
  let c = 0;
  flagsOf('connect', () => {
    c = lab.connecting().fd;
  });
  const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(l, done));
  flagsOf('send', () => lab.a.send(c, octets('x'), [], () => {}));
  flagsOf('the peer sends', () => lab.b.send(s, octets('y'), [], () => {}));
  flagsOf('MSG_OOB', () => lab.a.send(c, octets('!'), ['MSG_OOB'], () => {}));
  flagsOf('shutdown', () => lab.a.shutdown(c, 'SHUT_WR', () => {}));
  flagsOf('close with SO_LINGER 0', () => {
    lab.a.setsockopt(c, 'SO_LINGER', { on: true, seconds: 0 }, () => {});
    lab.a.close(c, () => {});
  });
  expect(said).toEqual({
    connect: 'SYN ACK',
    send: 'PSH+ACK',
    'the peer sends': 'ACK',
    MSG_OOB: 'PSH+ACK+URG',
    shutdown: 'FIN+ACK',
    'close with SO_LINGER 0': 'RST+ACK',
  });
});

test('lesson 29: reordering-and-duplicates: what overtook waits beyond the gap; what came twice is reported by a D-SACK', () => {
  const peer = new HandPlayed();
  const listener = peer.listens();
  peer.says('S', { options: [{ kind: 'mss', octets: 1000 }, { kind: 'sack-permitted' }] }).says('.', { seq: 1, ack: 1 });
  const fd = peer.accepts(listener);
  const blocks = (): [number, number][] => {
    const sack = peer.lastOptions().find(({ kind }) => kind === 'sack');
    return sack?.kind === 'sack' ? sack.blocks.map(({ left, right }) => [left - peer.start, right - peer.start]) : [];
  };
  peer.says('.', { seq: 6, ack: 1, data: 'world' });
  const { queues } = peer.engine.snapshot().hosts[0]!.connections[0]!;
  expect([queues.receiveInOrder, queues.receiveOutOfOrder, blocks()]).toEqual([0, 5, [[6, 11]]]);
  peer.says('.', { seq: 1, ack: 1, data: 'hello' });
  expect([blocks(), peer.reads(fd)]).toEqual([[], 'helloworld']);
  peer.says('.', { seq: 1, ack: 1, data: 'hello' });
  expect([peer.hears().at(-1), peer.reads(fd)]).toEqual(['. ack 11', 'EAGAIN']);
  peer.says('.', { seq: 1, ack: 1, data: 'hello' });
  expect(blocks()).toEqual([[1, 6]]);
});

test('lesson 31: nagle-and-delayed-ack: write, write, read stalls for 40 ms; TCP_NODELAY does not', () => {
  const secondArrives = (noDelay: boolean): number => {
    const lab = new Lab({ cable: { delay: ms(1) } });
    const { c, s } = lab.connected();
    if (noDelay) lab.value<void>((done) => lab.a.setsockopt(c, 'TCP_NODELAY', 1, done));
    // Once both have spoken the traffic counts as interactive, and ACKs wait for company.
    for (let i = 0; i < 3; i++) {
      lab.value<number>((done) => lab.a.send(c, octets('ping'), [], done));
      lab.value<Uint8Array>((done) => lab.b.recv(s, 100, [], done));
      lab.value<number>((done) => lab.b.send(s, octets('pong'), [], done));
      lab.value<Uint8Array>((done) => lab.a.recv(c, 100, [], done));
    }
    lab.run(100);
    const began = lab.engine.now / 1e6;
    lab.a.send(c, octets('head'), [], () => {});
    lab.a.send(c, octets('tail'), [], () => {});
    const whole = lab.call<Uint8Array>((done) => lab.b.recv(s, 8, ['MSG_WAITALL'], done));
    lab.run(1000);
    return whole.at! - began;
  };
  expect([secondArrives(false), secondArrives(true)]).toEqual([43, 1]); // one way, the delayed ACK, there and back
});

test('lesson 33: path-mtu: a router that can pass on only 1000 octets says so, and the segments become smaller', () => {
  const lab = new Lab();
  const far = lab.engine.host({ name: 'far', addresses: ['10.1.0.1/24'], routes: [{ to: 'default', via: '10.1.0.9' }] });
  const near = lab.engine.host({ name: 'near', addresses: ['10.3.0.2/24'], routes: [{ to: 'default', via: '10.3.0.9' }] });
  const forwards = { 'net.ipv4.ip_forward': 1 } as const;
  const one = lab.engine.host({
    name: 'one',
    addresses: ['10.1.0.9/24', '10.2.0.1/24'],
    routes: [{ to: '10.3.0.0/24', via: '10.2.0.2' }],
    sysctls: forwards,
  });
  const two = lab.engine.host({
    name: 'two',
    addresses: ['10.2.0.2/24', '10.3.0.9/24'],
    routes: [{ to: '10.1.0.0/24', via: '10.2.0.1' }],
    sysctls: forwards,
  });
  lab.engine.cable(far, one);
  lab.engine.cable(one, two, { mtu: 1000 }); // neither end knows of it
  lab.engine.cable(two, near);
  const [a, b] = [far.process('a'), near.process('b')];
  const at = { address: '10.3.0.2', port: 9502 };
  const l = lab.socket(b);
  lab.value<void>((done) => b.bind(l, at, done));
  lab.value<void>((done) => b.listen(l, 5, done));
  const c = lab.socket(a);
  lab.value<void>((done) => a.connect(c, at, done));
  const { fd: s } = lab.value<{ fd: number }>((done) => b.accept(l, done));
  const mss = (): number => far.mtuTowards(near.addresses[0]!.address) - 52;
  expect(mss()).toBe(1448);
  lab.value<number>((done) => a.send(c, new Uint8Array(10_000), [], done));
  expect(lab.value<Uint8Array>((done) => b.recv(s, 10_000, ['MSG_WAITALL'], done))).toHaveLength(10_000);
  expect(mss()).toBe(948);
  const sizes = lab.events.flatMap((e) => (e.kind === 'segment-received' && e.host === 'near' ? [e.segment.payload.length] : []));
  expect(Math.max(...sizes)).toBe(948);
});

test('lesson 34: concurrent-server: sessions told apart by the 4-tuple; one at a time lets the second wait, epoll serves both', () => {
  const lab = new Lab();
  const l = lab.listening();
  const clients = [lab.connecting().fd, lab.connecting().fd];
  lab.run(100);
  const ports = lab.engine.snapshot().hosts[1]!.listeners[0]!.acceptQueue.map(({ remotePort }) => remotePort);
  expect(new Set(ports).size).toBe(2); // same listener, same address: only the client's port differs
  const answers = clients.map((fd) => lab.call<Uint8Array>((done) => lab.a.recv(fd, 10, [], done)));
  lab.a.send(clients[1]!, octets('B'), [], () => {});
  // One at a time: the server reads from the first session, which says nothing, and the second waits.
  const first = lab.value<{ fd: number }>((done) => lab.b.accept(l, done)).fd;
  const blocked = lab.call<Uint8Array>((done) => lab.b.recv(first, 10, [], done));
  lab.run(10_000);
  expect([blocked.result, answers[1]!.result]).toEqual([undefined, undefined]);
  // A worker for the second: the first goes on waiting, the second is served.
  const second = lab.value<{ fd: number }>((done) => lab.b.accept(l, done)).fd;
  lab.b.recv(second, 10, [], (r) => r.ok && lab.b.send(second, r.value, [], () => {}));
  lab.run(100);
  expect([answers[0]!.result, answers[1]!.result?.ok && text(answers[1]!.result.value)]).toEqual([undefined, 'B']);
  // epoll: one loop asks which of them has something.
  lab.a.send(clients[0]!, octets('A'), [], () => {});
  lab.run(100);
  expect(blocked.result?.ok && text(blocked.result.value)).toBe('A');
  const epfd = lab.value<number>((done) => lab.b.epoll_create(done));
  for (const fd of [first, second]) lab.value<void>((done) => lab.b.epoll_ctl(epfd, 'EPOLL_CTL_ADD', fd, { events: 1, data: fd }, done));
  lab.a.send(clients[1]!, octets('again'), [], () => {});
  expect(lab.value<readonly { data: number }[]>((done) => lab.b.epoll_wait(epfd, 8, -1, done)).map(({ data }) => data)).toEqual([second]);
});

test('lesson 37: telnet-and-http: a name is asked for over UDP, then handshake, request, response, close', () => {
  const lab = new Lab();
  const story: string[] = [];
  lab.engine.probes.on(
    'packet-sent',
    ({ host, packet }) => packet.datagram && story.push(`${host} asks or tells ${text(packet.datagram.payload)}`),
  );
  const names = lab.value<number>((done) => lab.b.socket('AF_INET', 'SOCK_DGRAM', done));
  lab.value<void>((done) => lab.b.bind(names, { address: '10.0.0.2', port: 53 }, done));
  lab.b.recvfrom(names, 512, [], (r) => r.ok && lab.b.sendto(names, octets('10.0.0.2'), [], r.value.from, () => {}));
  const asker = lab.value<number>((done) => lab.a.socket('AF_INET', 'SOCK_DGRAM', done));
  lab.value<number>((done) => lab.a.sendto(asker, octets('www.example'), [], { address: '10.0.0.2', port: 53 }, done));
  const address = text(lab.value<Uint8Array>((done) => lab.a.recv(asker, 512, [], done)));
  const l = lab.listening();
  const c = lab.socket(lab.a);
  lab.value<void>((done) => lab.a.connect(c, { address, port: 9502 }, done));
  const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(l, done));
  lab.value<number>((done) => lab.a.send(c, octets('GET / HTTP/1.0\r\n\r\n'), [], done));
  lab.value<Uint8Array>((done) => lab.b.recv(s, 100, [], done));
  lab.value<number>((done) => lab.b.send(s, octets('HTTP/1.0 200 OK\r\n\r\nhello'), [], done));
  lab.value<void>((done) => lab.b.close(s, done));
  expect(text(lab.value<Uint8Array>((done) => lab.a.recv(c, 24, ['MSG_WAITALL'], done)))).toContain('200 OK');
  lab.value<void>((done) => lab.a.close(c, done));
  lab.run(200);
  expect(story).toEqual(['client asks or tells www.example', 'server asks or tells 10.0.0.2']);
  expect(lab.sent()).toEqual([
    'client S',
    'server S. ack 1',
    'client . ack 1',
    'client P. 1:19 ack 1',
    'server . ack 19',
    'server P. 1:25 ack 19',
    'server F. 25 ack 19',
    'client . ack 25',
    'client F. 19 ack 26',
    'server . ack 20',
  ]);
});

test('lesson 38: sequence-wrap: an octet that comes back from before the wrap fits the window, and its timestamp gives it away (PAWS)', () => {
  const peer = new HandPlayed({ 'net.ipv4.tcp_timestamps': 1 });
  const stamped = (value: number) => [{ kind: 'timestamps', value, echo: 0 }] as const;
  const listener = peer.listens();
  peer.says('S', { options: stamped(1000) }).says('.', { seq: 1, ack: 1, options: stamped(1000) });
  const fd = peer.accepts(listener);
  peer
    .says('P.', { seq: 1, ack: 1, data: 'new', options: stamped(2000) })
    .says('P.', { seq: 4, ack: 1, data: 'old', options: stamped(1500) });
  expect([peer.reads(fd), peer.reads(fd), peer.local.counters.get('PAWSEstab')]).toEqual(['new', 'EAGAIN', 1]);
});

describe('address-reuse-attack', () => {
  /** A connection lives and ends, the next one has the same two ends; then an octet of the first arrives, late. */
  const lateOctet = (endsOrderly: boolean): { meets: string; read: string } => {
    const peer = new HandPlayed({ 'net.ipv4.tcp_rfc1337': 1 });
    const listener = peer.listens();
    peer.says('S').says('.', { seq: 1, ack: 1 });
    const first = peer.accepts(listener);
    if (endsOrderly) peer.closes(first).says('F.', { seq: 1, ack: 2 });
    else peer.closesAbruptly(first); // a RST keeps no TIME-WAIT
    // The next client starts at the very same number, as only one without a clock in its ISN would.
    peer.says('S').hears();
    const begun = peer.engine.snapshot().hosts[0]!.connections.length > 0;
    if (!begun) return { meets: peer.local.connections.timeWaits > 0 ? 'TIME-WAIT' : 'nobody', read: '' };
    peer.says('.', { seq: 1, ack: 1 });
    const second = peer.accepts(listener);
    peer.says('P.', { seq: 1, ack: 1, data: 'stale' });
    return { meets: 'the new connection', read: peer.reads(second) };
  };

  test('lesson 39: address-reuse-attack: without TIME-WAIT an old duplicate becomes data of the new incarnation; with it there is no such incarnation yet', () => {
    expect(lateOctet(false)).toEqual({ meets: 'the new connection', read: 'stale' });
    expect(lateOctet(true)).toEqual({ meets: 'TIME-WAIT', read: '' });
  });
});
