/** Rows that PageUp and PageDown go by. */
const PAGE = 20;

/** The row that a key goes to from row `at`, -1 for none, of `count`; undefined for a key that goes nowhere. */
export function rowAfter(key: string, at: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: PAGE,
    PageUp: -PAGE,
    Home: -count,
    End: count,
  };
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined;
  if (step === undefined) return undefined;
  return Math.min(count - 1, Math.max(0, (at < 0 && step > 0 ? -1 : at) + step));
}
