import { expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Lab } from '../testing/lab.ts';
import { established } from '../testing/peer.ts';

/** Sends for a while to a reader that keeps up; what the receiver's buffer became, and how much came through. */
function bulk(timestamps: number, prepare: (lab: Lab, s: number) => void = () => {}): { buffer: number; received: number } {
  const both = { 'net.ipv4.tcp_timestamps': timestamps };
  const lab = new Lab({ cable: { delay: ms(50) }, clientSysctls: both, serverSysctls: both });
  const { c, s } = lab.connected();
  prepare(lab, s);
  let received = 0;
  const drain = (): void =>
    lab.b.recv(s, 65_536, [], (r) => {
      if (r.ok) received += r.value.length;
      drain();
    });
  drain();
  const feed = (): void => lab.a.send(c, new Uint8Array(65_536), [], feed);
  feed();
  lab.run(3000);
  const connection = lab.engine.snapshot().hosts[1]!.connections.find((one) => one.state === 'ESTABLISHED');
  return { buffer: connection!.queues.receiveBuffer, received };
}

test('the receive buffer grows with what is read in a round trip, far beyond its default', () => {
  const tuned = bulk(1);
  const fixed = bulk(1, (lab, s) => lab.value<void>((done) => lab.b.setsockopt(s, 'SO_RCVBUF', 65_536, done)));
  expect(tuned.buffer).toBeGreaterThan(1_000_000);
  expect(tuned.buffer).toBeLessThanOrEqual(33_554_432);
  expect(fixed.buffer).toBe(131_072);
  expect(tuned.received).toBeGreaterThan(3 * fixed.received);
});

test('without timestamps a window of data tells the round trip', () => {
  expect(bulk(0).buffer).toBeGreaterThan(1_000_000);
});

test('TCP_WINDOW_CLAMP bounds what is offered', () => {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, 'TCP_WINDOW_CLAMP', 4000, () => {});
  let at = 1;
  for (; peer.engine.snapshot().hosts[0]!.connections[0]!.sequence.rcvWnd > 4000; at += 1000) {
    peer.says('P.', { seq: at, ack: 1, data: 'x'.repeat(1000) });
    peer.reads(fd);
  }
  for (let i = 0; i < 10; i++, at += 1000) {
    peer.says('P.', { seq: at, ack: 1, data: 'x'.repeat(1000) });
    peer.reads(fd);
    expect(peer.engine.snapshot().hosts[0]!.connections[0]!.sequence.rcvWnd).toBeLessThanOrEqual(4000);
  }
});
