import { expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import { Calls } from '../testing/calls.ts';
import { Lab, octets, text } from '../testing/lab.ts';

test('a segment with a bit turned over is thrown away by its receiver, counted, and sent again', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.a.setsockopt(c, 'TCP_NODELAY', 1, done));
  const before = lab.server.counters.all();
  lab.forget();
  lab.cable.set({ corruption: 1 });
  for (let i = 0; i < 20; i++) lab.call<number>((done) => lab.a.send(c, octets('a'.repeat(50)), [], done));
  lab.run(100);
  const damaged = lab.server.counters.get('InErrs') - before.InErrs;
  expect(damaged).toBeGreaterThan(5);
  expect(lab.server.counters.get('InCsumErrors')).toBeGreaterThan(0);
  expect(lab.server.counters.get('InCsumErrors')).toBeLessThanOrEqual(damaged);
  expect(lab.server.counters.get('InSegs') - before.InSegs).toBe(damaged);
  const headers = lab.server.counters.get('InHdrErrors'); // the bit was in the IP header: nobody can say whose segment it was
  expect(headers).toBeGreaterThan(0);
  expect(lab.drops().filter((drop) => drop === 'server corrupted')).toHaveLength(damaged + headers);
  expect(lab.server.counters.get('RetransSegs')).toBe(0);
  lab.cable.set({ corruption: 0 });
  lab.settle();
  expect(text(lab.value<Uint8Array>((done) => lab.b.recv(s, 5000, ['MSG_WAITALL', 'MSG_DONTWAIT'], done)))).toBe('a'.repeat(1000));
});

test('no bit of a segment turns over unnoticed', () => {
  const lab = new Lab({ cable: { corruption: 0.3 } });
  const words = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
  lab.listening();
  const { fd: c } = lab.connecting();
  lab.call<number>((done) => lab.a.send(c, octets(words), [], done));
  const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(3, done));
  expect(text(lab.value<Uint8Array>((done) => lab.b.recv(s, words.length, ['MSG_WAITALL'], done)))).toBe(words);
});

test.each(['10.0.0', 'fd00:'] as const)('datagrams over %s are lost, and the counters of UDP tell', (network) => {
  const engine = new Engine({ seed: 3 });
  const [here, there] = network === '10.0.0' ? ['10.0.0.1', '10.0.0.2'] : ['fd00::1', 'fd00::2'];
  const a = engine.host({ name: 'a', addresses: [`${here}/24`] });
  const b = engine.host({ name: 'b', addresses: [`${there}/24`] });
  engine.cable(a, b, { delay: ms(1), corruption: 1 });
  const calls = new Calls(engine);
  const [client, server] = [a.process('client'), b.process('server')];
  const family = network === '10.0.0' ? 'AF_INET' : 'AF_INET6';
  const c = calls.value<number>((done) => client.socket(family, 'SOCK_DGRAM', done));
  const s = calls.value<number>((done) => server.socket(family, 'SOCK_DGRAM', done));
  calls.value<void>((done) => server.bind(s, { address: there!, port: 53 }, done));
  for (let i = 0; i < 50; i++)
    calls.value<number>((done) => client.sendto(c, octets('0123456789'.repeat(20)), [], { address: there!, port: 53 }, done));
  calls.run(100);
  expect(calls.now((done) => server.recv(s, 1000, ['MSG_DONTWAIT'], done))).toBe('EAGAIN');
  expect(b.counters.get('UdpInCsumErrors')).toBeGreaterThan(20);
  expect(b.counters.get('InErrors')).toBeGreaterThanOrEqual(b.counters.get('UdpInCsumErrors'));
});
