import { describe, expect, test } from 'vitest';
import { traceColumns } from '../analysis/align/trace-columns.ts';
import { TwoCaptures } from '../analysis/testing/two-captures.ts';
import { ms } from '../wire/units.ts';
import { ComparedCaptures } from './compared-captures.ts';

/** Some connections over a bad cable, captured at both ends. */
function lives(count: number) {
  const lab = new TwoCaptures({ seed: 7, skew: { ahead: 3, drift: 0 }, cable: { delay: ms(15), loss: 0.04 } });
  lab.listening();
  for (let i = 0; i < count; i++) {
    const { fd } = lab.connecting();
    lab.run(3000);
    lab.transfer(fd, 20_000, 4000, 100);
  }
  lab.run(3000);
  lab.engine.flushTaps();
  const columns = ({ captured, tcpPackets }: typeof lab.atClient) => traceColumns(captured, tcpPackets);
  return { lab, compared: new ComparedCaptures({ own: columns(lab.atClient), other: columns(lab.atServer) }) };
}

describe('two captures side by side', () => {
  const { lab, compared } = lives(3);

  test('how they lie, and every connection with its losses', () => {
    expect(compared.align()).toMatchObject({ nearClient: 'this', connections: 3 });
    expect(compared.align()!.clock!.ahead).toBeCloseTo(3, 2);
    const all = compared.connections(0);
    expect(all.map(({ id, other }) => [id, other])).toEqual([[0, 0], [1, 1], [2, 2]]); // biome-ignore format: as read
    expect(compared.connections(2)).toEqual(all.slice(2));
    expect(compared.connections(3)).toEqual([]);
  });

  test('pages of a connection are parts of one whole, on the clock of this capture', () => {
    const page = (from: number, count: number) => {
      const answer = compared.segments({ connection: 1, from, count });
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value;
    };
    const whole = page(0, 10_000);
    expect(whole.rows).toHaveLength(whole.total);
    expect([...page(0, 7).rows, ...page(7, 9).rows]).toEqual(whole.rows.slice(0, 16));
    expect(page(whole.total, 10)).toMatchObject({ rows: [], arrows: [] });
    const [first] = whole.rows;
    expect(first).toMatchObject({ from: 'client', place: 'client', relativeSeq: 0, at: lab.atClient.record(1).start });
    for (const { partner, frame } of whole.rows) if (partner) expect(whole.rows[partner.row]!.partner!.frame).toBe(frame);
  });

  test('a segment passes a display filter if it does in either capture', () => {
    const [here, elsewhere] = [lab.atClient.segments(0, 0, 10_000), lab.atServer.segments(0, 0, 10_000)];
    const data = (rows: typeof here) => Uint32Array.from(rows.filter(({ length }) => length > 0).map(({ frame }) => frame));
    const passing = { key: 'data', own: data(here), other: new Uint32Array() };
    const answer = compared.segments({ connection: 0, from: 0, count: 10_000, passing });
    expect(answer.ok && answer.value.rows.every(({ length }) => length > 0)).toBe(true);
    expect(answer.ok && answer.value.rows.some(({ place }) => place === 'server')).toBe(true);
    const nowhere = compared.segments({
      connection: 0,
      from: 0,
      count: 10,
      passing: { key: 'none', own: new Uint32Array(), other: new Uint32Array() },
    });
    expect(nowhere).toMatchObject({ ok: true, value: { total: 0, rows: [] } });
    const there = compared.segments({
      connection: 0,
      from: 0,
      count: 10_000,
      passing: { key: 'there', own: new Uint32Array(), other: data(elsewhere) },
    });
    expect(there.ok && there.value.total).toBeGreaterThan(0);
  });

  test('a connection of one capture alone', () => {
    expect(compared.segments({ connection: 9, from: 0, count: 1 })).toMatchObject({ ok: false, error: { kind: 'not-in-both' } });
  });
});
