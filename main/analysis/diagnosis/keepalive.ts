import { MARK } from '../marks.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { ofPeer, ofSender, type Seen } from './seen.ts';
import { Spread } from './spread.ts';
import { counted, other, span, The, the } from './words.ts';

class Probes {
  readonly all = new Evidence();
  readonly apart = new Spread();
  lastAt = Number.NaN;
  /** Since the peer was heard. */
  unanswered = new Evidence();
}

/** Probes of an idle connection (RFC 9293 §3.8.4). Linux asks a closed window in the same way; those are not counted. */
export class Keepalives implements Examiner {
  private readonly probes = { client: new Probes(), server: new Probes() };

  see(s: Seen, account: Account): void {
    const peer = ofPeer(this.probes, s);
    if (peer.unanswered.count > 0) peer.unanswered = new Evidence();
    if ((s.marks & MARK['keep-alive']) === 0 || ofPeer(account, s).window === 0) return;
    // What lies below an unacknowledged octet may be a repetition of it.
    if (ofSender(account, s).inFlight > 0) return;
    const own = ofSender(this.probes, s);
    own.all.add(s.row);
    own.unanswered.add(s.row);
    if (!Number.isNaN(own.lastAt)) own.apart.add(s.time - own.lastAt);
    own.lastAt = s.time;
  }

  report(_facts: Facts, _account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const { all, apart, unanswered } = this.probes[side];
      if (all.count === 0) continue;
      const every = apart.count > 0 ? `, ${span(apart.median)} apart` : '';
      if (unanswered.count >= 2)
        book.add({
          kind: 'keepalive-unanswered',
          severity: 'problem',
          side: other(side),
          rows: unanswered.rows,
          count: unanswered.count,
          text: `${counted(unanswered.count, 'keep-alive')} of ${the(side)}${every} stayed without an answer: ${the(other(side))} is gone, or a box on the way has forgotten the connection. After tcp_keepalive_probes of them ${the(side)} gives up.`,
          confirm: `Is ${the(other(side))} up, and does it know the connection (\`ss -tn\`)? A capture there tells whether the probes arrive.`,
          values: { probes: unanswered.count },
        });
      else
        book.add({
          kind: 'keepalive',
          severity: 'note',
          side,
          rows: all.rows,
          count: all.count,
          text: `${The(side)} asks with keep-alives (${counted(all.count, 'probe')}${every}) whether ${the(other(side))} is there; it is.`,
          confirm: `\`ss -to\` on the host of ${the(side)} shows the keepalive timer.`,
          values: { probes: all.count, ...(apart.count > 0 && { secondsApart: apart.median / 1e9 }) },
        });
    }
  }
}
