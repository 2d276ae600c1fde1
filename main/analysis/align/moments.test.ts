import { describe, expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Analysis } from '../analysis.ts';
import { frames } from '../testing/conversation.ts';
import { TwoCaptures } from '../testing/two-captures.ts';
import { alignCaptures } from './alignment.ts';
import { Moments } from './moments.ts';
import { capturedFrom, traceColumns } from './trace-columns.ts';

/** A conversation over a bad cable, captured at both ends; the server's clock is wrong. */
function life(seed: number) {
  const lab = new TwoCaptures({ seed, skew: { ahead: 3, drift: 40e-6 }, cable: { delay: ms(15), jitter: ms(6), loss: 0.05 } });
  const { c, s } = lab.connected();
  const drain = (): void =>
    lab.b.recv(s, 100_000, [], (got) => {
      if (got.ok && got.value.length > 0) drain();
    });
  drain();
  lab.transfer(c, 60_000, 6000, 200);
  lab.run(3000);
  lab.engine.flushTaps();
  return lab;
}

const aligned = (lab: TwoCaptures) => alignCaptures(lab.atClient.captured, lab.atServer.captured)!;
const momentsOf = (lab: TwoCaptures) => {
  const alignment = aligned(lab);
  return new Moments(alignment.fates(alignment.matches[0]!));
};
const rowsOf = (moments: Moments) => Array.from({ length: moments.count }, (_, row) => moments.row(row));

describe.each([1, 2, 3, 4])('both places in one order, life %i', (seed) => {
  const moments = momentsOf(life(seed));
  const rows = rowsOf(moments);

  test('each place keeps the order of its capture, and time never goes back', () => {
    for (const place of ['client', 'server'] as const) {
      const frames = rows.filter((row) => row.place === place).map(({ frame }) => frame);
      expect(frames).toEqual(frames.toSorted((x, y) => x - y));
    }
    for (let row = 1; row < rows.length; row++) expect(rows[row]!.at).toBeGreaterThanOrEqual(rows[row - 1]!.at);
  });

  test('what arrives has left before; what was lost has no other row', () => {
    let arrivals = 0;
    rows.forEach(({ fate, place, partner }, row) => {
      if (fate.fate === 'lost') expect([place, partner]).toEqual([fate.from, undefined]);
      if (fate.fate !== 'arrived' || place === fate.from) return;
      arrivals++;
      expect(partner).toBeLessThan(row);
      expect(rows[partner!]).toMatchObject({ fate, place: fate.from, partner: row });
    });
    expect(arrivals).toBeGreaterThan(60);
    expect(rows.some(({ fate }) => fate.fate === 'lost')).toBe(true);
  });

  test('an acknowledgement leaves after the data that it answers came', () => {
    let answers = 0;
    for (const [row, { fate, place }] of rows.entries()) {
      if (fate.from !== 'server' || place !== 'server' || fate.length > 0) continue;
      const data = rows.findIndex(
        ({ fate: other, place: where }) =>
          other.from === 'client' && other.length > 0 && where === 'server' && ((other.seq + other.length - fate.ack) | 0) === 0,
      );
      if (data < 0) continue;
      expect(data).toBeLessThan(row);
      answers++;
    }
    expect(answers).toBeGreaterThan(20);
  });

  test('whoever looks at a part is told what is under way there, wherever it leaves and comes', () => {
    for (let from = 0; from < rows.length; from += 5) {
      const end = Math.min(from + 4, rows.length);
      const expected = rows.flatMap(({ fate, place, partner }, row) =>
        place === fate.from && partner !== undefined && row < end && partner >= from ? [[row, partner]] : [],
      );
      expect(moments.arrows(from, end)).toEqual(expected);
    }
  });

  test('what each place has seen so far is told with every row', () => {
    const last = { client: 0, server: 0 };
    for (const { place, frame, passed } of rows) {
      last[place] = frame;
      expect(passed).toEqual(last);
    }
  });
});

test('clocks that contradict themselves: all is told, each place in its order', () => {
  const segment = { flags: 0x10, seq: 1, ack: 1, length: 0, fate: 'arrived' } as const;
  const moments = new Moments([
    { ...segment, from: 'client', sent: { frame: 2, at: 2e9 }, arrived: { frame: 1, at: 0 } },
    { ...segment, from: 'server', sent: { frame: 2, at: 1e9 }, arrived: { frame: 1, at: 1e9 } },
  ]);
  expect(rowsOf(moments).map(({ place, frame }) => [place, frame])).toEqual([
    ['server', 1],
    ['server', 2],
    ['client', 1],
    ['client', 2],
  ]);
  // Each goes up, and is told of wherever one of its rows is.
  expect(moments.arrows(0, 1)).toEqual([[3, 0]]);
  expect(moments.arrows(1, 2)).toEqual([[3, 0], [1, 2]]); // biome-ignore format: as read
});

test('columns that another thread reads give the same alignment', () => {
  const lab = life(5);
  const over = [lab.atClient, lab.atServer].map((analysis) => capturedFrom(traceColumns(analysis.captured, analysis.tcpPackets)));
  const [there, here] = [alignCaptures(over[0]!, over[1]!)!, aligned(lab)];
  expect(there.clock).toEqual(here.clock);
  expect(there.judge(there.matches[0]!)).toEqual(here.judge(here.matches[0]!));
  expect(there.fates(there.matches[0]!)).toEqual(here.fates(here.matches[0]!));
});

test('a segment that came in pieces has an arrow to each; pieces that came as one, an arrow from each', () => {
  const [sent, came] = [new Analysis(), new Analysis()];
  sent.add(
    frames(`0.000 > S 0
    0.030 < SA 0 1
    0.031 > A 1 1
    0.040 > A 1 1 2000
    0.071 < A 1 2001
    0.080 < A 1 2001 1000
    0.110 > A 2001 1001`),
  );
  came.add(
    frames(`0.015 > S 0
    0.016 < SA 0 1
    0.046 > A 1 1
    0.054999 > A 1 1 1000
    0.054999 > A 1001 1 1000
    0.056 < A 1 2001
    0.064 < A 1 2001 500
    0.065 < A 501 2001 500
    0.126 > A 2001 1001`),
  );
  const alignment = alignCaptures(sent.captured, came.captured)!;
  const moments = new Moments(alignment.fates(alignment.matches[0]!));
  const rows = rowsOf(moments);
  for (const [leaves, arrives] of moments.arrows(0, rows.length)) expect(leaves).toBeLessThan(arrives);
  const cut = moments.arrows(0, rows.length).filter(([leaves]) => rows[leaves]!.fate.fate === 'recut');
  expect(cut.map(([leaves, arrives]) => [rows[leaves]!.frame, rows[arrives]!.frame])).toEqual([
    [4, 4],
    [4, 5],
    [7, 6],
    [8, 6],
  ]);
  expect(alignment.judge(alignment.matches[0]!).directions).toMatchObject({
    client: { recut: 1, lost: 0 },
    server: { recut: 2, notCaptured: 0 },
  });
});
