import { describe, expect, test } from 'vitest';
import type { SendCause } from '../../engine/probes.ts';
import { Flag } from '../../wire/segment.ts';
import { ms } from '../../wire/units.ts';
import { analyse } from '../testing/conversation.ts';
import { DiagnosedLab, recordedTransfer } from '../testing/diagnosed.ts';

/** Sends data over a cable that loses some of the client's segments, by their order. */
function transfer({
  octets,
  lose,
  tap = 'client',
  seed = 1,
}: {
  octets: number;
  lose: (nth: number) => boolean;
  tap?: 'client' | 'server';
  seed?: number;
}) {
  let nth = 0;
  const lab = new DiagnosedLab({
    seed,
    tap,
    cable: {
      delay: ms(20),
      intercept: ({ segment }, from) => (from === 'client' && segment.payload.length > 0 && lose(++nth) ? 'drop' : 'pass'),
    },
  });
  const { c, s } = lab.connected();
  lab.drain(lab.b, s);
  lab.send(lab.a, c, octets);
  lab.run(20_000);
  const truth: Partial<Record<SendCause, number>> = {};
  for (const event of lab.events)
    if (event.kind === 'segment-sent' && event.host === 'client' && event.segment.payload.length > 0)
      truth[event.cause] = (truth[event.cause] ?? 0) + 1;
  return { lab, truth };
}

