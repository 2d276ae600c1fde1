/** One moment of a chart: seconds, and a value for each line. */
export interface Point {
  readonly time: number;
  readonly [line: string]: number;
}

/**
 * At most `most` points that look like all of them: of each stretch of time the lowest and the highest of every line
 * survive, so that a queue that was full for a moment is still seen full. The first and last point stay.
 */
export function decimate(points: readonly Point[], lines: readonly string[], most: number): readonly Point[] {
  if (points.length <= most || lines.length === 0) return points;
  const keep = new Set<number>([0, points.length - 1]);
  const buckets = Math.max(1, Math.floor((most - 2) / (2 * lines.length)));
  const size = (points.length - 2) / buckets;
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor(b * size);
    const to = Math.min(points.length - 1, 1 + Math.floor((b + 1) * size));
    for (const line of lines) {
      let low = from;
      let high = from;
      for (let i = from; i < to; i++) {
        const value = points[i]![line] ?? 0;
        if (value < (points[low]![line] ?? 0)) low = i;
        if (value > (points[high]![line] ?? 0)) high = i;
      }
      if (from < to) keep.add(low).add(high);
    }
  }
  return [...keep].sort((a, b) => a - b).map((i) => points[i]!);
}
