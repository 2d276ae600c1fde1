import { Flag } from '../../wire/segment.ts';
import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { counted, other, span, the } from './words.ts';

const FELT_NANOSECONDS = 0.2e9;
const STUCK_NANOSECONDS = 10e9;

class Spells {
  readonly rows = new Evidence();
  count = 0;
  total = 0;
  longest = 0;
  /** When the spell at hand began; NaN while the window is open. */
  since = Number.NaN;
  opened = -1;
  /** What the peer sent meanwhile, one octet at most: it asks whether there is room. */
  probes = 0;
}

/** Windows that closed: the program behind them does not read as fast as the data comes. */
export class ZeroWindows implements Examiner {
  private readonly spells = { client: new Spells(), server: new Spells() };

  see(s: Seen): void {
    const own = ofSender(this.spells, s);
    const peer = ofPeer(this.spells, s);
    if (!Number.isNaN(peer.since) && s.length <= 1 && !has(s, Flag.RST)) peer.probes++;
    if (has(s, Flag.SYN) || has(s, Flag.RST) || !has(s, Flag.ACK)) return;
    if (s.window === 0) {
      own.rows.add(s.row);
      if (Number.isNaN(own.since)) {
        own.since = s.time;
        own.count++;
      }
    } else if (!Number.isNaN(own.since)) {
      own.total += s.time - own.since;
      own.longest = Math.max(own.longest, s.time - own.since);
      own.since = Number.NaN;
      own.opened = s.row;
    }
  }

  report(facts: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const { rows, count, opened, probes, since } = this.spells[side];
      // An end that has sent its FIN or RST reads no more; its window says nothing.
      if (count === 0 || account[other(side)].dataSegments === 0) continue;
      this.tell(side, facts, book, { rows, count, opened, probes, open: !Number.isNaN(since) });
    }
  }

  private tell(
    side: Side,
    facts: Facts,
    book: Notebook,
    { rows, count, opened, probes, open }: { rows: Evidence; count: number; opened: number; probes: number; open: boolean },
  ): void {
    const spells = this.spells[side];
    const running = open ? facts.now - spells.since : 0;
    const total = spells.total + running;
    const longest = Math.max(spells.longest, running);
    const severity = longest >= STUCK_NANOSECONDS ? 'problem' : longest >= FELT_NANOSECONDS ? 'warning' : 'note';
    book.add({
      kind: 'zero-window',
      reason: open ? 'still-closed' : 'reopened',
      severity,
      side,
      rows: [...rows.rows, opened],
      count: rows.count + (opened >= 0 ? 1 : 0),
      text: `The receive buffer of ${the(side)} was full ${counted(count, 'time')}, ${span(total)} in all and ${span(longest)} at a stretch${open ? ', and is full still' : ''}: its program does not read as fast as ${the(other(side))} sends. ${the(other(side)) === 'the client' ? 'The client' : 'The server'} could only wait${probes > 0 ? ` and ask (${counted(probes, 'probe')})` : ''}.`,
      confirm: `\`ss -tm\` on the host of ${the(side)}: Recv-Q stays large. What does its program do in that time? A larger SO_RCVBUF only puts it off.`,
      values: { spells: count, seconds: total / 1e9, longest: longest / 1e9, probes },
    });
  }
}
