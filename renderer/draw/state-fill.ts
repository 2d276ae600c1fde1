import { lookOf, type Pattern, type ShownState, type Theme } from '../state-colours.ts';

/** Width and height of one tile, in CSS pixels. */
const TILE = 8;

type Draw = (context: CanvasRenderingContext2D) => void;

const lines =
  (...rects: readonly (readonly [x: number, y: number, w: number, h: number])[]): Draw =>
  (context) => {
    for (const [x, y, w, h] of rects) context.fillRect(x, y, w, h);
  };

const chevron =
  (tip: number, foot: number): Draw =>
  (context) => {
    context.beginPath();
    context.moveTo(foot, 0.5);
    context.lineTo(tip, TILE / 2);
    context.lineTo(foot, TILE - 0.5);
    context.stroke();
  };

/** What each pattern adds on top of the plain colour, within one tile. */
const MARKS: { readonly [P in Pattern]: Draw | undefined } = {
  solid: undefined,
  hollow: undefined,
  dots: lines([1, 1, 2, 2], [5, 5, 2, 2]),
  'chevrons-right': chevron(5.5, 2),
  'chevrons-left': chevron(2.5, 6),
  bars: lines([3, 0, 1.5, TILE]),
  'bar-pairs': lines([2, 0, 1, TILE], [4.5, 0, 1, TILE]),
  lines: lines([0, 3.5, TILE, 1.25]),
  dashes: lines([0, 3.5, 5, 1.5]),
  grid: lines([3, 0, 1, TILE], [0, 3.5, TILE, 1]),
  checks: lines([0, 0, 4, 4], [4, 4, 4, 4]),
  question: lines([3, 3, 2, 2]),
};

const cache = new Map<string, CanvasPattern | string>();

/** The canvas fill of a state: its colour with its pattern in the ink's shade. Built once for each theme and screen. */
export function stateFill(context: CanvasRenderingContext2D, state: ShownState, theme: Theme): CanvasPattern | string {
  const scale = window.devicePixelRatio || 1;
  const key = `${state} ${theme} ${scale}`;
  const known = cache.get(key);
  if (known) return known;
  const { fill, ink, pattern } = lookOf(state);
  const marks = MARKS[pattern];
  const made = marks ? tile(context, scale, fill[theme], ink[theme], pattern === 'checks' ? 0.14 : 0.3, marks) : fill[theme];
  cache.set(key, made);
  return made;
}

/** Stripes of the surface laid over a span whose state is assumed, not seen. */
export function hatching(context: CanvasRenderingContext2D, surface: string): CanvasPattern | string {
  const scale = window.devicePixelRatio || 1;
  const key = `hatching ${surface} ${scale}`;
  const known = cache.get(key);
  if (known) return known;
  const made = tile(context, scale, undefined, surface, 0.85, (c) => {
    c.lineWidth = 2.4;
    c.beginPath();
    for (const shift of [-TILE, 0, TILE]) {
      c.moveTo(shift - 2, TILE + 2);
      c.lineTo(shift + TILE + 2, -2);
    }
    c.stroke();
  });
  cache.set(key, made);
  return made;
}

function tile(
  context: CanvasRenderingContext2D,
  scale: number,
  back: string | undefined,
  ink: string,
  strength: number,
  marks: Draw,
): CanvasPattern | string {
  const side = Math.round(TILE * scale);
  const canvas = new OffscreenCanvas(side, side);
  const c = canvas.getContext('2d') as unknown as CanvasRenderingContext2D | null;
  if (!c) return back ?? ink;
  c.scale(side / TILE, side / TILE);
  if (back) {
    c.fillStyle = back;
    c.fillRect(0, 0, TILE, TILE);
  }
  c.globalAlpha = strength;
  c.fillStyle = c.strokeStyle = ink;
  c.lineWidth = 1.5;
  marks(c);
  const pattern = context.createPattern(canvas, 'repeat');
  if (!pattern) return back ?? ink;
  // The pattern is laid in device pixels, the context is scaled: undo the scale for the tile.
  pattern.setTransform(new DOMMatrix().scale(TILE / side));
  return pattern;
}
