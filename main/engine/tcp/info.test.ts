import { expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';
import { established, type HandPlayed } from '../testing/peer.ts';
import type { TcpInfo } from './info.ts';

const ask = (lab: Lab, fd: number, program = lab.a): Partial<TcpInfo> => lab.value<Partial<TcpInfo>>((done) => program.tcpInfo(fd, done));

test('TCP_INFO of an idle connection: what was agreed, and the round trip of the handshake', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  expect(ask(lab, c)).toMatchObject({
    tcpi_state: 1,
    tcpi_ca_state: 0,
    tcpi_options: 1 | 2 | 4,
    tcpi_snd_wscale: 10,
    tcpi_rcv_wscale: 10,
    tcpi_rtt: 10_000,
    tcpi_min_rtt: 10_000,
    tcpi_rto: 210_000,
    tcpi_snd_mss: 1448,
    tcpi_advmss: 1460,
    tcpi_pmtu: 1500,
    tcpi_snd_cwnd: 10,
    tcpi_unacked: 0,
  });
});

test('while nothing arrives the timeouts show', () => {
  const lab = new Lab();
  const { c } = lab.connected();
  lab.cable.set({ loss: 1 });
  lab.value<number>((done) => lab.a.send(c, new Uint8Array(20_000), [], done));
  lab.run(1000);
  const info = ask(lab, c);
  expect(info.tcpi_ca_state).toBe(4);
  expect(info.tcpi_snd_cwnd).toBe(1);
  expect(info.tcpi_unacked).toBe(11); // the window, and the tail loss probe
  expect(info.tcpi_notsent_bytes).toBe(20_000 - 11 * 1448);
  expect(info.tcpi_retransmits).toBeGreaterThan(0);
  expect(info.tcpi_total_retrans).toBeGreaterThanOrEqual(info.tcpi_retransmits!);
  expect(info.tcpi_last_ack_recv).toBeGreaterThanOrEqual(1000);
});

test('of a listener it tells the accept queue and its limit, as ss -lnt shows them', () => {
  const lab = new Lab();
  const listener = lab.listening(3);
  lab.connecting();
  lab.run(100);
  expect(ask(lab, listener, lab.b)).toEqual({ tcpi_state: 10, tcpi_unacked: 1, tcpi_sacked: 3 });
});

test('an unconnected socket is closed', () => {
  const lab = new Lab();
  expect(ask(lab, lab.socket(lab.a))).toEqual({ tcpi_state: 7 });
});

test('what a sender waited for: the peer with a closed window, then the network', () => {
  const { peer, fd } = established();
  peer.says('.', { seq: 1, ack: 1, window: 0 }).sends(fd, 'hello').waits(150);
  expect(limits(peer, fd)).toEqual([150, 150, 0]);
  peer.says('.', { seq: 1, ack: 1, window: 1000 }).waits(30);
  expect(limits(peer, fd)).toEqual([180, 150, 0]);
  peer.says('.', { seq: 1, ack: 6 }).waits(500);
  expect(limits(peer, fd)).toEqual([180, 150, 0]); // all is acknowledged: it waits for its user
});

test('what a sender waited for: room in its own buffer', () => {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, 'SO_SNDBUF', 4000, () => {});
  peer.program.send(fd, new Uint8Array(50_000), [], () => {});
  peer.waits(40);
  expect(limits(peer, fd)).toEqual([40, 0, 40]);
});

test('tcpi_last_data_recv counts from the handshake, and then from the last data', () => {
  const { peer, fd } = established();
  const last = (): number => peer.tcpInfo(fd).tcpi_last_data_recv!;
  peer.waits(70);
  expect(last()).toBe(70);
  peer.says('P.', { seq: 1, ack: 1, data: 'now' }).waits(20);
  expect(last()).toBe(20);
});

/** Milliseconds busy, held up by the peer's window, held up by the send buffer. */
function limits(peer: HandPlayed, fd: number): (number | undefined)[] {
  const { tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited } = peer.tcpInfo(fd);
  return [tcpi_busy_time! / 1000, tcpi_rwnd_limited! / 1000, tcpi_sndbuf_limited! / 1000];
}