describe('what was sent again, and why', () => {
  test('fast: the receiver asked for it', () => {
    const { lab, truth } = transfer({ octets: 20_000, lose: (n) => n === 3 });
    expect(truth['fast-retransmission']).toBe(1);
    const [finding] = lab.of('retransmissions');
    expect(finding).toMatchObject({ side: 'client', values: { count: 1, fast: 1, timeout: 0, lostBehind: 1, lostBefore: 0 } });
  });

  test('captured where it never came: the loss lies before the capture', () => {
    const { lab } = transfer({ octets: 20_000, lose: (n) => n === 3, tap: 'server' });
    expect(lab.of('retransmissions')).toMatchObject([{ side: 'client', values: { count: 1, fast: 1, lostBehind: 0, lostBefore: 1 } }]);
  });

  test('the last segments of a flight: a tail loss probe', () => {
    const { lab, truth } = transfer({ octets: 10_000, lose: (n) => n === 6 || n === 7 });
    expect(truth).toMatchObject({ 'loss-probe': 1, 'fast-retransmission': 1 }); // the probe shows that one more is missing
    expect(lab.of('retransmissions')).toMatchObject([{ values: { tailProbe: 1, fast: 1, timeout: 0 } }]);
  });

  test('a single segment: some timer, and which of the two stays open', () => {
    const { lab } = transfer({ octets: 100, lose: (n) => n === 1 });
    expect(lab.of('retransmissions')).toMatchObject([{ ambiguous: true, values: { timer: 1, timeout: 0 } }]);
  });

  test('the same segment again and again: the retransmission timer, doubling', () => {
    const { lab } = transfer({ octets: 100, lose: (n) => n <= 5 });
    const [finding] = lab.of('retransmissions');
    expect(finding).toMatchObject({ severity: 'warning', values: { timer: 1, timeout: 4 } });
    expect(finding!.values!.waitedSeconds).toBeGreaterThan(3);
  });

  /** A program that writes now and then; from the tenth write on, for two seconds, nothing of it arrives. */
  const interrupted = () => {
    let gone = false;
    const lab = new DiagnosedLab({
      tap: 'client',
      cable: { delay: ms(20), intercept: (_packet, from) => (from === 'client' && gone ? 'drop' : 'pass') },
    });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    for (let i = 0; i < 60; i++) {
      gone = i >= 10 && i < 50;
      lab.send(lab.a, c, 500);
      lab.run(50);
    }
    lab.run(5000);
    const sent = lab.events.filter((e) => e.kind === 'segment-sent' && e.host === 'client' && e.segment.payload.length > 0);
    const again = (causes: RegExp) => sent.filter((e) => e.kind === 'segment-sent' && causes.test(e.cause)).length;
    return { lab, byTimer: again(/^retransmission|loss-probe/), fast: again(/fast/) };
  };

  test('new data does not put the retransmission timer off', () => {
    const { lab, byTimer, fast } = interrupted();
    expect(byTimer).toBeGreaterThan(5);
    expect(fast).toBe(0);
    const [{ values } = {}] = lab.of('retransmissions');
    expect(values).toMatchObject({ count: byTimer, fast: 0, unclear: 0, needless: 0 });
  });

  test('what came in one go with segments that nobody can have asked for was not asked for either', () => {
    const sack = 'options=0101050a00002711000029f9';
    const [finding] = analyse(`
      0.000 > S 0
      0.000 < SA 0 1
      0.020 > A 1 1
      0.030 > PA 1 1 1000
      0.030 < A 1 1001
      3.000 > PA 1001 1 1000   # the retransmission timer's; what came before was lost on the way
      3.000 < A 1 2001
      3.020 > PA 9001 1 1000   # new data, which the ACK let go
      3.020 < A 1 2001 ${sack}
      3.022 > PA 2001 1 1000   # no SACK can have asked for this one yet
      3.022 < A 1 3001 ${sack}
      3.041 > PA 3001 1 1000
      3.041 < A 1 4001 ${sack}
      3.042 > PA 4001 1 1000
    `)
      .findings(0)
      .filter(({ kind }) => kind === 'retransmissions');
    expect(finding).toMatchObject({ ambiguous: true, values: { count: 2, fast: 0, unclear: 2 } });
  });

  test('what was sent before something that is acknowledged needs no SACK to be known for lost (RACK)', () => {
    const [finding] = analyse(`
      0.0000 > S 0
      0.0200 < SA 0 1
      0.0201 > A 1 1
      0.0300 > A 1 1 1000
      0.0310 > A 1001 1 1000
      0.0510 < A 1 1 options=0101050a000007d100000bb9
      0.0511 > A 1 1 1000
      0.0512 > A 2001 1 1000
      0.0513 > A 3001 1 1000
      0.0514 > A 4001 1 1000
      0.0515 > A 5001 1 1000
      0.0600 > A 2001 1 1000
      0.0713 < A 1 2001
      0.0801 < A 1 3001      # of what was sent at 0.06, after 4001
      0.0802 > A 4001 1 1000
    `)
      .findings(0)
      .filter(({ kind }) => kind === 'retransmissions');
    expect(finding!.values).toMatchObject({ count: 3, fast: 3, unclear: 0 });
  });

  test('a FIN sent again is counted among what can be', () => {
    const lab = new DiagnosedLab({
      tap: 'client',
      cable: { intercept: ({ segment }) => ((segment.flags & Flag.FIN) !== 0 ? 'drop' : 'pass') },
    });
    const { c } = lab.connected();
    lab.send(lab.a, c, 10);
    lab.run(100);
    lab.close(lab.a, c);
    lab.run(5000);
    const [{ values } = {}] = lab.of('retransmissions');
    expect(values!.count).toBeGreaterThan(2);
    expect(values!.share).toBeLessThan(1);
  });

  test('over many random losses the cause is that of the engine, or none is named', () => {
    let right = 0;
    let wrong = 0;
    let open = 0;
    for (let seed = 1; seed <= 25; seed++) {
      const { lab, truth } = transfer({ octets: 150_000, seed, lose: (n) => (n * 7919 * seed) % 23 === 0 });
      const [finding] = lab.of('retransmissions');
      if (!finding) continue;
      const { fast, timeout, tailProbe, timer, unclear, needless } = finding.values as Record<string, number>;
      const fastTruth = truth['fast-retransmission'] ?? 0;
      const timerTruth = (truth.retransmission ?? 0) + (truth['loss-probe'] ?? 0);
      open += unclear! + needless!;
      const timed = timeout! + tailProbe! + timer!;
      right += Math.min(fast!, fastTruth) + Math.min(timed, timerTruth);
      wrong += Math.max(0, fast! - fastTruth) + Math.max(0, timed - timerTruth);
    }
    expect(right).toBeGreaterThan(80);
    expect(wrong).toBeLessThanOrEqual(0.05 * right);
    expect(open).toBeLessThanOrEqual(0.05 * right);
  });

  test('nothing lost, nothing said', () => {
    const { lab } = transfer({ octets: 150_000, lose: () => false });
    expect(lab.of('retransmissions')).toEqual([]);
  });

  test('what was merely overtaken was not sent again', () => {
    const lab = new DiagnosedLab({ tap: 'server', cable: { delay: ms(20), reordering: 0.05, reorderBy: ms(2) } });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    lab.send(lab.a, c, 60_000);
    lab.run(3000);
    const repeated = lab.events.filter((e) => e.kind === 'segment-sent' && e.host === 'client' && /retrans|probe/.test(e.cause)).length;
    expect(lab.of('retransmissions')[0]?.values?.count ?? 0).toBeLessThanOrEqual(repeated);
  });

  test('a packet captured twice is no retransmission', () => {
    const twice = new DiagnosedLab().analysis;
    for (const batch of recordedTransfer()) {
      // The engine leaves the identification 0, as a host may that never fragments; other hosts count.
      batch.offset.forEach((at, i) => {
        new DataView(batch.data.buffer).setUint16(at + 4, 1000 + i);
      });
      for (let i = 0; i < batch.count; i++)
        for (let copy = 0; copy < 2; copy++)
          twice.add({
            ...batch,
            count: 1,
            offset: batch.offset.subarray(i, i + 1),
            capturedLength: batch.capturedLength.subarray(i, i + 1),
            originalLength: batch.originalLength.subarray(i, i + 1),
            seconds: batch.seconds.subarray(i, i + 1),
            nanoseconds: batch.nanoseconds.subarray(i, i + 1),
            linkType: batch.linkType.subarray(i, i + 1),
            interfaceId: batch.interfaceId.subarray(i, i + 1),
            position: batch.position.subarray(i, i + 1),
          });
    }
    const kinds = twice.findings(0).map(({ kind }) => kind);
    expect(kinds).toContain('captured-twice');
    expect(kinds).not.toContain('retransmissions');
  });
});

