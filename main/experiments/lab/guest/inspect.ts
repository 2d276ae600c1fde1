/** How values look in logs and checks, and when two of them have the same content. */

const MOST_ENTRIES = 100;
const DEEPEST = 6;

/** A value as a person would write it down. */
export function inspect(value: unknown, depth = 0, seen: readonly unknown[] = []): string {
  if (typeof value === 'string') return `'${value.length > 1000 ? `${value.slice(0, 1000)}…` : value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[function ${value.name || 'without name'}]`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (seen.includes(value)) return '[circular]';
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (isSegment(value)) return segmentText(value);
  if (depth >= DEEPEST) return Array.isArray(value) ? '[…]' : '{…}';
  const inside = (part: unknown): string => inspect(part, depth + 1, [...seen, value]);
  if (value instanceof Uint8Array)
    return `Uint8Array(${value.length}) [${listed([...value.subarray(0, MOST_ENTRIES)].map(String), value.length)}]`;
  if (Array.isArray(value)) return `[${listed(value.slice(0, MOST_ENTRIES).map(inside), value.length)}]`;
  if (value instanceof Map)
    return `Map { ${listed(
      [...value].slice(0, MOST_ENTRIES).map(([k, v]) => `${inside(k)} => ${inside(v)}`),
      value.size,
    )} }`;
  if (value instanceof Set) return `Set { ${listed([...value].slice(0, MOST_ENTRIES).map(inside), value.size)} }`;
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return `{ ${listed(
    entries.slice(0, MOST_ENTRIES).map(([key, part]) => `${key}: ${inside(part)}`),
    entries.length,
  )} }`;
}

const isSegment = (value: object): value is Segment => 'relativeSeq' in value && 'flags' in value;

/** A segment in one line; all its fields would hide what matters. */
const segmentText = ({ number, from, to, flags, relativeSeq, relativeAck, length }: Segment): string =>
  `#${number} ${from} > ${to} ${flags} seq ${relativeSeq} ack ${relativeAck} length ${length}`;

const listed = (shown: readonly string[], all: number): string =>
  all > shown.length ? `${shown.join(', ')}, … ${all - shown.length} more` : shown.join(', ');

/** The same content at every depth. Functions and class instances count by identity and by their own properties. */
export function sameContent(a: unknown, b: unknown, seen: readonly unknown[] = []): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (seen.includes(a)) return true;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const within = [...seen, a];
  if (a instanceof Map && b instanceof Map) return sameContent([...a], [...b], within);
  if (a instanceof Set && b instanceof Set) return sameContent([...a], [...b], within);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameContent(part(a, key), part(b, key), within));
}

const part = (whole: object, key: string): unknown => (whole as Record<string, unknown>)[key];
