import { expect, test } from 'vitest';
import { ip } from '../../wire/ip-address.ts';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import type { Host, HostOptions } from '../host.ts';
import type { Cable } from '../network/cable.ts';
import type { IcmpPacket, Packet } from '../network/packet.ts';
import { Calls } from '../testing/calls.ts';
import { octets, text } from '../testing/lab.ts';
import { sendPacket } from './output.ts';

interface World {
  readonly engine: Engine;
  readonly calls: Calls;
  readonly left: Host;
  readonly router: Host;
  readonly right: Host;
  readonly near: Cable;
  readonly far: Cable;
  /** Packets that arrived and are not TCP, as "host kind". */
  readonly heard: string[];
}

/** left - router - right, each cable a network of its own. */
function world(options: { ipv6?: boolean; forward?: boolean; sysctls?: HostOptions['sysctls'] } = {}): World {
  const engine = new Engine({ seed: 3 });
  const [l, r1, r2, r] = options.ipv6
    ? ['fd01::1', 'fd01::ff', 'fd02::ff', 'fd02::1']
    : ['10.1.0.1', '10.1.0.254', '10.2.0.254', '10.2.0.1'];
  const bits = options.ipv6 ? 64 : 24;
  const left = engine.host({
    name: 'left',
    addresses: [`${l}/${bits}`],
    routes: [{ to: 'default', via: r1! }],
    ...(options.sysctls && { sysctls: options.sysctls }),
  });
  const forwarding = options.forward === false ? 0 : 1;
  const router = engine.host({
    name: 'router',
    addresses: [`${r1}/${bits}`, `${r2}/${bits}`],
    sysctls: { 'net.ipv4.ip_forward': forwarding, 'net.ipv6.conf.all.forwarding': forwarding },
  });
  const right = engine.host({ name: 'right', addresses: [`${r}/${bits}`], routes: [{ to: 'default', via: r2! }] });
  const near = engine.cable(left, router, { delay: ms(1), serialise: true });
  const far = engine.cable(router, right, { delay: ms(1), serialise: true });
  const heard: string[] = [];
  engine.probes.on('packet-received', ({ host, packet }) => heard.push(`${host} ${describe(packet)}`));
  return { engine, calls: new Calls(engine), left, router, right, near, far, heard };
}

function describe(packet: Packet): string {
  if (packet.datagram) return `udp ${packet.datagram.payload.length} hops ${packet.hops ?? 64}`;
  if (packet.payload) return `fragment ${packet.fragment?.offset}+${packet.payload.length}${packet.fragment?.more ? ' more' : ''}`;
  const { icmp } = packet as IcmpPacket;
  const code = 'code' in icmp ? ` ${icmp.code}` : '';
  return `${icmp.kind}${code}${'mtu' in icmp && icmp.mtu > 0 ? ` mtu ${icmp.mtu}` : ''}`;
}

const ping = ({ left }: World, dst: string, hops?: number): void =>
  sendPacket(left, {
    src: left.sourceFor(ip(dst))!,
    dst: ip(dst),
    ...(hops !== undefined && { hops }),
    icmp: { kind: 'echo-request', identifier: 1, sequence: 1, data: octets('abcdefgh') },
  });

test.each([false, true])('an echo request through a router is answered (IPv6: %s)', (ipv6) => {
  const lab = world({ ipv6 });
  ping(lab, ipv6 ? 'fd02::1' : '10.2.0.1');
  lab.calls.run(10);
  expect(lab.heard).toEqual(['router echo-request', 'right echo-request', 'router echo-reply', 'left echo-reply']);
});

test('a host that is no router passes nothing on, and says nothing', () => {
  const lab = world({ forward: false });
  ping(lab, '10.2.0.1');
  lab.calls.run(5000);
  expect(lab.heard).toEqual(['router echo-request']);
});

test.each([
  [false, '10.2.0.1'],
  [true, 'fd02::1'],
])('a packet without hops left ends at the router, which says so (IPv6: %s)', (ipv6, dst) => {
  const lab = world({ ipv6 });
  ping(lab, dst, 1);
  lab.calls.run(10);
  expect(lab.heard).toEqual(['router echo-request', 'left time-exceeded 0']);
});

test('a network the router has no way to is unreachable at once, an address nobody has after three seconds', () => {
  const lab = world();
  ping(lab, '192.0.2.1');
  ping(lab, '10.2.0.77');
  lab.calls.run(10);
  expect(lab.heard.filter((one) => one.startsWith('left'))).toEqual(['left unreachable 0']);
  lab.calls.run(3000);
  expect(lab.heard.filter((one) => one.startsWith('left'))).toEqual(['left unreachable 0', 'left unreachable 1']);
});

test('errors come no faster than icmp_ratelimit: six at once, then one a second', () => {
  const lab = world();
  for (let i = 0; i < 20; i++) ping(lab, '192.0.2.1');
  lab.calls.run(10);
  const told = () => lab.heard.filter((one) => one === 'left unreachable 0').length;
  expect(told()).toBe(6);
  lab.calls.run(1000);
  ping(lab, '192.0.2.1');
  ping(lab, '192.0.2.1');
  lab.calls.run(10);
  expect(told()).toBe(7);
});

