import type { ConnectionRecord, Instant } from '../../preload/contract.ts';
import type { Size } from '../draw/canvas.ts';
import { hatching } from '../draw/state-fill.ts';
import { tickStep, ticksBetween } from '../draw/ticks.ts';
import { formatEndpoint, shortened } from '../format/endpoint.ts';
import { formatTick } from '../format/time.ts';
import { lookOf, SURFACE, type Theme } from '../state-colours.ts';
import { type ConnectionTable, secondsSince } from '../stores/connections.ts';
import { paintSpan } from '../ui/state-badge.tsx';
import { AIR, AXIS, endOf, LANE, LANE_GAP, PAIR, pairTop, stretches, toX, type View, visiblePairs } from './geometry.ts';
import { INKS } from './inks.ts';
import type { Lanes } from './lanes.ts';
import { MARK_ROOM, marksOf, paintMarks } from './marks.ts';

export interface Scene {
  readonly table: ConnectionTable;
  readonly lanes: Lanes;
  readonly view: View;
  readonly scrollTop: number;
  /** Width of the column that names the connections. */
  readonly gutter: number;
  readonly now: number;
  readonly cursor: number | undefined;
  readonly selected: number | undefined;
  readonly packet: number | undefined;
  readonly hovered: number | undefined;
  readonly theme: Theme;
}

const FONT = '11px ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace';

/** Draws what is in sight, and nothing else: the cost depends on the window, not on how many connections there are. */
export function paintTimeline(c: CanvasRenderingContext2D, { width, height }: Size, scene: Scene): void {
  const { table, lanes: shown, view, scrollTop, gutter, theme } = scene;
  const ink = INKS[theme];
  const lanes = width - gutter;
  c.fillStyle = SURFACE[theme];
  c.fillRect(0, 0, width, height);
  c.font = FONT;
  c.textBaseline = 'middle';

  const step = tickStep(view.secondsPerPixel, 90);
  const ticks = ticksBetween(view.from, view.from + lanes * view.secondsPerPixel, step);
  c.fillStyle = ink.line;
  for (const tick of ticks) c.fillRect(Math.round(gutter + toX(view, tick)), AXIS, 1, height - AXIS);

  const { first, last } = visiblePairs(scrollTop, height - AXIS, shown.count);
  c.save();
  c.beginPath();
  c.rect(0, AXIS, width, height - AXIS);
  c.clip();
  for (let i = first; i <= last; i++) {
    const record = table.records[shown.idAt(i)!];
    if (record && table.origin) paintPair(c, record, table.origin, AXIS + pairTop(i) - scrollTop, width, scene);
  }
  c.restore();

  paintAxis(c, scene, ticks, step, width);
  if (scene.cursor !== undefined) paintCursor(c, gutter + toX(view, scene.cursor), gutter, height, ink.accent);
}

function paintPair(c: CanvasRenderingContext2D, record: ConnectionRecord, origin: Instant, top: number, width: number, scene: Scene): void {
  const { gutter, theme, view } = scene;
  const ink = INKS[theme];
  const on = record.id === scene.selected;
  if (on || record.id === scene.hovered) {
    c.fillStyle = on ? ink.soft : ink.raised;
    c.fillRect(0, top - AIR, width, PAIR);
  }
  if (on) {
    c.fillStyle = ink.accent;
    c.fillRect(0, top - AIR, 3, PAIR);
  }
  const end = endOf(record, origin, scene.now);
  c.save();
  c.beginPath();
  c.rect(gutter, top - AIR, width - gutter, PAIR);
  c.clip();
  const marks = marksOf(record.events, origin, width, scene);
  for (const side of ['client', 'server'] as const) {
    const y = side === 'client' ? top : top + LANE + LANE_GAP;
    const taken = marks.filter(({ event }) => event.from === side).map(({ x }) => x);
    for (const { span, x, width: w } of stretches(record.states[side], origin, end, view, width - gutter)) {
      const left = Math.max(gutter + x, gutter - 8);
      const right = Math.min(gutter + x + w, width + 8);
      paintSpan(c, span.state, theme, left, y, right - left, LANE);
      if (span.certainty !== 'seen' && span.state !== 'CLOSED') {
        c.fillStyle = hatching(c, SURFACE[theme]);
        c.fillRect(left, y, right - left, LANE);
      }
      const from = Math.max(left, gutter);
      paintStateName(c, span.state, roomsBetween(taken, from, Math.min(right, width)), y, theme, span.certainty === 'seen');
    }
  }
  paintMarks(c, marks, top, scene);
  paintElsewhere(c, secondsSince(origin, record.start), end, top, width, scene);
  c.restore();
  paintName(c, record, top, gutter, on ? ink.text : ink.muted, ink.muted);
}

