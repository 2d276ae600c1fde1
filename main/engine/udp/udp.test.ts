import { describe, expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { decodeIpv4 } from '../../wire/ipv4.ts';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import { Calls } from '../testing/calls.ts';
import { octets, text } from '../testing/lab.ts';

function lab(version: 4 | 6 = 4) {
  const engine = new Engine({ seed: 5 });
  const [mine, theirs] = version === 4 ? (['10.0.0.1', '10.0.0.2'] as const) : (['fd00::1', 'fd00::2'] as const);
  const a = engine.host({ name: 'a', addresses: [`${mine}/${version === 4 ? 24 : 64}`] });
  const b = engine.host({ name: 'b', addresses: [`${theirs}/${version === 4 ? 24 : 64}`] });
  const cable = engine.cable(a, b, { delay: ms(1), serialise: true });
  const calls = new Calls(engine);
  const [client, server] = [a.process('client'), b.process('server')];
  const family = version === 4 ? 'AF_INET' : 'AF_INET6';
  const c = calls.value<number>((done) => client.socket(family, 'SOCK_DGRAM', done));
  const s = calls.value<number>((done) => server.socket(family, 'SOCK_DGRAM', done));
  calls.value<void>((done) => server.bind(s, { address: theirs, port: 53 }, done));
  const to = { address: theirs as string, port: 53 };
  const say = (words: string, size = words.length): string =>
    calls.errno((done) => client.sendto(c, octets(words.padEnd(size)), [], to, done));
  return { engine, a, b, cable, calls, client, server, c, s, to, say };
}

test('one queue for everybody: a server tells its clients apart by the address each datagram brings', () => {
  const { calls, server, s, a, say, to } = lab();
  const other = a.process('other');
  const o = calls.value<number>((done) => other.socket('AF_INET', 'SOCK_DGRAM', done));
  say('first');
  calls.value<number>((done) => other.sendto(o, octets('second'), [], to, done));
  const received = [1, 2].map(() =>
    calls.value<{ octets: Uint8Array; from: { address: string; port: number } | undefined }>((done) => server.recvfrom(s, 100, [], done)),
  );
  expect(received.map((one) => text(one.octets))).toEqual(['first', 'second']);
  expect(received.map((one) => one.from?.address)).toEqual(['10.0.0.1', '10.0.0.1']);
  expect(received[0]!.from!.port).not.toBe(received[1]!.from!.port);
  // and the answer finds its way
  calls.value<number>((done) => server.sendto(s, octets('to you'), [], received[1]!.from, done));
  expect(text(calls.value<Uint8Array>((done) => other.recv(o, 100, [], done)))).toBe('to you');
});

test('what does not fit the reader is lost, and MSG_TRUNC tells how much there was', () => {
  const { calls, server, s, say } = lab();
  say('abcdefgh');
  say('next');
  const cut = calls.value<{ octets: Uint8Array; length: number }>((done) => server.recvfrom(s, 3, [], done));
  expect([text(cut.octets), cut.length]).toEqual(['abc', 8]);
  expect(text(calls.value<Uint8Array>((done) => server.recv(s, 100, [], done)))).toBe('next');
});

test.each([4, 6] as const)('a port nobody has: the ICMP error becomes ECONNREFUSED for a connected socket, once (IPv%s)', (version) => {
  const { calls, client, c, to } = lab(version);
  calls.value<void>((done) => client.connect(c, { ...to, port: 99 }, done));
  const send = () => calls.errno((done) => client.send(c, octets('x'), [], done));
  expect(send()).toBe('ok');
  expect(calls.errno((done) => client.recv(c, 10, [], done))).toBe('ECONNREFUSED'); // the blocked reader is told
  expect(send()).toBe('ok');
  calls.run(10);
  expect([send(), send()]).toEqual(['ECONNREFUSED', 'ok']);
});

test('a full receive buffer loses datagrams, silently for the sender', () => {
  const { calls, server, s, b, say, engine } = lab();
  calls.value<void>((done) => server.setsockopt(s, 'SO_RCVBUF', 4000, done)); // 8000 with bookkeeping
  expect(Array.from({ length: 20 }, () => say('x', 100))).toEqual(Array(20).fill('ok'));
  calls.run(10);
  const [endpoint] = engine.snapshot().hosts[1]!.udp;
  expect(endpoint).toMatchObject({ datagrams: 10, octets: 1000, memory: 7680, drops: 10, localPort: 53 });
  expect(b.counters.get('RcvbufErrors')).toBe(10);
});

describe('large datagrams', () => {
  test.each([4, 6] as const)('go in fragments and come whole, also when the fragments overtake each other (IPv%s)', (version) => {
    const { cable, calls, server, s, b, say } = lab(version);
    cable.set({ jitter: ms(5) });
    for (let i = 0; i < 5; i++) expect(say(`${i}`, 8000)).toBe('ok');
    const heard = Array.from({ length: 5 }, () => text(calls.value<Uint8Array>((done) => server.recv(s, 9000, [], done))));
    expect(heard.map((one) => one.length)).toEqual([8000, 8000, 8000, 8000, 8000]);
    expect(heard.map((one) => one[0]).sort()).toEqual(['0', '1', '2', '3', '4']);
    expect(b.counters.get('ReasmOKs')).toBe(5);
  });

  test('one fragment lost, all is lost: after 30 s the rest is forgotten and the sender told, if the first piece came', () => {
    const { engine, cable, calls, b, say } = lab();
    const told: string[] = [];
    engine.probes.on('packet-received', ({ host, packet }) => host === 'a' && packet.icmp && told.push(packet.icmp.kind));
    say('x', 3000);
    calls.run(0);
    cable.set({ rate: 12_000_000, queue: 2 }); // of the next three fragments the last finds no place
    say('y', 4000);
    calls.run(100);
    expect(b.reassembly.count).toBe(1);
    calls.run(30_000);
    expect([b.reassembly.count, b.counters.get('ReasmTimeout')]).toEqual([0, 1]);
    expect(told).toEqual(['time-exceeded']);
  });

  test('more than a datagram holds is EMSGSIZE, and so is more than the link carries with IP_PMTUDISC_DO', () => {
    const { calls, client, c, say } = lab();
    expect([say('', 65_507), say('', 65_508)]).toEqual(['ok', 'EMSGSIZE']);
    calls.value<void>((done) => client.setsockopt(c, 'IP_MTU_DISCOVER', 2, done));
    expect([say('', 1472), say('', 1473)]).toEqual(['ok', 'EMSGSIZE']);
  });
});

test('a tap records datagrams and fragments as octets', () => {
  const { engine, cable, calls, say } = lab();
  const batches: FrameBatch[] = [];
  engine.tap(cable, (batch) => batches.push(batch));
  say('hello');
  say('x', 2000);
  calls.run(10);
  const frames = batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => {
      const packet = decodeIpv4(batch.data.subarray(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!));
      if (!packet.ok) throw new Error('not IPv4');
      const { protocol, fragmentOffset, moreFragments } = packet.value.header;
      return `${protocol} ${fragmentOffset}+${packet.value.payload.length}${moreFragments ? ' more' : ''}`;
    }),
  );
  expect(frames).toEqual(['17 0+13', '17 0+1480 more', '17 1480+528']);
});

