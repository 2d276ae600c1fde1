import { expect, test } from 'vitest';
import { TCP_STATES } from '../main/tcp-model/states.ts';
import { lookOf, type ShownState, STATE_LOOKS, SURFACE, type Theme } from './state-colours.ts';

const THEMES: readonly Theme[] = ['dark', 'light'];
const SHOWN: readonly ShownState[] = [...TCP_STATES, 'UNKNOWN'];

type Rgb = readonly [number, number, number];

const parse = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;
const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

/** WCAG 2.2 relative luminance and contrast ratio. */
const luminance = ([r, g, b]: Rgb): number => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(parse(a)), luminance(parse(b))].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Linear sRGB as a person without green cones (deuteranopia) sees it: Viénot, Brettel and Mollon 1999. */
function deuteranope(hex: string): Rgb {
  const [r, g, b] = parse(hex).map(linear) as unknown as Rgb;
  return [0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b];
}

/** CIE L*a*b* distance of two linear sRGB colours. */
function distance(a: Rgb, b: Rgb): number {
  const lab = ([r, g, bl]: Rgb): Rgb => {
    const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * bl) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * bl);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * bl) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

test('every state of the model has a look', () => {
  expect(Object.keys(STATE_LOOKS).sort()).toEqual([...SHOWN].sort());
});

for (const theme of THEMES) {
  test.each(SHOWN)(`${theme}: %s stands out from the panel by 3:1 and carries its label at 4.5:1`, (state) => {
    const { fill, ink } = lookOf(state);
    expect(contrast(fill[theme], SURFACE[theme])).toBeGreaterThanOrEqual(3);
    expect(contrast(fill[theme], ink[theme])).toBeGreaterThanOrEqual(4.5);
  });
}

test('no two states share a pattern or a short label', () => {
  expect(new Set(SHOWN.map((s) => lookOf(s).pattern)).size).toBe(SHOWN.length);
  expect(new Set(SHOWN.map((s) => lookOf(s).short)).size).toBe(SHOWN.length);
});

test.each(THEMES)('%s: eyes with full colour vision tell every pair of states apart by colour alone', (theme) => {
  for (const a of TCP_STATES)
    for (const b of TCP_STATES)
      if (a < b) {
        const apart = distance(
          parse(lookOf(a).fill[theme]).map(linear) as unknown as Rgb,
          parse(lookOf(b).fill[theme]).map(linear) as unknown as Rgb,
        );
        expect(apart, `${a} and ${b}`).toBeGreaterThan(18);
      }
});

/** States that follow one another in a lane must not melt together for eyes without green cones. */
test.each(THEMES)('%s: neighbours in an ordinary life differ for deuteranopes', (theme) => {
  const lives: readonly (readonly ShownState[])[] = [
    ['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'],
    ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK'],
    ['FIN-WAIT-1', 'CLOSING', 'TIME-WAIT'],
  ];
  for (const life of lives)
    for (let i = 1; i < life.length; i++) {
      const [a, b] = [life[i - 1]!, life[i]!];
      expect(distance(deuteranope(lookOf(a).fill[theme]), deuteranope(lookOf(b).fill[theme])), `${a} > ${b}`).toBeGreaterThan(8);
    }
});