test('the longest prefix wins', () => {
  const engine = new Engine({ seed: 1 });
  const host = engine.host({
    name: 'host',
    addresses: ['10.0.0.1/24'],
    routes: [
      { to: 'default', via: '10.0.0.2' },
      { to: '10.9.0.0/16', via: '10.0.0.3' },
    ],
  });
  const two = engine.host({ name: 'two', addresses: ['10.0.0.2/24'] });
  const three = engine.host({ name: 'three', addresses: ['10.0.0.3/24'] });
  engine.cable(host, two);
  engine.cable(host, three);
  const next = (dst: string): string | undefined => host.wayTo(ip(dst))?.cable.otherEnd(host).name;
  expect([next('10.9.1.1'), next('10.8.1.1'), next('10.0.0.3')]).toEqual(['three', 'two', 'three']);
  expect(host.wayTo(ip('fd00::1'))).toBeUndefined();
});

test('a switch joins many hosts, and carries what a router forwards', () => {
  const engine = new Engine({ seed: 1 });
  const hub = engine.switch('switch');
  const names = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const [a, b] = names.map((address) => {
    const host = engine.host({
      name: address,
      addresses: [`${address}/24`],
      routes: [{ to: 'default', via: '10.0.0.3' }],
      sysctls: { 'net.ipv4.ip_forward': 1 },
    });
    engine.cable(host, hub, { delay: ms(1), serialise: true });
    return host;
  });
  const beyond = engine.host({ name: 'beyond', addresses: ['10.5.0.1/24'], routes: [{ to: 'default', via: '10.5.0.254' }] });
  const gateway = engine.host({ name: 'gateway', addresses: ['10.0.0.4/24', '10.5.0.254/24'], sysctls: { 'net.ipv4.ip_forward': 1 } });
  engine.cable(gateway, hub);
  engine.cable(gateway, beyond);
  a!.routes.add({ to: '10.5.0.0/16', via: '10.0.0.4' });
  const calls = new Calls(engine);
  const [client, near, far] = [a!, b!, beyond].map((host) => host.process('program'));
  for (const server of [near!, far!]) {
    const fd = calls.value<number>((done) => server.socket('AF_INET', 'SOCK_STREAM', done));
    calls.value<void>((done) => server.bind(fd, { address: '0.0.0.0', port: 80 }, done));
    calls.value<void>((done) => server.listen(fd, 5, done));
  }
  for (const address of ['10.0.0.2', '10.5.0.1']) {
    const fd = calls.value<number>((done) => client!.socket('AF_INET', 'SOCK_STREAM', done));
    expect(calls.errno((done) => client!.connect(fd, { address, port: 80 }, done))).toBe('ok');
  }
});

test.each([
  [false, '10.2.0.1', 1000, 'left unreachable 4 mtu 1000'],
  [true, 'fd02::1', 1400, 'left packet-too-big mtu 1400'],
])('path MTU discovery: TCP learns from the router what fits, and nothing is lost (IPv6: %s)', (ipv6, address, mtu, message) => {
  const lab = world({ ipv6 });
  lab.far.set({ mtu });
  const server = lab.right.process('server');
  const client = lab.left.process('client');
  const { calls } = lab;
  const family = ipv6 ? 'AF_INET6' : 'AF_INET';
  const l = calls.value<number>((done) => server.socket(family, 'SOCK_STREAM', done));
  calls.value<void>((done) => server.bind(l, { address, port: 80 }, done));
  calls.value<void>((done) => server.listen(l, 5, done));
  // The peer's SYN tells the MSS of its own link; here it is the path in between that is narrow.
  lab.far.set({ mtu: 1500 });
  const c = calls.value<number>((done) => client.socket(family, 'SOCK_STREAM', done));
  calls.value<void>((done) => client.connect(c, { address, port: 80 }, done));
  const { fd } = calls.value<{ fd: number }>((done) => server.accept(l, done));
  lab.far.set({ mtu });
  const sent = Uint8Array.from({ length: 30_000 }, (_, i) => i * 13);
  const began = lab.engine.now;
  client.send(c, sent, [], () => {});
  expect(calls.value<Uint8Array>((done) => server.recv(fd, sent.length, ['MSG_WAITALL'], done))).toEqual(sent);
  expect(lab.heard).toContain(message);
  expect(lab.engine.now - began).toBeLessThan(ms(150)); // at once, not after a timeout
  const [connection] = lab.engine.snapshot().hosts[0]!.connections;
  expect(connection!.mss).toBe(mtu - (ipv6 ? 60 : 40) - 12);
  expect(connection!.cwnd).toBeGreaterThanOrEqual(10); // it was no congestion
});

test('with IP_PMTUDISC_DONT segments may be cut up by the router, and arrive whole', () => {
  const lab = world({ sysctls: { 'net.ipv4.ip_no_pmtu_disc': 1 } });
  const { calls } = lab;
  const server = lab.right.process('server');
  const client = lab.left.process('client');
  const l = calls.value<number>((done) => server.socket('AF_INET', 'SOCK_STREAM', done));
  calls.value<void>((done) => server.bind(l, { address: '10.2.0.1', port: 80 }, done));
  calls.value<void>((done) => server.listen(l, 5, done));
  const c = calls.value<number>((done) => client.socket('AF_INET', 'SOCK_STREAM', done));
  calls.value<void>((done) => client.connect(c, { address: '10.2.0.1', port: 80 }, done));
  const { fd } = calls.value<{ fd: number }>((done) => server.accept(l, done));
  lab.far.set({ mtu: 700 });
  client.send(c, octets('x'.repeat(3000)), [], () => {});
  expect(text(calls.value<Uint8Array>((done) => server.recv(fd, 3000, ['MSG_WAITALL'], done)))).toBe('x'.repeat(3000));
  expect(lab.right.counters.get('ReasmOKs')).toBeGreaterThan(1);
  expect(lab.heard.filter((one) => one.startsWith('left'))).toEqual([]);
});
