import type { Segment } from '../../wire/segment.ts';
import { Flag } from '../../wire/segment.ts';

const LETTERS: readonly (readonly [number, string])[] = [
  [Flag.SYN, 'S'],
  [Flag.FIN, 'F'],
  [Flag.RST, 'R'],
  [Flag.PSH, 'P'],
  [Flag.URG, 'U'],
  [Flag.ACK, '.'],
];

/** One segment in few words; numbers count from the initial ones in `starts` (by port) where those are known. */
export function describeSegment(segment: Segment, starts: ReadonlyMap<number, number>): string {
  const flags = LETTERS.filter(([flag]) => segment.flags & flag)
    .map(([, letter]) => letter)
    .join('');
  const relative = (n: number, port: number): number => (starts.has(port) ? (n - starts.get(port)!) >>> 0 : n);
  const from = relative(segment.seq, segment.srcPort);
  const range = segment.payload.length > 0 ? ` ${from}:${from + segment.payload.length}` : '';
  const place = range || (segment.flags & (Flag.SYN | Flag.FIN | Flag.RST) && from > 0 ? ` ${from}` : '');
  const ack = segment.flags & Flag.ACK ? ` ack ${relative(segment.ack, segment.dstPort)}` : '';
  return `${flags}${place}${ack}`;
}
