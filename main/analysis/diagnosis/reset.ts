import { Flag } from '../../wire/segment.ts';
import { seqDistance } from '../../wire/seq.ts';
import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Ledger } from './ledger.ts';
import type { Notebook } from './notebook.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { other, span, The, the } from './words.ts';

/** A pause after which a middlebox or a peer may have forgotten the connection. */
const IDLE_NANOSECONDS = 30e9;
/** So much later a segment cannot be one that the capture merely put after the RST. */
const AFTERWARDS_NANOSECONDS = 20e6;
/** Repetitions without an answer after which a sender may have given up. */
const GIVEN_UP = 3;
/** Octets that may have been acknowledged since. */
const LATELY = 1 << 20;

/** Why a connection was reset, as far as packets tell. */
type Reason =
  | 'forged'
  | 'after-close'
  | 'after-both-closed'
  | 'gave-up'
  | 'keepalive'
  | 'forgotten'
  | 'at-once'
  | 'in-close-wait'
  | 'unread-data'
  | 'abort'
  | 'not-exact';

/** What stood when the first RST of a side passed. */
interface Moment {
  readonly row: number;
  readonly time: number;
  readonly previous: number;
  readonly otherHops: boolean;
  readonly hasAck: boolean;
  readonly exact: boolean;
  /** Number 0 with an ACK: nobody listens there, and no connection is known (RFC 9293 §3.10.7.1). */
  readonly closedPort: boolean;
  readonly ownFin: number;
  readonly peerFin: number;
  /** Payload octets that came from the peer, and the rows of its last data. */
  readonly fromPeer: number;
  readonly peerData: number;
  readonly idle: number;
  readonly repeated: number;
  readonly probes: number;
  readonly ownSegments: number;
  readonly dataAfterFin: boolean;
  readonly established: boolean;
}

class End {
  reset: Moment | undefined;
  readonly spokeAfter = new Evidence();
  lastData = -1;
  synAck = false;
  /** Its own repetitions and keep-alives since the peer last spoke. */
  repeated = 0;
  probes = 0;
  dataAfterPeersFin = false;
}

export class Resets implements Examiner {
  private readonly ends = { client: new End(), server: new End() };
  private last = -1;
  private lastTime = Number.NaN;

  see(s: Seen, account: Account): void {
    const own = ofSender(this.ends, s);
    const peer = ofPeer(this.ends, s);
    if (has(s, Flag.RST)) {
      own.reset ??= this.moment(s, account);
    } else {
      if (own.reset && s.time - own.reset.time > AFTERWARDS_NANOSECONDS) own.spokeAfter.add(s.row);
      this.follow(s, own, account);
      peer.repeated = peer.probes = 0;
    }
    this.last = s.row;
    this.lastTime = s.time;
  }

  private follow(s: Seen, own: End, account: Account): void {
    const ledger = ofSender(account, s);
    if (s.length > 0) {
      own.lastData = s.row;
      if (ofPeer(account, s).finRow >= 0) own.dataAfterPeersFin = true;
    }
    if (has(s, Flag.SYN) && has(s, Flag.ACK)) own.synAck = true;
    const isProbe = s.length <= 1 && ledger.known && ((s.seq + 1) | 0) === (ledger.nxt | 0) && !has(s, Flag.SYN) && !has(s, Flag.FIN);
    if (isProbe) own.probes++;
    else if (s.length > 0 && ledger.known && s.end === ledger.nxt && ledger.flight.length > 0 && ledger.una !== ledger.nxt) own.repeated++;
    else if (s.length > 0 && ledger.isAcked && s.seq === ledger.una && ledger.inFlight > 0) own.repeated++;
  }

  private moment(s: Seen, account: Account): Moment {
    const ledger = ofSender(account, s);
    const peerLedger = ofPeer(account, s);
    const own = ofSender(this.ends, s);
    const peer = ofPeer(this.ends, s);
    return {
      row: s.row,
      time: s.time,
      previous: this.last,
      otherHops: s.otherHops,
      hasAck: has(s, Flag.ACK),
      exact: !ledger.known || s.seq === ledger.nxt || (peerLedger.hasSentAck && answers(s, peerLedger)),
      closedPort: has(s, Flag.ACK) && s.seq === 0,
      ownFin: ledger.finRow,
      peerFin: peerLedger.finRow,
      fromPeer: peerLedger.octets,
      peerData: peer.lastData,
      idle: s.time - this.previousSpeech(s, account),
      repeated: own.repeated,
      probes: own.probes,
      ownSegments: ledger.segments,
      dataAfterFin: peer.dataAfterPeersFin,
      established: own.synAck ? ledger.segments > 1 : ledger.segments > 0,
    };
  }

  /** When the conversation paused before what the RST answers: the last segment of its own sender. */
  private previousSpeech(s: Seen, account: Account): number {
    const own = ofSender(account, s).sentAt;
    return Number.isNaN(own) ? this.lastTime : own;
  }

  report(_facts: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const { reset, spokeAfter } = this.ends[side];
      if (!reset) continue;
      const handshakeOnly = !account.client.hasSentAck && side === 'client';
      if (reset.ownSegments === 0 && account[other(side)].octets === 0) continue; // the refusal of a SYN, which `opening` tells
      if (handshakeOnly) continue; // a scan, likewise
      this.tell(side, reset, spokeAfter, book);
    }
  }

  private tell(side: Side, at: Moment, after: Evidence, book: Notebook): void {
    const peer = other(side);
    const reason = reasonOf(side, at, after);
    const { text, confirm, ambiguous = false, severity = 'warning' } = WORDS[reason](side, peer, at);
    book.add({
      kind: 'reset',
      reason,
      severity,
      ambiguous,
      side,
      rows: [
        reason === 'after-close' ? at.ownFin : -1,
        reason === 'unread-data' || reason === 'after-close' ? at.peerData : -1,
        at.previous,
        at.row,
        ...(reason === 'forged' ? after.rows : []),
      ],
      text: `${The(side)} reset the connection: ${text}`,
      confirm,
    });
  }
}

