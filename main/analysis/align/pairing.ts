import type { Sight } from './trace.ts';

/** The same segment in both captures. */
export interface Pair {
  readonly a: Sight;
  readonly b: Sight;
}

export interface Paired {
  readonly pairs: Pair[];
  /** Segments that look alike, where one capture holds more of them than the other: which is which, only time can tell. */
  readonly unclear: { readonly a: Sight[]; readonly b: Sight[] }[];
  readonly onlyA: Sight[];
  readonly onlyB: Sight[];
}

/** What no box on an ordinary path changes. A window or a TTL may be rewritten. */
const keyOf = (s: Sight): string => `${s.from[0]}${s.flags.toString(36)}.${s.seq}.${s.ack}.${s.length}.${s.tsValue}.${s.tsEcho}`;

/**
 * Pairs the segments of one connection in two captures by their numbers and timestamps, and where several look alike by their
 * IP identification, else in order if both captures hold as many.
 */
export function pairSegments(a: readonly Sight[], b: readonly Sight[]): Paired {
  const groups = new Map<string, { a: Sight[]; b: Sight[] }>();
  const put = (which: 'a' | 'b', sight: Sight): void => {
    const key = keyOf(sight);
    const group = groups.get(key);
    if (group) group[which].push(sight);
    else groups.set(key, which === 'a' ? { a: [sight], b: [] } : { a: [], b: [sight] });
  };
  for (const sight of a) put('a', sight);
  for (const sight of b) put('b', sight);
  const paired: Paired = { pairs: [], unclear: [], onlyA: [], onlyB: [] };
  for (const group of groups.values()) settle(group, paired);
  return paired;
}

function settle(group: { a: Sight[]; b: Sight[] }, paired: Paired): void {
  if (group.a.length > 1 || group.b.length > 1) pairByIdentification(group, paired.pairs);
  const { a, b } = group;
  if (a.length === 0) paired.onlyB.push(...b);
  else if (b.length === 0) paired.onlyA.push(...a);
  else if (a.length === b.length) a.forEach((sight, i) => void paired.pairs.push({ a: sight, b: b[i]! }));
  else paired.unclear.push({ a, b });
}

/** Pairs those whose IP identification appears once in each, and takes them out. */
function pairByIdentification(group: { a: Sight[]; b: Sight[] }, pairs: Pair[]): void {
  const once = (sights: readonly Sight[]): Map<number, Sight> => {
    const found = new Map<number, Sight>();
    const twice = new Set<number>();
    for (const sight of sights) {
      if (sight.ipId === 0 || found.has(sight.ipId)) twice.add(sight.ipId);
      found.set(sight.ipId, sight);
    }
    for (const id of twice) found.delete(id);
    return found;
  };
  const [ofA, ofB] = [once(group.a), once(group.b)];
  for (const [id, a] of ofA) {
    const b = ofB.get(id);
    if (!b) continue;
    pairs.push({ a, b });
    group.a = group.a.filter((sight) => sight !== a);
    group.b = group.b.filter((sight) => sight !== b);
  }
}
