import { expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import { Calls } from '../testing/calls.ts';
import { Lab, octets } from '../testing/lab.ts';

/** Servers that share port 9502: SO_REUSEPORT on each. */
function sharing(lab: Lab, servers: number): number[] {
  return Array.from({ length: servers }, () => {
    const fd = lab.socket(lab.b);
    lab.value<void>((done) => lab.b.setsockopt(fd, 'SO_REUSEPORT', 1, done));
    lab.value<void>((done) => lab.b.bind(fd, { address: '0.0.0.0', port: 9502 }, done));
    lab.value<void>((done) => lab.b.listen(fd, 200, done));
    return fd;
  });
}

const queues = (lab: Lab): number[] => lab.engine.snapshot().hosts[1]!.listeners.map(({ acceptQueue }) => acceptQueue.length);

test('listeners that share a port share its connections, each about as many', () => {
  const lab = new Lab();
  sharing(lab, 4);
  const outcomes = Array.from({ length: 200 }, () => lab.connecting().outcome);
  lab.run(100);
  expect(outcomes.every((outcome) => lab.errno(outcome) === 'ok')).toBe(true);
  const shares = queues(lab);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(200);
  expect(Math.min(...shares)).toBeGreaterThan(25);
  expect(Math.max(...shares)).toBeLessThan(80);
});

test('a SYN sent again meets the same listener, and one that closes leaves its share to the others', () => {
  const lab = new Lab({ cable: { duplication: 1 } });
  const [first] = sharing(lab, 2);
  for (let i = 0; i < 20; i++) lab.connecting();
  lab.run(100);
  expect(queues(lab).reduce((sum, share) => sum + share, 0)).toBe(20);
  lab.value<void>((done) => lab.b.close(first!, done));
  for (let i = 0; i < 20; i++) lab.connecting();
  lab.run(100);
  expect(queues(lab)[0]).toBeGreaterThan(20);
});

test('who did not ask for it gets no share', () => {
  const lab = new Lab();
  sharing(lab, 1);
  const fd = lab.socket(lab.b);
  expect(lab.errno(lab.call<void>((done) => lab.b.bind(fd, { address: '0.0.0.0', port: 9502 }, done)))).toBe('EADDRINUSE');
});

test('clients of many addresses that all use one port are shared out, too: the choice is by all four numbers', () => {
  const addresses = Array.from({ length: 40 }, (_, i) => `10.0.1.${i + 1}`);
  const engine = new Engine({ seed: 2 });
  const client = engine.host({ name: 'client', addresses: addresses.map((address) => `${address}/16`) });
  const server = engine.host({ name: 'server', addresses: ['10.0.0.2/16'] });
  engine.cable(client, server, { delay: ms(1) });
  const calls = new Calls(engine);
  const [a, b] = [client.process('clients'), server.process('servers')];
  const share = (type: 'SOCK_STREAM' | 'SOCK_DGRAM') => {
    const fd = calls.value<number>((done) => b.socket('AF_INET', type, done));
    calls.value<void>((done) => b.setsockopt(fd, 'SO_REUSEPORT', 1, done));
    calls.value<void>((done) => b.bind(fd, { address: '0.0.0.0', port: 9502 }, done));
    if (type === 'SOCK_STREAM') calls.value<void>((done) => b.listen(fd, 200, done));
    return fd;
  };
  for (let i = 0; i < 4; i++) share('SOCK_STREAM');
  const datagrams = Array.from({ length: 4 }, () => share('SOCK_DGRAM'));
  for (const type of ['SOCK_STREAM', 'SOCK_DGRAM'] as const)
    for (const address of addresses) {
      const fd = calls.value<number>((done) => a.socket('AF_INET', type, done));
      calls.value<void>((done) => a.bind(fd, { address, port: 5000 }, done));
      calls.value<void>((done) => a.connect(fd, { address: '10.0.0.2', port: 9502 }, done));
      if (type === 'SOCK_DGRAM') for (let n = 0; n < 2; n++) calls.value<number>((done) => a.send(fd, octets('x'), [], done));
    }
  calls.run(10);
  const connections = engine.snapshot().hosts[1]!.listeners.map(({ acceptQueue }) => acceptQueue.length);
  expect(connections.reduce((sum, one) => sum + one, 0)).toBe(40);
  expect(Math.min(...connections)).toBeGreaterThan(3);
  const queues = engine.snapshot().hosts[1]!.udp.map((endpoint) => endpoint.datagrams);
  expect([queues.length, queues.reduce((sum, one) => sum + one, 0)]).toEqual([datagrams.length, 80]);
  expect(Math.min(...queues)).toBeGreaterThan(6);
  expect(queues.every((length) => length % 2 === 0)).toBe(true); // what comes from one client meets one socket
});
