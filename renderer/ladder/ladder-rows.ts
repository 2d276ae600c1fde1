import type { ConnectionRecord, Instant, SegmentRow, ShownSegment, StateSpan } from '../../preload/contract.ts';
import { FIN, formatFlags, RST, SYN } from '../format/flags.ts';
import { formatCount } from '../format/numbers.ts';
import type { Side } from '../side.ts';
import { secondsSince } from '../stores/connections.ts';
import { spanAt } from '../timeline/geometry.ts';

/** A segment as one rung: who sent it, what it says, and in which state it leaves both ends. */
export interface Rung {
  readonly frame: number;
  readonly from: Side;
  /** Seconds since the session's first packet, and since the rung above; undefined on the first. */
  readonly at: number;
  readonly gap: number | undefined;
  readonly flags: string;
  readonly numbers: string;
  /** The window offered, in octets. */
  readonly window: string;
  readonly kind: 'open' | 'close' | 'reset' | 'data' | 'ack';
  readonly events: SegmentRow['events'];
  /** The line of the script that caused it, in a run. */
  readonly line: number | undefined;
  readonly before: { readonly [S in Side]: StateSpan | undefined };
  readonly after: { readonly [S in Side]: StateSpan | undefined };
}

export function rungOf(row: ShownSegment, above: SegmentRow | undefined, record: ConnectionRecord, origin: Instant): Rung {
  const at = secondsSince(origin, row.at);
  const after = (side: Side): StateSpan | undefined => spanAt(record.states[side], origin, at);
  const before = (side: Side): StateSpan | undefined =>
    above ? spanAt(record.states[side], origin, secondsSince(origin, above.at)) : undefined;
  return {
    frame: row.frame,
    from: row.from,
    at,
    gap: above && at - secondsSince(origin, above.at),
    flags: formatFlags(row.flags),
    numbers: numbersOf(row),
    window: `win ${formatCount(row.window)}`,
    kind: kindOf(row),
    events: row.events,
    line: row.line,
    before: { client: before('client'), server: before('server') },
    after: { client: after('client'), server: after('server') },
  };
}

export function kindOf({ flags, length }: Pick<SegmentRow, 'flags' | 'length'>): Rung['kind'] {
  if (flags & RST) return 'reset';
  if (flags & SYN) return 'open';
  if (flags & FIN) return 'close';
  return length > 0 ? 'data' : 'ack';
}

/** `seq 1:8, ack 1, len 7`, relative to each side's first number, as tcpdump counts. */
export function numbersOf({
  relativeSeq,
  relativeAck,
  length,
  flags,
}: Pick<SegmentRow, 'relativeSeq' | 'relativeAck' | 'length' | 'flags'>): string {
  const parts = [length > 0 ? `seq ${relativeSeq}:${relativeSeq + length}` : `seq ${relativeSeq}`];
  if (flags & 0x10) parts.push(`ack ${relativeAck}`);
  if (length > 0) parts.push(`len ${formatCount(length)}`);
  return parts.join(', ');
}
