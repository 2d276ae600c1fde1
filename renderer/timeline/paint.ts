import type { ConnectionEvent, ConnectionRecord, Instant } from '../../preload/contract.ts';
import type { Size } from '../draw/canvas.ts';
import { hatching } from '../draw/state-fill.ts';
import { tickStep, ticksBetween } from '../draw/ticks.ts';
import { formatEndpoint } from '../format/endpoint.ts';
import { formatTick } from '../format/time.ts';
import { lookOf, SURFACE, type Theme } from '../state-colours.ts';
import { type ConnectionTable, secondsSince } from '../stores/connections.ts';
import { paintSpan } from '../ui/state-badge.tsx';
import { AIR, AXIS, endOf, LANE, LANE_GAP, PAIR, pairTop, stretches, toX, type View, visiblePairs } from './geometry.ts';
import type { Lanes } from './lanes.ts';

/** Colours that are not states', by theme; the style sheet's tokens of the same names. */
const INKS = {
  dark: {
    text: '#e7ecf2',
    muted: '#a3afbd',
    line: '#222b36',
    raised: '#171d25',
    accent: '#59a8ff',
    soft: '#1d2a3a',
    good: '#3ecf8e',
    bad: '#ff7b70',
    warn: '#ffb95e',
  },
  light: {
    text: '#16202c',
    muted: '#4b5969',
    line: '#e3e8ee',
    raised: '#f3f6f9',
    accent: '#0a62cc',
    soft: '#e3eefb',
    good: '#0d7347',
    bad: '#bf2318',
    warn: '#8a5200',
  },
} as const;

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
  for (const side of ['client', 'server'] as const) {
    const y = side === 'client' ? top : top + LANE + LANE_GAP;
    for (const { span, x, width: w } of stretches(record.states[side], origin, end, view, width - gutter)) {
      const left = Math.max(gutter + x, gutter - 8);
      const right = Math.min(gutter + x + w, width + 8);
      paintSpan(c, span.state, theme, left, y, right - left, LANE);
      if (span.certainty !== 'seen' && span.state !== 'CLOSED') {
        c.fillStyle = hatching(c, SURFACE[theme]);
        c.fillRect(left, y, right - left, LANE);
      }
      const from = Math.max(left, gutter);
      paintStateName(c, span.state, from, y, Math.min(right, width) - from, theme, span.certainty === 'seen');
    }
  }
  paintEvents(c, record.events, origin, top, width, scene);
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

/** The state's name where it fits, its short form where that does. */
function paintStateName(
  c: CanvasRenderingContext2D,
  state: Parameters<typeof lookOf>[0],
  x: number,
  y: number,
  width: number,
  theme: Theme,
  seen: boolean,
): void {
  const { ink, short, fill } = lookOf(state);
  if (state === 'CLOSED' || width < 22) return;
  c.font = `600 9px system-ui, sans-serif`;
  const name = width > state.length * 6.2 + 12 ? state : short;
  const text = c.measureText(name).width;
  if (width > text + 6) {
    // Behind the letters the pattern gives way to the plain colour.
    c.fillStyle = seen ? fill[theme] : SURFACE[theme];
    c.fillRect(x + 3, y + 1, text + 4, LANE - 2);
    c.fillStyle = seen ? ink[theme] : fill[theme];
    c.fillText(name, x + 5, y + LANE / 2 + 0.5);
  }
  c.font = FONT;
}

function paintName(c: CanvasRenderingContext2D, record: ConnectionRecord, top: number, gutter: number, strong: string, weak: string): void {
  c.save();
  c.beginPath();
  c.rect(0, top - AIR, gutter - 6, PAIR);
  c.clip();
  c.fillStyle = strong;
  c.fillText(formatEndpoint(record.client), 10, top + LANE / 2);
  c.fillStyle = weak;
  c.fillText(formatEndpoint(record.server), 10, top + LANE + LANE_GAP + LANE / 2);
  c.restore();
}

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

/** A mark at each event, on the lane of the end that sent it: cross, triangle or dot, so that colour is not needed. */
function paintEvents(
  c: CanvasRenderingContext2D,
  events: readonly ConnectionEvent[],
  origin: Instant,
  top: number,
  width: number,
  scene: Scene,
): void {
  let lastX = Number.NEGATIVE_INFINITY;
  for (const event of events) {
    const weight = weightOf(event.kind);
    if (!weight) continue;
    const x = scene.gutter + toX(scene.view, secondsSince(origin, event.at));
    if (x < scene.gutter - 6 || x > width + 6 || x - lastX < 2) continue;
    lastX = x;
    const y = top + (event.from === 'client' ? 0 : LANE + LANE_GAP) + LANE / 2;
    paintMark(c, weight, x, y, SURFACE[scene.theme], INKS[scene.theme][weight], event.packet === scene.packet);
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
    c.fillText(formatTick(tick, step), x + 5, AXIS / 2);
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
