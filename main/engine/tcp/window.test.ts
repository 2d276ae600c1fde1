import { expect, test } from 'vitest';
import { Flag } from '../../wire/segment.ts';
import { Lab } from '../testing/lab.ts';
import { established } from '../testing/peer.ts';

test('a full receiver closes its window, is probed, and says when it has room again', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  const sent = lab.call<number>((done) => lab.a.send(c, new Uint8Array(400_000), [], done));
  lab.run(5000);
  expect(lab.errno(sent)).toBe('not ended');
  expect(lab.server.counters.get('TCPToZeroWindowAdv')).toBe(1);
  expect(lab.client.counters.get('TCPWinProbe')).toBeGreaterThan(2);
  let got = 0;
  const drain = (): void =>
    lab.b.recv(s, 65_536, [], (r) => {
      if (r.ok && r.value.length > 0) {
        got += r.value.length;
        drain();
      }
    });
  drain();
  lab.run(20_000);
  expect(lab.errno(sent)).toBe('ok');
  expect(got).toBe(400_000);
});

test('a window too small for a segment is filled by the persist timer', () => {
  const { peer, fd } = established();
  peer.says('P.', { seq: 1, ack: 1, data: 'x' }).says('.', { seq: 2, ack: 1, window: 10 }).hears();
  peer.sends(fd, 'much more than ten');
  expect(peer.hears()).toEqual([]);
  peer.waits(300);
  expect(peer.hears()).toEqual(['P. 1:11 ack 2']);
});

// As measured on Linux 6.18 over a veth of that MTU.
test.each([
  [1500, 1, 64_240, 65_160],
  [1500, 0, 64_240, 64_240],
  [1400, 1, 65_280, 64_704],
  [576, 1, 65_392, 65_500],
  [9000, 1, 62_720, 62_636],
])('MTU %i, timestamps %i: the first windows are %i in the SYN and %i in the SYN,ACK, whole segments', (mtu, timestamps, syn, synAck) => {
  const lab = new Lab({ cable: { mtu }, clientSysctls: { 'net.ipv4.tcp_timestamps': timestamps } });
  lab.connected();
  const windows = lab.events.flatMap((e) => (e.kind === 'segment-sent' && e.segment.flags & Flag.SYN ? [e.segment.window] : []));
  expect(windows).toEqual([syn, synAck]);
});
