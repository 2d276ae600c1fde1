import { Flag } from '../../wire/segment.ts';
import { State } from '../change-log.ts';
import type { Side } from '../record.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { other, span, The, the } from './words.ts';

/** A program takes a while to notice that its peer has closed; longer than this it has forgotten. */
const LINGERING_NANOSECONDS = 10e9;
/** So long, and somebody will run out of descriptors. */
const LONG_NANOSECONDS = 60e9;

class End {
  fin = -1;
  finTime = Number.NaN;
  reset = -1;
  /** Its last segment with payload, and whether one came after the peer's FIN. */
  data = -1;
  dataAfterPeersFin = false;
}

/** Who closed, in which order, and who did not. */
export class Closing implements Examiner {
  private readonly ends = { client: new End(), server: new End() };

  see(s: Seen): void {
    const own = ofSender(this.ends, s);
    if (has(s, Flag.RST)) {
      if (own.reset < 0) own.reset = s.row;
      return;
    }
    if (has(s, Flag.FIN) && own.fin < 0) {
      own.fin = s.row;
      own.finTime = s.time;
    }
    if (s.length > 0) {
      own.data = s.row;
      if (ofPeer(this.ends, s).fin >= 0) own.dataAfterPeersFin = true;
    }
  }

  report(facts: Facts, account: Account, book: Notebook): void {
    this.closedFirst(facts, account, book);
    this.closeWait('client', facts, book);
    this.closeWait('server', facts, book);
  }

  private closedFirst(facts: Facts, account: Account, book: Notebook): void {
    const { client, server } = this.ends;
    if (client.fin < 0 && server.fin < 0) return;
    const first: Side = server.fin < 0 || (client.fin >= 0 && client.fin < server.fin) ? 'client' : 'server';
    const closer = this.ends[first];
    const peer = this.ends[other(first)];
    const rows = [closer.fin, peer.fin, peer.fin < 0 ? peer.reset : -1];
    const both = facts.stay('client', State.CLOSING) !== undefined || facts.stay('server', State.CLOSING) !== undefined;
    let rest = `; ${the(other(first))} has not closed`;
    if (peer.fin >= 0 && both) rest = ` and ${the(other(first))} at the same time, before it had that FIN: both keep TIME-WAIT`;
    else if (peer.fin >= 0)
      rest = `, ${the(other(first))} ${span(peer.finTime - closer.finTime)} later; TIME-WAIT is kept by ${the(first)}`;
    else if (peer.reset > closer.fin) rest = `; ${the(other(first))} answered with a RST, so nobody keeps TIME-WAIT`;
    else if (closer.reset > closer.fin) rest = ', and then sent a RST: the connection is gone without TIME-WAIT';
    const missed = !account[first].known ? ' as far as was captured' : '';
    book.add({
      kind: 'closed-first',
      severity: 'note',
      side: first,
      rows,
      text: `${The(first)} closed first${missed}${rest}.`,
      confirm: `\`ss -tn state time-wait\` on the host of ${the(first)} shows it for a minute.`,
      values: peer.fin >= 0 ? { seconds: (peer.finTime - closer.finTime) / 1e9 } : undefined,
    });
  }

  /** The peer has closed, and this end's program neither sends nor closes. */
  private closeWait(side: Side, facts: Facts, book: Notebook): void {
    const peer = this.ends[other(side)];
    if (peer.fin < 0) return;
    const stay = facts.stay(side, State['CLOSE-WAIT']);
    if (!stay) return;
    const own = this.ends[side];
    const { from, to } = stay;
    const until = to ?? facts.present;
    // While it still sends it makes use of the half that is open; it waits since its last data.
    const since = own.dataAfterPeersFin ? facts.between(from, facts.present) - (facts.now - facts.timeOf(own.data)) : 0;
    const lasted = facts.between(from, until) - Math.max(0, since);
    if (lasted < LINGERING_NANOSECONDS) return;
    const sent = own.dataAfterPeersFin ? ' since it last sent data' : '';
    book.add({
      kind: 'close-wait',
      reason: to ? 'ended' : 'open',
      severity: lasted >= LONG_NANOSECONDS && !to ? 'problem' : 'warning',
      side,
      rows: [peer.fin, own.dataAfterPeersFin ? own.data : -1, own.fin],
      to: until,
      text: to
        ? `${The(side)} stayed in CLOSE-WAIT for ${span(lasted)}${sent} after ${the(other(side))} had closed: its program was slow to call close().`
        : `${The(side)} has not closed this connection: it is in CLOSE-WAIT for ${span(lasted)}${sent}, since ${the(other(side))} closed. Its program has not called close(); no timer ends this state.`,
      confirm: `\`ss -tnp state close-wait\` on the host of ${the(side)} names the process that holds the socket.`,
      values: { seconds: lasted / 1e9 },
    });
  }
}
