import { expect, test } from 'vitest';
import { Flag } from '../../wire/segment.ts';
import { Lab } from '../testing/lab.ts';

const ASKS = { 'net.ipv4.tcp_ecn': 1 } as const;

/** Flags of what one host has sent, as far as they concern ECN. */
const bits = (lab: Lab, host: 'client' | 'server'): string[] =>
  lab
    .sentAt(host)
    .map(({ flags, octets }) =>
      [octets > 0 && 'data', flags & Flag.SYN && 'SYN', flags & Flag.ECE && 'ECE', flags & Flag.CWR && 'CWR'].filter(Boolean).join(' '),
    );

test('it is agreed with ECE and CWR in the SYN and ECE in the SYN,ACK; by default a host agrees and does not ask', () => {
  const asking = new Lab({ clientSysctls: ASKS });
  asking.connected();
  expect(bits(asking, 'client')[0]).toBe('SYN ECE CWR');
  expect(bits(asking, 'server')[0]).toBe('SYN ECE');
  const silent = new Lab();
  silent.connected();
  expect(bits(silent, 'client')[0]).toBe('SYN');
  expect(bits(silent, 'server')[0]).toBe('SYN');
  const refusing = new Lab({ clientSysctls: ASKS, serverSysctls: { 'net.ipv4.tcp_ecn': 0 } });
  refusing.connected();
  expect(bits(refusing, 'server')[0]).toBe('SYN');
});

test('a SYN without an answer is sent again without asking', () => {
  const lab = new Lab({ clientSysctls: ASKS, cable: { loss: 1 } });
  lab.connecting();
  lab.run(1500);
  expect(bits(lab, 'client')).toEqual(['SYN ECE CWR', 'SYN']);
});

test('a marked packet is echoed until the sender has slowed down, and nothing is sent again', () => {
  const lab = new Lab({ clientSysctls: ASKS });
  const { c } = lab.connected();
  const send = (): void => void lab.call<number>((done) => lab.a.send(c, new Uint8Array(10 * 1448), [], done));
  lab.forget();
  lab.cable.set({ marking: 1 });
  send();
  lab.run(100);
  lab.cable.set({ marking: 0 });
  expect(bits(lab, 'server').every((one) => one === 'ECE')).toBe(true);
  const reduced = lab.engine.snapshot().hosts[0]!.connections[0]!.cwnd;
  expect(reduced).toBeLessThan(10);
  lab.forget();
  send();
  lab.run(200);
  expect(bits(lab, 'client')[0]).toBe('data CWR');
  expect(bits(lab, 'client').filter((one) => one === 'data CWR')).toHaveLength(1);
  expect(bits(lab, 'server').at(-1)).toBe('');
  expect(lab.client.counters.get('TCPFastRetrans')).toBe(0);
});
