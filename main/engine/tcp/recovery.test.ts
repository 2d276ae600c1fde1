import { describe, expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import type { Packet } from '../network/packet.ts';
import type { ProbeEvent } from '../probes.ts';
import type { SysctlSettings } from '../sysctls.ts';
import { Lab } from '../testing/lab.ts';
import { established } from '../testing/peer.ts';

const MSS = 1448;
type Fate = 'pass' | 'drop' | ReturnType<typeof ms>;

/** A connection over 20 ms of round trip whose client sends full segments; `fate` decides about its n-th data segment, from 1. */
class Flow {
  readonly lab: Lab;
  readonly c: number;
  readonly s: number;
  /** Octets the server has read. */
  private octets = 0;
  private number = 0;
  private began = 0;

  constructor(fate: (n: number, seq: number) => Fate, sysctls: SysctlSettings = {}) {
    this.lab = new Lab({ cable: { delay: ms(10) }, clientSysctls: sysctls });
    const { c, s } = this.lab.connected();
    this.c = c;
    this.s = s;
    const drain = (): void =>
      this.lab.b.recv(s, 1_000_000, [], (result) => {
        if (!result.ok || result.value.length === 0) return;
        this.octets += result.value.length;
        drain();
      });
    drain();
    this.lab.cable.set({
      intercept: (p: Packet, from: string) =>
        from === 'client' && p.segment && p.segment.payload.length > 0 ? fate(++this.number, p.segment.seq) : 'pass',
    });
  }

  /** Writes so many full segments at once, and lets time pass. */
  sends(segments: number, milliseconds: number): this {
    this.lab.forget();
    this.began = this.lab.engine.now;
    this.lab.call<number>((done) => this.lab.a.send(this.c, new Uint8Array(segments * MSS), [], done));
    this.lab.run(milliseconds);
    return this;
  }

  /** What the server has read, in segments. */
  get read(): number {
    return this.octets / MSS;
  }

  /** Why and when (in whole milliseconds since the write) the client sent other than data and ACKs. */
  repairs(): string[] {
    return this.lab.events.flatMap((e) =>
      e.kind === 'segment-sent' && e.host === 'client' && e.cause !== 'data' && e.cause !== 'ack'
        ? [`${e.cause} at ${Math.round((e.at - this.began) / 1e6)}`]
        : [],
    );
  }

  count(name: Parameters<Lab['client']['counters']['get']>[0]): number {
    return this.lab.client.counters.get(name);
  }

  windows(): Extract<ProbeEvent, { kind: 'cwnd' }>[] {
    return this.lab.events.flatMap((e) => (e.kind === 'cwnd' && e.host === 'client' ? [e] : []));
  }

  get cwnd(): number {
    return this.lab.engine.snapshot().hosts[0]!.connections[0]!.cwnd;
  }
}

const NO_PROBES = { 'net.ipv4.tcp_early_retrans': 0 } as const;

describe('tail loss probe (RFC 8985 §7)', () => {
  test('the lost tail is asked for after two round trips, and the answer brings a fast retransmission, not a timeout', () => {
    const flow = new Flow((n) => (n === 4 || n === 5 ? 'drop' : 'pass'));
    flow.sends(5, 150);
    // The ACK of segment 3 comes at 20 ms; twice 20 ms and 2 ms later the last segment goes again, and RACK finds the one before it.
    expect(flow.repairs()).toEqual(['loss-probe at 62', 'fast-retransmission at 82']);
    expect(flow.count('TCPLossProbes')).toBe(1);
    expect(flow.count('TCPTimeouts')).toBe(0);
    expect(flow.read).toBe(5);
  });

  test('a probe that repairs the loss itself is a congestion signal: the window shrinks once', () => {
    const flow = new Flow((n) => (n === 5 ? 'drop' : 'pass'));
    flow.sends(5, 300);
    // A single segment may wait for a delayed ACK, so the probe comes no earlier than the timeout would.
    expect(flow.repairs()).toEqual(['loss-probe at 240']);
    flow.sends(1, 100);
    expect(flow.count('TCPLossProbeRecovery')).toBe(1);
    expect(flow.cwnd).toBeLessThan(10);
  });

  test('a probe of what was only late is reported as a duplicate, and nothing shrinks', () => {
    const flow = new Flow((n) => (n === 5 ? ms(245) : 'pass'));
    flow.sends(5, 400);
    expect(flow.repairs()).toEqual(['loss-probe at 240']);
    flow.sends(1, 100);
    expect(flow.count('TCPDSACKRecv')).toBe(1);
    expect(flow.count('TCPLossProbeRecovery')).toBe(0);
    expect(flow.cwnd).toBeGreaterThanOrEqual(10);
  });

  test('where it is turned off, the retransmission timer repairs the tail', () => {
    const flow = new Flow((n) => (n === 5 ? 'drop' : 'pass'), NO_PROBES);
    flow.sends(5, 500);
    expect(flow.repairs()).toEqual(['retransmission at 240']);
    expect(flow.count('TCPTimeouts')).toBe(1);
  });
});

describe('RACK (RFC 8985 §6)', () => {
  test('a packet overtaken by two others within a quarter of the round trip is not sent again', () => {
    const flow = new Flow((n) => (n === 3 ? ms(4) : 'pass'));
    flow.sends(5, 200);
    expect(flow.repairs()).toEqual([]);
    expect(flow.count('TCPSACKReorder')).toBe(1);
    expect(flow.read).toBe(5);
  });

  test('once reordering was seen, even ten packets may overtake one', () => {
    const flow = new Flow((n) => (n === 3 || n === 11 ? ms(4) : 'pass'));
    flow.sends(5, 200).sends(10, 200);
    expect(flow.repairs()).toEqual([]);
    expect(flow.count('TCPFastRetrans')).toBe(0);
  });

  test('three later arrivals are proof of a loss where reordering was never seen', () => {
    const flow = new Flow((n) => (n === 2 ? 'drop' : 'pass'));
    flow.sends(10, 200);
    expect(flow.repairs()).toEqual(['fast-retransmission at 20']);
    expect(flow.count('TCPSackRecovery')).toBe(1);
  });

  test('two later arrivals are none: the reordering timer waits a quarter of the round trip, and 2 ms', () => {
    const flow = new Flow((n) => (n === 3 ? 'drop' : 'pass'));
    flow.sends(5, 200);
    expect(flow.repairs()).toEqual(['fast-retransmission at 27']);
    expect(flow.count('TCPTimeouts')).toBe(0);
  });

  test('a retransmission that is lost too is found by what was sent after it, without a timeout', () => {
    let second = -1;
    let copies = 0;
    const flow = new Flow((n, seq) => {
      if (n === 2) second = seq;
      return seq === second && ++copies <= 2 ? 'drop' : 'pass';
    });
    flow.sends(30, 400);
    expect(copies).toBe(3);
    expect(flow.count('TCPLostRetransmit')).toBe(1);
    expect(flow.count('TCPTimeouts')).toBe(0);
    expect(flow.read).toBe(30);
  });
});

describe('limited transmit (RFC 3042)', () => {
  test('each of the first two duplicate ACKs lets a new segment out; the third brings the lost one', () => {
    const { peer, fd } = established(NO_PROBES);
    peer.sends(fd, 'x'.repeat(13_000));
    expect(peer.hears()).toHaveLength(10);
    peer.says('.', { seq: 1, ack: 1 });
    expect(peer.hears()).toEqual(['. 10001:11001 ack 1']);
    peer.says('.', { seq: 1, ack: 1 });
    expect(peer.hears()).toEqual(['. 11001:12001 ack 1']);
    peer.says('.', { seq: 1, ack: 1 });
    expect(peer.hears()).toEqual(['. 1:1001 ack 1']);
  });

  test('so do the first two SACKed segments', () => {
    const flow = new Flow((n) => (n === 2 || n === 3 ? 'pass' : 'drop'), NO_PROBES);
    flow.sends(14, 21);
    expect(flow.lab.sentAt('client').filter((one) => one.octets > 0)).toHaveLength(12);
  });
});

describe('F-RTO (RFC 5682) and undo', () => {
  test('a delay that makes the timer run out is recognised, and the window comes back', () => {
    let hold = false;
    const flow = new Flow(() => (hold ? ms(300) : 'pass'), { ...NO_PROBES, 'net.ipv4.tcp_timestamps': 0 });
    flow.sends(10, 200);
    const before = flow.cwnd;
    hold = true;
    flow.sends(40, 230); // more than the window takes: new data is there when the first ACK comes
    hold = false;
    flow.lab.run(1000);
    expect(flow.count('TCPTimeouts')).toBe(1);
    expect(flow.count('TCPSpuriousRTOs')).toBe(1);
    expect(flow.cwnd).toBeGreaterThanOrEqual(before);
    expect(flow.repairs()).toHaveLength(1);
  });

  test('a real loss of everything is sent again in slow start', () => {
    let lose = true;
    const flow = new Flow(() => (lose ? 'drop' : 'pass'), NO_PROBES);
    flow.lab.engine.clock.after(ms(100), () => {
      lose = false;
    });
    flow.sends(8, 500);
    expect(flow.count('TCPSpuriousRTOs')).toBe(0);
    expect(flow.repairs()[0]).toBe('retransmission at 220');
    expect(flow.repairs()).toHaveLength(8);
    expect(flow.read).toBe(8);
  });

  test('a fast retransmission of what was only late is undone by D-SACK', () => {
    const flow = new Flow((n) => (n === 2 ? ms(25) : 'pass'), { ...NO_PROBES, 'net.ipv4.tcp_timestamps': 0 });
    flow.sends(10, 300);
    expect(flow.count('TCPFastRetrans')).toBe(1);
    expect(flow.count('TCPDSACKRecv')).toBe(1);
    flow.sends(1, 200);
    expect(flow.cwnd).toBeGreaterThanOrEqual(10);
  });

  test('with timestamps the echo tells at once that the original arrived (Eifel)', () => {
    const flow = new Flow((n) => (n === 2 ? ms(15) : 'pass'), NO_PROBES);
    flow.sends(10, 300);
    expect(flow.count('TCPFullUndo') + flow.count('TCPPartialUndo') + flow.count('TCPDSACKUndo')).toBe(1);
    expect(flow.cwnd).toBeGreaterThanOrEqual(10);
  });
});

describe('proportional rate reduction (RFC 6937)', () => {
  test('the window goes down to the threshold bit by bit, and never stalls', () => {
    const flow = new Flow((n) => (n === 60 ? 'drop' : 'pass'), { 'net.ipv4.tcp_congestion_control': 'reno' });
    flow.sends(40, 400).sends(60, 400);
    const reducing = flow.windows().filter((w) => w.phase === 'recovery');
    const { ssthresh } = reducing.at(-1)!;
    expect(ssthresh).toBeGreaterThan(10);
    for (const [i, w] of reducing.entries()) {
      if (i > 1) expect(w.cwnd).toBeLessThanOrEqual(reducing[i - 1]!.cwnd);
      expect(w.cwnd).toBeGreaterThanOrEqual(ssthresh);
    }
    expect(flow.windows().filter((w) => w.phase === 'open')[0]!.cwnd).toBeGreaterThanOrEqual(ssthresh);
  });
});

describe('slow start after idle (RFC 5681 §4.1)', () => {
  test('the window halves for each timeout of silence, down to the initial one', () => {
    const flow = new Flow(() => 'pass');
    flow.sends(60, 500);
    expect(flow.cwnd).toBeGreaterThan(40);
    flow.lab.run(5000);
    flow.sends(30, 15);
    expect(flow.lab.sentAt('client').filter((one) => one.octets > 0)).toHaveLength(10);
  });

  test('net.ipv4.tcp_slow_start_after_idle 0 keeps it', () => {
    const flow = new Flow(() => 'pass', { 'net.ipv4.tcp_slow_start_after_idle': 0 });
    flow.sends(60, 500);
    flow.lab.run(5000);
    flow.sends(30, 15);
    expect(flow.lab.sentAt('client').filter((one) => one.octets > 0).length).toBeGreaterThan(20);
  });
});
