import type { ConnectionEvent, Instant } from '../../preload/contract.ts';
import { SURFACE } from '../state-colours.ts';
import { secondsSince } from '../stores/connections.ts';
import { LANE, LANE_GAP, toX } from './geometry.ts';
import { INKS } from './inks.ts';
import type { Scene } from './paint.ts';

export type EventWeight = 'bad' | 'warn' | 'good';

/** How an event is marked; undefined for what is ordinary and only listed. */
export function weightOf(kind: ConnectionEvent['kind']): EventWeight | undefined {
  switch (kind) {
    case 'reset':
    case 'refused':
    case 'syn-timeout':
    case 'lost-segment':
    case 'ack-lost-segment':
    case 'bad-checksum':
      return 'bad';
    case 'simultaneous-open':
    case 'simultaneous-close':
    case 'half-close':
      return 'good';
    case 'handshake':
    case 'window-update':
    case 'duplicate-capture':
    case 'keep-alive':
    case 'keep-alive-ack':
      return undefined;
    default:
      return 'warn';
  }
}

export interface Mark {
  readonly event: ConnectionEvent;
  readonly weight: EventWeight;
  readonly x: number;
}

/** Half the room of a mark with its halo. */
export const MARK_ROOM = 6;
/** Marks closer than this are one. */
const APART = 2;

/** The events in sight that are marked. */
export function marksOf(
  events: readonly ConnectionEvent[],
  origin: Instant,
  width: number,
  { gutter, view }: Pick<Scene, 'gutter' | 'view'>,
): readonly Mark[] {
  const marks: Mark[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const event of events) {
    const weight = weightOf(event.kind);
    if (!weight) continue;
    const x = gutter + toX(view, secondsSince(origin, event.at));
    if (x < gutter - MARK_ROOM || x > width + MARK_ROOM || x - last < APART) continue;
    last = x;
    marks.push({ event, weight, x });
  }
  return marks;
}

/** A mark at each event, on the lane of the end that sent it: cross, triangle or dot, so that colour is not needed. */
export function paintMarks(
  c: CanvasRenderingContext2D,
  marks: readonly Mark[],
  top: number,
  { theme, packet }: Pick<Scene, 'theme' | 'packet'>,
): void {
  for (const { event, weight, x } of marks) {
    const y = top + (event.from === 'client' ? 0 : LANE + LANE_GAP) + LANE / 2;
    paintMark(c, weight, x, y, SURFACE[theme], INKS[theme][weight], event.packet === packet);
  }
}

function paintMark(
  c: CanvasRenderingContext2D,
  weight: EventWeight,
  x: number,
  y: number,
  halo: string,
  colour: string,
  strong: boolean,
): void {
  const r = strong ? 5 : 3.5;
  c.fillStyle = halo;
  c.beginPath();
  c.arc(x, y, r + 1.5, 0, 2 * Math.PI);
  c.fill();
  c.fillStyle = c.strokeStyle = colour;
  c.beginPath();
  if (weight === 'good') {
    c.arc(x, y, r - 1, 0, 2 * Math.PI);
    c.fill();
  } else if (weight === 'warn') {
    c.moveTo(x, y - r);
    c.lineTo(x + r, y + r - 1);
    c.lineTo(x - r, y + r - 1);
    c.fill();
  } else {
    c.lineWidth = 2;
    c.moveTo(x - r + 1, y - r + 1);
    c.lineTo(x + r - 1, y + r - 1);
    c.moveTo(x + r - 1, y - r + 1);
    c.lineTo(x - r + 1, y + r - 1);
    c.stroke();
  }
}