describe('an end that falls silent', () => {
  test('is told, with what was repeated', () => {
    const lab = new DiagnosedLab({ tap: 'client' });
    const { c } = lab.connected();
    lab.cable.set({ loss: 1 });
    lab.send(lab.a, c, 100);
    lab.run(10_000);
    expect(lab.of('peer-silent')).toMatchObject([{ severity: 'problem', side: 'server', ambiguous: true }]);
  });

  test('where only segments larger than all before are repeated, the path’s MTU may be to blame', () => {
    const said = (...writes: readonly number[]) => {
      const lab = new DiagnosedLab({ tap: 'client' });
      const { c, s } = lab.connected();
      lab.drain(lab.b, s);
      lab.send(lab.a, c, writes[0]!);
      lab.run(500);
      lab.cable.set({ loss: 1 });
      lab.send(lab.a, c, writes[1]!);
      lab.run(10_000);
      return lab.of('peer-silent')[0]!.text;
    };
    expect(said(200, 1000)).toContain('MTU is too small for them: they have 1000 octets or more');
    expect(said(1000, 200)).not.toContain('MTU');
    expect(said(1000, 1000)).not.toContain('MTU');
  });

  test('is not told of one that was only slow', () => {
    const { lab } = transfer({ octets: 100, lose: (n) => n <= 5 });
    expect(lab.of('peer-silent')).toEqual([]);
  });
});

test('a capture with a hole says so', () => {
  const findings = analyse(`
    0.000 > S  0
    0.010 < SA 0 1
    0.020 > A  1 1
    0.030 > PA 1 1 100
    0.040 < A  1 301`).findings(0);
  expect(findings.map(({ kind }) => kind)).toContain('capture-gaps');
});

test('keep-alives: answered, and not', () => {
  const lab = new DiagnosedLab({ tap: 'client' });
  const { c } = lab.connected();
  lab.set(lab.a, c, 'TCP_KEEPIDLE', 2);
  lab.set(lab.a, c, 'TCP_KEEPINTVL', 1);
  lab.set(lab.a, c, 'TCP_KEEPCNT', 3);
  lab.set(lab.a, c, 'SO_KEEPALIVE', 1);
  lab.send(lab.a, c, 10);
  lab.run(7000);
  expect(lab.of('keepalive')).toMatchObject([{ severity: 'note', side: 'client' }]);
  expect(lab.grave()).toEqual([]);
  lab.cable.set({ intercept: (_, from) => (from === 'client' ? 'drop' : 'pass') });
  lab.run(20_000);
  expect(lab.of('keepalive-unanswered')).toMatchObject([{ severity: 'problem', side: 'server' }]);
  expect(lab.of('reset')).toMatchObject([{ side: 'client', reason: 'keepalive' }]);
  expect(lab.events.some((e) => e.kind === 'segment-sent' && e.segment.flags & Flag.RST)).toBe(true);
});
