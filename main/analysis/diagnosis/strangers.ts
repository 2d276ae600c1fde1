import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAfter, seqDistance } from '../../wire/seq.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { counted, other, percent, the } from './words.ts';

/** Numbers that far below what was acknowledged are no late copies. */
const FAR_BELOW = 1 << 20;
/** Doubtful segments of which nobody knows yet; of more, the oldest are forgotten. */
const MOST_PENDING = 16;

class Doubtful {
  readonly outOfWindow = new Evidence();
  /** Beyond the window; legitimate after all if its receiver acknowledges what lies before it: then the capture has a gap. */
  pending: { row: number; seq: SeqNum }[] = [];
  readonly otherHops = new Evidence();
  controls = 0;
}

/** Segments that their receiver cannot have taken, or that somebody else may have sent. */
export class Strangers implements Examiner {
  private readonly doubtful = { client: new Doubtful(), server: new Doubtful() };

  see(s: Seen, account: Account): void {
    const own = ofSender(this.doubtful, s);
    const peer = ofPeer(this.doubtful, s);
    const receiver = ofPeer(account, s);
    if (has(s, Flag.ACK) && peer.pending.length > 0 && ofPeer(account, s).known)
      peer.pending = peer.pending.filter(({ seq }) => seqAfter(seq, s.ack));
    if (s.otherHops && ofSender(account, s).segments > 1) {
      own.otherHops.add(s.row);
      if (has(s, Flag.RST) || has(s, Flag.SYN)) own.controls++;
    }
    if (has(s, Flag.RST) && s.seq === 0) return; // a closed port answers with number 0
    if (!receiver.hasSentAck || has(s, Flag.SYN) || (s.length === 0 && !has(s, Flag.RST))) return;
    const into = seqDistance(receiver.ackSent, s.seq);
    if (into < -FAR_BELOW) own.outOfWindow.add(s.row);
    else if (into > Math.max(receiver.window, 65_535) * 2) {
      if (own.pending.length >= MOST_PENDING) own.pending.shift();
      own.pending.push({ row: s.row, seq: s.seq });
    }
  }

  report(_facts: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const { outOfWindow, pending, otherHops, controls } = this.doubtful[side];
      const rows = [...outOfWindow.rows, ...pending.map(({ row }) => row)];
      if (rows.length > 0)
        book.add({
          kind: 'out-of-window',
          severity: 'warning',
          ambiguous: true,
          side,
          rows,
          count: outOfWindow.count + pending.length,
          text: `${counted(outOfWindow.count + pending.length, 'segment')} in the name of ${the(side)} had numbers far outside the window of ${the(other(side))}, which must have dropped them: old duplicates, a box that renumbers, or a stranger who guesses.`,
          confirm: `A capture at ${the(side)} tells whether it sent them.`,
        });
      // Where every second packet differs there are two paths, not a stranger.
      const share = otherHops.count / Math.max(1, account[side].segments);
      if (otherHops.count > 0 && (controls > 0 || share < 0.05) && account[side].segments > 4)
        book.add({
          kind: 'foreign-segments',
          severity: controls > 0 ? 'warning' : 'note',
          ambiguous: true,
          side,
          rows: otherHops.rows,
          count: otherHops.count,
          text: `${counted(otherHops.count, 'segment')} in the name of ${the(side)} (${percent(share)}) came with another TTL than the one before: the path changed, or somebody nearer or farther away sent them.`,
          confirm: `A capture at ${the(side)}: what it did not send is forged.`,
        });
    }
  }
}
