import { MARK } from '../marks.ts';
import { Evidence } from './evidence.ts';
import type { Account, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { ofSender, type Seen } from './seen.ts';
import { counted } from './words.ts';

/** A copy made by the capture follows within this time; so soon no sender uses an identification again. */
const WITHIN_NANOSECONDS = 50e6;
const REMEMBERED = 8;

type Known = Pick<Seen, 'ipId' | 'seq' | 'ack' | 'flags' | 'length' | 'tsValue' | 'time'>;

/** The last segments of one side. */
class Recent {
  private readonly known: Known[] = [];
  private next = 0;

  has(s: Seen): boolean {
    for (const one of this.known) if (isSame(one, s)) return true;
    return false;
  }

  add({ ipId, seq, ack, flags, length, tsValue, time }: Seen): void {
    this.known[this.next] = { ipId, seq, ack, flags, length, tsValue, time };
    this.next = (this.next + 1) % REMEMBERED;
  }
}

const isSame = (one: Known, s: Seen): boolean =>
  one.ipId === s.ipId &&
  one.seq === s.seq &&
  one.ack === s.ack &&
  one.flags === s.flags &&
  one.length === s.length &&
  one.tsValue === s.tsValue &&
  s.time - one.time < WITHIN_NANOSECONDS;

/**
 * Packets that were captured twice: those the analysis knows by their place (`capture-copies.ts`), and on one interface those
 * that are the same in everything, the IP identification too (before and after a bridge or router). What is sent again has a new one, so a copy is no retransmission.
 */
export class Copies {
  private readonly recent = { client: new Recent(), server: new Recent() };
  private readonly copies = new Evidence();
  private segments = 0;

  /** The segment at hand was captured before; to be asked once for each. */
  isCopy(s: Seen): boolean {
    this.segments++;
    if ((s.marks & MARK['duplicate-capture']) !== 0) {
      this.copies.add(s.row);
      return true;
    }
    if (s.ipId === 0) return false;
    const recent = ofSender(this.recent, s);
    if (recent.has(s)) {
      this.copies.add(s.row);
      return true;
    }
    recent.add(s);
    return false;
  }

  report(_facts: Facts, _account: Account, book: Notebook): void {
    if (this.copies.count === 0) return;
    book.add({
      kind: 'captured-twice',
      severity: 'note',
      rows: this.copies.rows,
      count: this.copies.count,
      text: `${counted(this.copies.count, 'packet')} of ${this.segments} were captured twice (the same header and IP identification, or the same octets cut or joined on the way): they are passed over here, and the retransmissions and duplicate ACKs that Wireshark marks on them are none.`,
      confirm: 'Capture on one interface only, not on a bridge and its member, nor on `any`.',
      values: { copies: this.copies.count },
    });
  }
}
