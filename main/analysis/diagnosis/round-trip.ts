import { Flag } from '../../wire/segment.ts';
import type { Side } from '../record.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { has, ofPeer, ofSender, ofSide, type Seen } from './seen.ts';
import { Spread } from './spread.ts';
import { counted, span, the } from './words.ts';

/** Values of a side's timestamp clock whose first appearance is remembered. */
const CLOCKS = 64;

/** How long one end takes, from the place of the capture to it and back. */
class Trip {
  readonly byAck = new Spread();
  readonly byTimestamp = new Spread();
  shortest = -1;
  first = -1;
  last = -1;
  private readonly values: number[] = [];
  private readonly times: number[] = [];
  private next = 0;
  private latest = -1;

  /** A value of the other side's clock passes on its way to this end. */
  pass(value: number, time: number): void {
    if (value === this.latest) return;
    this.latest = value;
    this.values[this.next % CLOCKS] = value;
    this.times[this.next % CLOCKS] = time;
    this.next++;
  }

  /** It comes back; each value counts once. */
  echo(value: number, time: number): void {
    for (let i = 1; i <= CLOCKS && i <= this.next; i++) {
      const at = (this.next - i) % CLOCKS;
      if (this.values[at] !== value || Number.isNaN(this.times[at]!)) continue;
      this.byTimestamp.add(time - this.times[at]!);
      this.times[at] = Number.NaN;
      return;
    }
  }
}

/** Round trips from the place of the capture, by acknowledgement (Karn: never of what was sent again) and by timestamp (RFC 7323 §4). */
export class RoundTrips implements Examiner {
  private readonly to = { client: new Trip(), server: new Trip() };

  see(s: Seen, { acknowledged }: Account): void {
    if (s.hasTimestamps && !has(s, Flag.RST)) {
      if (s.length > 0 || has(s, Flag.SYN)) ofPeer(this.to, s).pass(s.tsValue, s.time);
      // Only what moves the acknowledgement on answers a segment; a repeated ACK echoes an older one.
      if (acknowledged) ofSender(this.to, s).echo(s.tsEcho, s.time);
    }
    if (!acknowledged || acknowledged.resent > 0) return;
    const trip = ofSender(this.to, s);
    const took = s.time - acknowledged.time;
    if (took < trip.byAck.min) trip.shortest = s.row;
    if (trip.first < 0) trip.first = acknowledged.row;
    trip.last = s.row;
    trip.byAck.add(took);
  }

  /** The shortest way from the capture to an end and back, in nanoseconds; undefined while none was measured. */
  shortest(end: Side): number | undefined {
    const { min } = ofSide(this.to, end).byAck;
    return Number.isFinite(min) ? min : undefined;
  }

  report(_facts: Facts, _account: Account, book: Notebook): void {
    for (const end of ['client', 'server'] as const) {
      const { byAck, byTimestamp, first, shortest, last } = this.to[end];
      if (byAck.count < 2) continue;
      const { median } = byAck;
      const p95 = byAck.quantile(0.95);
      const values = { count: byAck.count, min: byAck.min / 1e9, median: median / 1e9, p95: p95 / 1e9, max: byAck.max / 1e9 };
      const stamps =
        byTimestamp.count > 1
          ? ` By timestamps ${span(byTimestamp.min)} to ${span(byTimestamp.max)}, half below ${span(byTimestamp.median)}.`
          : '';
      book.add({
        kind: 'round-trip',
        severity: 'note',
        side: end,
        rows: [first, shortest, last],
        count: byAck.count,
        text: `From the place of the capture to ${the(end)} and back: at best ${span(byAck.min)}, half below ${span(median)}, 95 % below ${span(p95)}, at worst ${span(byAck.max)} (${counted(byAck.count, 'acknowledgement')}, delayed ones among them).${stamps}`,
        confirm: 'The best time is the path’s; what comes on top is waiting in queues or a delayed ACK. `ping` gives the path alone.',
        values: byTimestamp.count > 1 ? { ...values, ...timestampValues(byTimestamp) } : values,
      });
    }
  }
}

const timestampValues = ({ count, min, median, max }: Spread) => ({
  timestampCount: count,
  timestampMin: min / 1e9,
  timestampMedian: median / 1e9,
  timestampMax: max / 1e9,
});
