import { expect, test } from 'vitest';
import { TCP_STATES } from '../../main/tcp-model/states.ts';
import { TRANSITIONS } from '../../main/tcp-model/transitions.ts';
import { BOX, curveOf, EDGES, NODE, PLACES } from './geometry.ts';

test('every transition of the table lies on exactly one edge', () => {
  expect(EDGES.flatMap((edge) => edge.rows)).toHaveLength(TRANSITIONS.length);
  expect(new Set(EDGES.flatMap((edge) => edge.rows))).toEqual(new Set(TRANSITIONS));
});

test('no two boxes touch, and all stand within the figure', () => {
  for (const a of TCP_STATES) {
    expect(PLACES[a].x - NODE.width / 2).toBeGreaterThanOrEqual(0);
    expect(PLACES[a].y + NODE.height / 2).toBeLessThanOrEqual(BOX.height);
    for (const b of TCP_STATES)
      if (a < b)
        expect(Math.abs(PLACES[a].x - PLACES[b].x) > NODE.width || Math.abs(PLACES[a].y - PLACES[b].y) > NODE.height, `${a} and ${b}`).toBe(
          true,
        );
  }
});

test.each(EDGES.map((edge) => [`${edge.from} > ${edge.to}`, edge] as const))(
  '%s is drawn with numbers, from one box to the other',
  (_, edge) => {
    const { path } = curveOf(edge.from, edge.to);
    expect(path).not.toMatch(/NaN|Infinity/);
    const [x, y] = path
      .slice(1)
      .split(/[A-Z ]/)
      .map(Number) as [number, number];
    expect(Math.abs(x - PLACES[edge.from].x)).toBeLessThanOrEqual(NODE.width / 2 + 4);
    expect(Math.abs(y - PLACES[edge.from].y)).toBeLessThanOrEqual(NODE.height / 2 + 4);
  },
);

test('the ways out that every state has are kept in the background', () => {
  const rare = (from: string, to: string): boolean | undefined => EDGES.find((e) => e.from === from && e.to === to)?.rare;
  expect(rare('ESTABLISHED', 'CLOSED')).toBe(true);
  expect(rare('LAST-ACK', 'CLOSED')).toBe(false);
  expect(rare('SYN-SENT', 'ESTABLISHED')).toBe(false);
});
