import type { ComparedMoment } from '../../preload/contract.ts';

/** Height of a row. */
export const ROW = 26;

/** One stroke between the lines of the two places, in pixels from the top left corner of the rows drawn. */
export interface Stroke {
  /** Unlike any other of the same rows. */
  readonly key: string;
  /** The row that tells what it is. */
  readonly row: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** How it ends: it arrives, or it does not, or nobody saw where it began. */
  readonly end: 'arrow' | 'lost' | 'open';
  /** In pieces, or of nobody knows what. */
  readonly dashed: boolean;
}

interface Shown {
  readonly rows: readonly (ComparedMoment | undefined)[];
  readonly arrows: Iterable<readonly [leaves: number, arrives: number]>;
  /** The first row drawn. */
  readonly first: number;
  readonly last: number;
  /** Between the two lines. */
  readonly width: number;
}

/** How much of the way a segment is drawn that was seen at one place only. */
const PART = 0.55;

/** What is drawn of the rows in sight: each way of a segment once, and the ends of those that have none. */
export function strokes({ rows, arrows, first, last, width }: Shown): readonly Stroke[] {
  const y = (row: number): number => (row - first + 0.5) * ROW;
  const found = new Map<string, Stroke>();
  const linked = new Set<number>();
  for (const [leaves, arrives] of arrows) {
    linked.add(leaves).add(arrives);
    // One of the two may lie beyond the rows known; both are of one segment.
    const row = rows[leaves] ? leaves : arrives;
    const from = rows[row]?.from;
    if (!from || Math.max(leaves, arrives) < first || Math.min(leaves, arrives) > last) continue;
    const [x1, x2] = from === 'client' ? [0, width] : [width, 0];
    const dashed = rows[row]!.fate === 'recut';
    const key = `${leaves}-${arrives}`;
    found.set(key, { key, row, x1, y1: y(leaves), x2, y2: y(arrives), end: 'arrow', dashed });
  }
  for (let row = first; row <= last; row++) {
    const moment = rows[row];
    if (moment && !linked.has(row)) found.set(`${row}`, alone(moment, row, y(row), width));
  }
  return [...found.values()];
}

/** A segment that was seen at one place only. */
function alone({ from, place, fate }: ComparedMoment, row: number, y: number, width: number): Stroke {
  const leaves = from === place;
  const near = place === 'client' ? 0 : width;
  const far = place === 'client' ? width * PART : width * (1 - PART);
  const [x1, x2] = leaves ? [near, far] : [far, near];
  const end = fate === 'lost' ? 'lost' : leaves ? 'open' : 'arrow';
  return { key: `${row}`, row, x1, y1: leaves ? y : y - 0.4 * ROW, x2, y2: leaves ? y + 0.4 * ROW : y, end, dashed: fate !== 'lost' };
}