test('to all of a network: EACCES without SO_BROADCAST; with it everybody who has the port hears', () => {
  const engine = new Engine({ seed: 5 });
  const a = engine.host({ name: 'a', addresses: ['10.0.0.1/24'] });
  const b = engine.host({ name: 'b', addresses: ['10.0.0.2/24'] });
  engine.cable(a, b, { delay: ms(1) });
  const calls = new Calls(engine);
  const [client, server] = [a.process('client'), b.process('server')];
  const socket = (of: typeof client) => calls.value<number>((done) => of.socket('AF_INET', 'SOCK_DGRAM', done));
  const servers = [1, 2].map(() => {
    const fd = socket(server);
    calls.value<void>((done) => server.setsockopt(fd, 'SO_REUSEADDR', 1, done));
    calls.value<void>((done) => server.bind(fd, { address: '0.0.0.0', port: 53 }, done));
    return fd;
  });
  const c = socket(client);
  const everybody = { address: '10.0.0.255', port: 53 };
  const send = () => calls.errno((done) => client.sendto(c, octets('all'), [], everybody, done));
  expect([send(), calls.errno((done) => client.connect(c, everybody, done))]).toEqual(['EACCES', 'EACCES']);
  calls.value<void>((done) => client.setsockopt(c, 'SO_BROADCAST', 1, done));
  expect(send()).toBe('ok');
  for (const fd of servers) expect(text(calls.value<Uint8Array>((done) => server.recv(fd, 10, [], done)))).toBe('all');
});
