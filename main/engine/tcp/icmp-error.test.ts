import { expect, test } from 'vitest';
import { ip } from '../../wire/ip-address.ts';
import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { quote } from '../icmp/quoted.ts';
import { Calls } from '../testing/calls.ts';
import { Lab, octets, text } from '../testing/lab.ts';

const [CLIENT, SERVER] = [ip('10.0.0.1'), ip('10.0.0.2')];

/** An ICMP error about the client's segment `offset` octets beyond its SND.UNA, put on the cable by whoever wishes it harm or well. */
function tell(lab: Lab, code: number, { offset = 0, mtu = 0 } = {}): void {
  const [connection] = lab.engine.snapshot().hosts[0]!.connections;
  const { localPort, remotePort, sequence } = connection!;
  const segment = {
    srcPort: localPort,
    dstPort: remotePort,
    seq: seqAdd(sequence.sndUna as never, offset),
    ack: 0 as never,
    flags: Flag.ACK,
    window: 1000,
    urgent: 0,
    options: [],
    payload: octets('x'),
  };
  const original = quote({ src: CLIENT, dst: SERVER, segment });
  lab.client.receive({ src: SERVER, dst: CLIENT, icmp: { kind: 'unreachable', code, mtu, original } });
}

test.each([
  ['network unreachable', 0, 'ENETUNREACH'],
  ['host unreachable', 1, 'EHOSTUNREACH'],
  ['port unreachable', 3, 'ECONNREFUSED'],
  ['prohibited', 13, 'EHOSTUNREACH'],
])('in SYN-SENT %s ends the attempt', (_title, code, errno) => {
  const lab = new Lab({ cable: { loss: 1 } });
  const { outcome } = lab.connecting();
  tell(lab, code);
  lab.run(0);
  expect([lab.errno(outcome), lab.isEmpty()]).toEqual([errno, true]);
});

test('an established connection believes no error, hard or soft: it goes on, and tells only when it times out', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  tell(lab, 3);
  tell(lab, 1);
  lab.run(10);
  expect(lab.state(lab.client)).toBe('ESTABLISHED');
  lab.cable.set({ loss: 1 });
  lab.call<number>((done) => lab.a.send(c, octets('into the void'), [], done));
  const read = lab.call<Uint8Array>((done) => lab.a.recv(c, 10, [], done));
  lab.settle();
  expect(lab.errno(read)).toBe('EHOSTUNREACH'); // not ETIMEDOUT: the last that was said
});

test('with IP_RECVERR it believes no error either, but the next call is told', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.value<void>((done) => lab.a.setsockopt(c, 'IP_RECVERR', 1, done));
  const read = lab.call<Uint8Array>((done) => lab.a.recv(c, 10, [], done));
  tell(lab, 1);
  lab.run(10);
  expect([lab.errno(read), lab.state(lab.client)]).toEqual(['EHOSTUNREACH', 'ESTABLISHED']);
  lab.value<number>((done) => lab.b.send(s, octets('still here'), [], done));
  expect(text(lab.value<Uint8Array>((done) => lab.a.recv(c, 10, [], done)))).toBe('still here');
});

test('who does not know a sequence number under way is not heard (RFC 5927)', () => {
  const lab = new Lab({ cable: { loss: 1 } });
  const { outcome } = lab.connecting();
  tell(lab, 3, { offset: 5000 });
  tell(lab, 4, { offset: -5000, mtu: 600 });
  lab.run(0);
  expect(lab.errno(outcome)).toBe('not ended');
  expect(lab.client.counters.get('OutOfWindowIcmps')).toBe(2);
  expect(lab.client.mtuTowards(SERVER)).toBe(1500);
});

test('a forged path MTU cannot go below min_pmtu', () => {
  const lab = new Lab();
  lab.connected();
  tell(lab, 4, { mtu: 100 });
  expect(lab.client.mtuTowards(SERVER)).toBe(552);
  expect(lab.engine.snapshot().hosts[0]!.connections[0]!.mss).toBe(552 - 40 - 12);
});

test.each([false, true])(
  'what has become too large for the path goes again in parts, and a part lost then is sent again alone (gso: %s)',
  (gso) => {
    const lab = new Lab({ gso });
    const { c, s } = lab.connected();
    lab.cable.set({ loss: 1 });
    lab.value<number>((done) => lab.a.send(c, new Uint8Array(4000), [], done));
    lab.cable.set({ loss: 0, mtu: 752 });
    const sizes: number[] = [];
    let parts = 0;
    lab.cable.set({
      intercept: ({ segment }) => {
        if (segment.payload.length > 0) sizes.push(segment.payload.length);
        return segment.payload.length > 0 && ++parts === 3 ? 'drop' : 'pass';
      },
    });
    tell(lab, 4, { mtu: 752 });
    lab.run(1000);
    // Of segments of 1448, 1448 and 1104 octets: 700 is what fits.
    expect(sizes).toEqual([700, 700, 48, 700, 700, 48, 700, 404, 48]);
    const read = lab.value<Uint8Array>((done) => lab.b.recv(s, 10_000, [], done));
    expect(read.length).toBe(4000);
  },
);

test('what was learned of a path is forgotten after mtu_expires', () => {
  const lab = new Lab();
  lab.connected();
  tell(lab, 4, { mtu: 1000 });
  expect(lab.client.mtuTowards(SERVER)).toBe(1000);
  lab.run(600_000);
  expect(lab.client.mtuTowards(SERVER)).toBe(1500);
});

test('unreachable while retransmitting takes back one doubling of the timeout (RFC 6069)', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  lab.cable.set({ loss: 1 });
  lab.call<number>((done) => lab.a.send(c, octets('x'), [], done));
  lab.run(1000);
  const before = lab.engine.snapshot().hosts[0]!.connections[0]!.retransmissions;
  expect(before).toBeGreaterThan(0);
  tell(lab, 1);
  expect(lab.engine.snapshot().hosts[0]!.connections[0]!.retransmissions).toBe(before - 1);
});

test('a neighbour that is not there: connect fails with EHOSTUNREACH after three seconds', () => {
  const lab = new Lab();
  const calls = new Calls(lab.engine);
  const fd = lab.socket(lab.a);
  expect(calls.errno((done) => lab.a.connect(fd, { address: '10.0.0.99', port: 80 }, done))).toBe('EHOSTUNREACH');
  expect(lab.engine.now / 1e6).toBe(3000);
});
