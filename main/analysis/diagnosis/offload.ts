import { MARK } from '../marks.ts';
import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { ofPeer, ofSender, type Seen } from './seen.ts';
import { counted, octets, other, The, the } from './words.ts';

/** One right checksum in 20,000 looks like one left to the card; two in a row do not happen. */
const FEWEST_PARTIAL = 2;
/** Of a side with at least so many segments, all wrong: no network corrupts every one. */
const FEWEST_ALL_WRONG = 3;

class Kept {
  readonly partial = new Evidence();
  readonly oversized = new Evidence();
  readonly wrong = new Evidence();
  largest = 0;
}

/** What the network card does after the capture was made, or before: checksums filled in, segments cut or joined. And checksums that are wrong. */
export class Offloads implements Examiner {
  private readonly sides = { client: new Kept(), server: new Kept() };

  see(s: Seen, account: Account): void {
    const own = ofSender(this.sides, s);
    const announced = ofPeer(account.mss, s);
    if (s.partialChecksum) own.partial.add(s.row);
    if (announced > 0 && s.length > announced) {
      own.oversized.add(s.row);
      own.largest = Math.max(own.largest, s.length);
    }
    if ((s.marks & MARK['bad-checksum']) !== 0) own.wrong.add(s.row);
  }

  report(_facts: Facts, account: Account, book: Notebook): void {
    const partial = SIDES.filter((side) => this.isLeftToCard(side, account));
    if (partial.length > 0) this.reportChecksums(partial, book);
    for (const side of SIDES) {
      this.reportSegments(side, account, book);
      if (!partial.includes(side)) this.reportWrong(side, book);
    }
  }

  private isLeftToCard(side: Side, account: Account): boolean {
    const { partial, wrong } = this.sides[side];
    const { segments, isAcked } = account[side];
    return partial.count >= FEWEST_PARTIAL || (isAcked && wrong.count >= FEWEST_ALL_WRONG && wrong.count === segments);
  }

  private reportChecksums(sides: readonly Side[], book: Notebook): void {
    const who = sides.length === 2 ? 'Both sides left' : `${The(sides[0]!)} left`;
    const where =
      sides.length === 2
        ? 'no network card was on the way: loopback, or a virtual link'
        : `the capture was made on ${the(sides[0]!)} itself, or on a virtual link`;
    const rows: number[] = [];
    for (const side of sides) rows.push(...this.sides[side].partial.rows, ...this.sides[side].wrong.rows);
    book.add({
      kind: 'offload',
      reason: 'checksum',
      severity: 'note',
      side: sides.length === 1 ? sides[0] : undefined,
      rows,
      text: `${who} the checksums to the network card, which fills them in after the capture: ${where}. Wrong checksums here are no corruption.`,
      confirm: 'Capture on another machine, or with `ethtool -K IF tx off`: then they are right.',
    });
  }

  private reportSegments(side: Side, account: Account, book: Notebook): void {
    const { oversized, largest } = this.sides[side];
    if (oversized.count === 0) return;
    const announced = account.mss[other(side)];
    book.add({
      kind: 'offload',
      reason: 'segmentation',
      severity: 'note',
      side,
      rows: oversized.rows,
      count: oversized.count,
      text: `${counted(oversized.count, 'segment')} of ${the(side)} carried up to ${octets(largest)}, more than the ${announced} that ${the(other(side))} takes: they were captured before the network card cut them (TSO, GSO), or after the receiver joined them (GRO). On the wire there were more and smaller ones.`,
      confirm: 'Capture with `ethtool -K IF tso off gso off gro off`, or between the two hosts.',
      values: { count: oversized.count, largest, mss: announced },
    });
  }

  private reportWrong(side: Side, book: Notebook): void {
    const { wrong } = this.sides[side];
    if (wrong.count === 0) return;
    book.add({
      kind: 'bad-checksum',
      severity: 'warning',
      side,
      rows: wrong.rows,
      count: wrong.count,
      text: `${counted(wrong.count, 'segment')} of ${the(side)} had a wrong checksum: changed on the way, and dropped by ${the(other(side))}.`,
      confirm: `The drop counters of ${the(other(side))} (TcpInCsumErrors), and whether what they carried was sent again.`,
      values: { count: wrong.count },
    });
  }
}

const SIDES = ['client', 'server'] as const;