/** A connection that lies wholly before or after what is in sight says on which side. */
function paintElsewhere(
  c: CanvasRenderingContext2D,
  start: number,
  end: number,
  top: number,
  width: number,
  { view, gutter, theme }: Scene,
): void {
  const before = toX(view, end) < 0;
  if (!before && toX(view, start) < width - gutter) return;
  c.fillStyle = INKS[theme].muted;
  c.fillText(before ? '‹' : '›', before ? gutter + 6 : width - 12, top + LANE);
}

/** A stretch of a lane that no mark covers. */
interface Room {
  readonly x: number;
  readonly width: number;
}

function roomsBetween(marks: readonly number[], from: number, to: number): readonly Room[] {
  const edges = [from - MARK_ROOM, ...marks.filter((x) => x > from - MARK_ROOM && x < to + MARK_ROOM), to + MARK_ROOM];
  return edges.slice(1).map((edge, i) => ({ x: edges[i]! + MARK_ROOM, width: edge - edges[i]! - 2 * MARK_ROOM }));
}

/** The state's name in the first room where it fits, else its short form where that does. */
function paintStateName(
  c: CanvasRenderingContext2D,
  state: Parameters<typeof lookOf>[0],
  rooms: readonly Room[],
  y: number,
  theme: Theme,
  seen: boolean,
): void {
  const { ink, short, fill } = lookOf(state);
  if (state === 'CLOSED') return;
  c.font = `600 9px system-ui, sans-serif`;
  for (const name of [state, short]) {
    const text = c.measureText(name).width;
    const room = rooms.find(({ width }) => width > text + 8);
    if (!room) continue;
    // Behind the letters the pattern gives way to the plain colour.
    c.fillStyle = seen ? fill[theme] : SURFACE[theme];
    c.fillRect(room.x + 3, y + 1, text + 4, LANE - 2);
    c.fillStyle = seen ? ink[theme] : fill[theme];
    c.fillText(name, room.x + 5, y + LANE / 2 + 0.5);
    break;
  }
  c.font = FONT;
}

function paintName(c: CanvasRenderingContext2D, record: ConnectionRecord, top: number, gutter: number, strong: string, weak: string): void {
  c.save();
  c.beginPath();
  c.rect(0, top - AIR, gutter - 6, PAIR);
  c.clip();
  const most = Math.floor((gutter - 18) / c.measureText('0').width);
  c.fillStyle = strong;
  c.fillText(shortened(formatEndpoint(record.client), most), 10, top + LANE / 2);
  c.fillStyle = weak;
  c.fillText(shortened(formatEndpoint(record.server), most), 10, top + LANE + LANE_GAP + LANE / 2);
  c.restore();
}

function paintAxis(
  c: CanvasRenderingContext2D,
  { view, gutter, theme }: Scene,
  ticks: readonly number[],
  step: number,
  width: number,
): void {
  const ink = INKS[theme];
  c.fillStyle = ink.raised;
  c.fillRect(0, 0, width, AXIS);
  c.fillStyle = ink.line;
  c.fillRect(0, AXIS - 1, width, 1);
  c.fillRect(gutter - 1, 0, 1, AXIS);
  c.fillStyle = ink.muted;
  for (const tick of ticks) {
    const x = Math.round(gutter + toX(view, tick));
    if (x < gutter) continue;
    c.fillRect(x, AXIS - 6, 1, 6);
    const text = formatTick(tick, step);
    if (x + 5 + c.measureText(text).width < width) c.fillText(text, x + 5, AXIS / 2);
  }
}

function paintCursor(c: CanvasRenderingContext2D, x: number, gutter: number, height: number, colour: string): void {
  if (x < gutter) return;
  c.fillStyle = colour;
  c.fillRect(Math.round(x), 0, 1, height);
  c.beginPath();
  c.moveTo(x - 5, 0);
  c.lineTo(x + 6, 0);
  c.lineTo(x + 0.5, 9);
  c.fill();
}
