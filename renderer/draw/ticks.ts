/** The step, one of 1, 2 or 5 times a power of ten (or whole minutes), that puts marks at least `least` apart. */
export function tickStep(secondsPerPixel: number, least: number): number {
  const wanted = secondsPerPixel * least;
  if (wanted > 30) return [60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400].find((s) => s >= wanted) ?? wanted;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5, 10].find((m) => m * power >= wanted * (1 - 1e-9)) ?? 10) * power;
}

/** Every multiple of `step` between two moments. */
export function ticksBetween(from: number, to: number, step: number): readonly number[] {
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to && ticks.length < 1000; i++) ticks.push(i * step);
  return ticks;
}
