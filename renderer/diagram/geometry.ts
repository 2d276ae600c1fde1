import type { TcpState } from '../../main/tcp-model/states.ts';
import { TRANSITIONS, type Transition, type Trigger } from '../../main/tcp-model/transitions.ts';

/** Where the eleven states stand, as in the figure of RFC 9293 §3.3.2: opening above, closing below, the closer on the left. */
export const BOX = { width: 820, height: 420 } as const;
export const NODE = { width: 132, height: 34 } as const;

export const PLACES: { readonly [S in TcpState]: { readonly x: number; readonly y: number } } = {
  CLOSED: { x: 410, y: 26 },
  LISTEN: { x: 190, y: 82 },
  'SYN-SENT': { x: 630, y: 82 },
  'SYN-RECEIVED': { x: 190, y: 168 },
  ESTABLISHED: { x: 410, y: 196 },
  'FIN-WAIT-1': { x: 190, y: 262 },
  'CLOSE-WAIT': { x: 630, y: 262 },
  'FIN-WAIT-2': { x: 190, y: 346 },
  CLOSING: { x: 410, y: 306 },
  'LAST-ACK': { x: 630, y: 346 },
  'TIME-WAIT': { x: 410, y: 396 },
};

/** Ways out that any state has; the figure would drown in them, so they show only where they were taken. */
const RARE: ReadonlySet<Trigger> = new Set(['rst', 'abort', 'user-timeout', 'fin-wait-2-timeout']);

export interface Edge {
  readonly from: TcpState;
  readonly to: TcpState;
  readonly rows: readonly Transition[];
  readonly rare: boolean;
}

export const edgeKey = (from: string, to: string): string => `${from}>${to}`;

/** One edge for each pair of states the table joins. */
export const EDGES: readonly Edge[] = collect();

function collect(): readonly Edge[] {
  const byPair = new Map<string, Transition[]>();
  for (const row of TRANSITIONS) {
    const key = edgeKey(row.from, row.to);
    byPair.set(key, [...(byPair.get(key) ?? []), row]);
  }
  return [...byPair.values()].map((rows) => ({
    from: rows[0]!.from,
    to: rows[0]!.to,
    rows,
    rare: rows.every(
      ({ trigger, from, to }) =>
        RARE.has(trigger) || (from === 'TIME-WAIT' && to === 'SYN-RECEIVED') || (from === 'LISTEN' && to === 'SYN-SENT'),
    ),
  }));
}

export interface Curve {
  readonly path: string;
  /** Where its label stands. */
  readonly labelX: number;
  readonly labelY: number;
}

/** Edges that must go around others: corner points between the two boxes. */
const DETOURS: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>> = {
  'TIME-WAIT>CLOSED': [
    [44, 396],
    [44, 26],
  ],
  'LAST-ACK>CLOSED': [
    [776, 346],
    [776, 26],
  ],
};

export function curveOf(from: TcpState, to: TcpState): Curve {
  const detour = DETOURS[edgeKey(from, to)];
  return detour ? around(from, to, detour) : across(from, to);
}

function around(from: TcpState, to: TcpState, corners: readonly (readonly [number, number])[]): Curve {
  const start = edgeOfBox(PLACES[from], corners[0]![0], corners[0]![1]);
  const end = edgeOfBox(PLACES[to], corners.at(-1)![0], corners.at(-1)![1]);
  const [first, last] = [corners[0]!, corners.at(-1)!];
  const bend = 14;
  const inward = first[0] < BOX.width / 2 ? 1 : -1;
  const path = [
    `M${start.x} ${start.y}`,
    `H${first[0] + inward * bend}`,
    `Q${first[0]} ${first[1]} ${first[0]} ${first[1] - bend}`,
    `V${last[1] + bend}`,
    `Q${last[0]} ${last[1]} ${last[0] + inward * bend} ${last[1]}`,
    `H${end.x}`,
  ].join('');
  return { path, labelX: (first[0] + start.x) / 2, labelY: first[1] - 10 };
}

/** Where a short edge has no room for its label: how far aside the label goes. */
const LABELS_ASIDE: Readonly<Record<string, readonly [x: number, y: number]>> = {
  'LISTEN>SYN-RECEIVED': [-24, 0],
  'SYN-RECEIVED>LISTEN': [24, 0],
  'SYN-RECEIVED>ESTABLISHED': [6, -15],
  'CLOSED>LISTEN': [-12, -9],
  'LISTEN>CLOSED': [12, 9],
  'CLOSED>SYN-SENT': [-14, 9],
  'SYN-SENT>CLOSED': [14, -9],
  'TIME-WAIT>SYN-SENT': [-34, 60],
};

/** A straight line, moved aside where the way back is drawn too, and bent where it would cross a box. */
function across(from: TcpState, to: TcpState): Curve {
  const a = PLACES[from];
  const b = PLACES[to];
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const paired = EDGES.some((edge) => edge.from === to && edge.to === from);
  const aside = paired ? 11 : 0;
  const nx = (-(b.y - a.y) / length) * aside;
  const ny = ((b.x - a.x) / length) * aside;
  const start = edgeOfBox({ x: a.x + nx, y: a.y + ny }, b.x + nx, b.y + ny, a);
  const end = edgeOfBox({ x: b.x + nx, y: b.y + ny }, a.x + nx, a.y + ny, b);
  const crosses = (Object.keys(PLACES) as TcpState[]).some((other) => other !== from && other !== to && near(PLACES[other], start, end));
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  const [dx, dy] = LABELS_ASIDE[edgeKey(from, to)] ?? [0, 0];
  if (!crosses) {
    return { path: `M${start.x} ${start.y}L${end.x} ${end.y}`, labelX: middle.x + dx, labelY: middle.y + dy };
  }
  const bulge = { x: middle.x + (-(b.y - a.y) / length) * 90, y: middle.y + ((b.x - a.x) / length) * 90 };
  return {
    path: `M${start.x} ${start.y}Q${bulge.x} ${bulge.y} ${end.x} ${end.y}`,
    labelX: (middle.x + bulge.x) / 2 + dx,
    labelY: (middle.y + bulge.y) / 2 + dy,
  };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where the line from `at` (a point inside the box around `box`) towards a point leaves that box. */
function edgeOfBox(at: Spot, towardsX: number, towardsY: number, box: Spot = at): Spot {
  const dx = towardsX - at.x;
  const dy = towardsY - at.y;
  const reach = (d: number, from: number, centre: number, half: number): number =>
    d === 0 ? Number.POSITIVE_INFINITY : (centre + Math.sign(d) * half - from) / d;
  const t = Math.min(reach(dx, at.x, box.x, NODE.width / 2 + 3), reach(dy, at.y, box.y, NODE.height / 2 + 3));
  return { x: round(at.x + dx * t), y: round(at.y + dy * t) };
}

/** Whether the line from a to b runs through the box around a spot. */
function near(spot: Spot, a: Spot, b: Spot): boolean {
  for (let i = 1; i < 20; i++) {
    const x = a.x + ((b.x - a.x) * i) / 20;
    const y = a.y + ((b.y - a.y) * i) / 20;
    if (Math.abs(x - spot.x) < NODE.width / 2 + 4 && Math.abs(y - spot.y) < NODE.height / 2 + 4) return true;
  }
  return false;
}

const round = (n: number): number => Math.round(n * 10) / 10;