/** A RST has the number that its peer acknowledged last; without ACK it may answer a segment that was sent earlier. */
function answers(s: Seen, peer: Ledger): boolean {
  const behind = seqDistance(s.seq, peer.ackSent);
  return behind === 0 || (!has(s, Flag.ACK) && behind > 0 && behind < LATELY);
}

function reasonOf(side: Side, at: Moment, after: Evidence): Reason {
  if (after.count > 0 || (at.otherHops && at.ownSegments > 1)) return 'forged';
  if (at.ownFin >= 0 && at.peerFin >= 0) return 'after-both-closed';
  // Then it may answer a segment that was on the way, and has the number that this acknowledged.
  if (at.ownFin >= 0) return 'after-close';
  if (at.closedPort && at.ownSegments > 0) return 'forgotten';
  if (!at.exact) return 'not-exact';
  if (at.probes >= GIVEN_UP) return 'keepalive';
  if (at.repeated >= GIVEN_UP) return 'gave-up';
  if (!at.hasAck && at.peerData >= 0) return 'forgotten';
  if (side === 'server' && !at.established) return 'at-once';
  if (at.peerFin >= 0) return 'in-close-wait';
  return at.fromPeer > 0 ? 'unread-data' : 'abort';
}

interface Words {
  readonly text: string;
  readonly confirm: string;
  readonly ambiguous?: boolean;
  readonly severity?: 'note' | 'warning';
}

const WORDS: { readonly [R in Reason]: (side: Side, peer: Side, at: Moment) => Words } = {
  forged: (side, _peer, at) => ({
    text: at.otherHops
      ? `the RST came with another TTL than the segments of ${the(side)} before it, so somebody on the way (a firewall, an attacker) may have sent it in its name.`
      : `yet ${the(side)} went on speaking as if it had not. Somebody on the way may have sent the RST in its name.`,
    confirm: `A capture at ${the(side)}: a RST that it did not send is forged.`,
    ambiguous: true,
  }),
  'after-close': (side, peer, at) => ({
    text: `its program had closed when ${at.dataAfterFin ? `more data of ${the(peer)} arrived that nobody was left to read` : `${the(peer)} went on`}.`,
    confirm: `The program of ${the(side)} calls close() rather than shutdown(SHUT_WR) before it has read to the end.`,
  }),
  'after-both-closed': () => ({
    text: 'after both ends had closed. Nothing was lost; TIME-WAIT was cut short or had gone.',
    confirm: 'Some programs set SO_LINGER 0 to avoid TIME-WAIT.',
    severity: 'note',
  }),
  'gave-up': (_side, peer, at) => ({
    text: `after ${at.repeated} repetitions without an answer of ${the(peer)} it gave up.`,
    confirm: `Was ${the(peer)}, or the way to it, down at that time?`,
  }),
  keepalive: (_side, peer, at) => ({
    text: `${at.probes} keep-alives stayed without an answer of ${the(peer)}.`,
    confirm: `Was ${the(peer)}, or the way to it, down at that time?`,
  }),
  forgotten: (side, peer, at) => ({
    text: `it answers ${the(peer)} as one that knows of no such connection (${at.closedPort ? 'a RST with number 0' : 'a RST without ACK'})${at.idle > IDLE_NANOSECONDS ? ` after a silence of ${span(at.idle)}` : ''}: its host restarted, its program closed while the data was on the way, or a NAT or firewall forgot the connection.`,
    confirm: `\`ss -tn\` on the host of ${the(side)} at that time; the TTL of the RST tells whether that host or a box on the way sent it.`,
    ambiguous: true,
  }),
  'at-once': () => ({
    text: 'right after the handshake and without a word of its own: the accept queue was full and tcp_abort_on_overflow is set, or the program that accepted it aborted at once.',
    confirm: '`nstat TcpExtListenOverflows` and `sysctl net.ipv4.tcp_abort_on_overflow` on the server.',
    ambiguous: true,
  }),
  'in-close-wait': (side, peer) => ({
    text: `${the(peer)} had closed, and ${the(side)} aborted where it might have closed: with data unread or unsent, with SO_LINGER 0, or because its program ended.`,
    confirm: `A trace of the calls of ${the(side)}’s program (\`strace -e trace=network,close\`).`,
    ambiguous: true,
    severity: 'note',
  }),
  'unread-data': (side, peer) => ({
    text: `its program closed with data of ${the(peer)} unread, or with SO_LINGER 0, or it was killed. What ${the(peer)} had still to read is lost.`,
    confirm: `A trace of the calls of ${the(side)}’s program (\`strace -e trace=network,close\`); \`nstat TcpExtTCPAbortOnClose TcpExtTCPAbortOnData\`.`,
    ambiguous: true,
  }),
  abort: (side) => ({
    text: 'there was nothing unread that could have caused it: its program aborted (SO_LINGER 0), or somebody ended it.',
    confirm: `A trace of the calls of ${the(side)}’s program (\`strace -e trace=network,close\`).`,
  }),
  'not-exact': (side, peer) => ({
    text: `the RST has a number that ${the(peer)} did not expect next: it answers an old segment, or is a guess of a stranger. ${The(peer)} should answer it with a challenge ACK (RFC 5961 §3.2).`,
    confirm: `A capture at ${the(side)} tells whether it sent that RST.`,
    ambiguous: true,
  }),
};
