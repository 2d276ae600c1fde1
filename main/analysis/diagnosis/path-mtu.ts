import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAfter } from '../../wire/seq.ts';
import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import { isRepetition } from './losses.ts';
import type { Notebook } from './notebook.ts';
import { has, ofPeer, ofSender, type Seen } from './seen.ts';
import { counted, other, The, the } from './words.ts';

/** What a host must take without option (RFC 9293 §3.7.1), IPv4. */
const DEFAULT_MSS = 536;
/** So often a large segment must have been lost before its size is to blame. */
const LOST_COPIES = 3;
/** And so often where it never got through. */
const STUCK_COPIES = 4;
/** IP and TCP headers without options. */
const HEADERS = 40;
/** Smaller segments pass every path. */
const ALWAYS_PASSES = 500;

class Sizes {
  /** The largest payload that was acknowledged of segments sent once. */
  passed = 0;
  /** The segment that does not get through: its number, size and the copies sent of it. */
  stuckSeq: SeqNum | undefined;
  stuckSize = 0;
  copies = 0;
  rows = new Evidence();
  /** It, or its beginning, went through once it was smaller. */
  shrunkTo = 0;
  solvedRow = -1;
  /** The peer was heard after copies of it were lost. */
  peerHeard = 0;
  /** Its last segment with payload. */
  lastData = -1;
  synSeen = false;
}

/** Segment sizes, and paths too narrow for them. */
export class PathMtu implements Examiner {
  private readonly sizes = { client: new Sizes(), server: new Sizes() };

  see(s: Seen, account: Account): void {
    const own = ofSender(this.sizes, s);
    const peer = ofPeer(this.sizes, s);
    if (has(s, Flag.SYN)) own.synSeen = true;
    if (peer.copies >= 2 && !has(s, Flag.RST)) peer.peerHeard++;
    const { acknowledged } = account;
    if (acknowledged) {
      const size = (acknowledged.end - acknowledged.seq) | 0;
      if (acknowledged.resent === 0) peer.passed = Math.max(peer.passed, size);
    }
    if (has(s, Flag.ACK) && !has(s, Flag.RST)) this.resolve(peer, s);
    if (s.length > 0) this.follow(s, own, account);
  }

  private follow(s: Seen, own: Sizes, account: Account): void {
    own.lastData = s.row;
    const ledger = ofSender(account, s);
    if (!isRepetition(s, ledger) || ledger.holeAt(s.seq) !== undefined || ofPeer(account, s).window === 0) return;
    if (s.seq === own.stuckSeq) {
      if (s.length >= own.stuckSize) {
        own.copies++;
        own.rows.add(s.row);
      } else if (own.copies >= LOST_COPIES && own.shrunkTo === 0) {
        own.shrunkTo = s.length;
        own.rows.add(s.row);
      }
      return;
    }
    if (own.shrunkTo > 0 || (ledger.isAcked && s.seq !== ledger.una)) return; // only the oldest one holds the others up
    own.stuckSeq = s.seq;
    own.stuckSize = s.length;
    own.copies = 2;
    own.rows = new Evidence();
    const first = ledger.flight.find(s.seq);
    if (first) own.rows.add(first.row);
    own.rows.add(s.row);
    own.peerHeard = 0;
  }

  /** The peer acknowledges something: what was stuck came through at last, in whichever size. */
  private resolve(sizes: Sizes, s: Seen): void {
    if (sizes.stuckSeq === undefined || !seqAfter(s.ack, sizes.stuckSeq)) return;
    if (sizes.shrunkTo > 0) {
      if (sizes.solvedRow < 0) sizes.solvedRow = s.row;
      return;
    }
    sizes.stuckSeq = undefined;
    sizes.copies = 0;
  }

  report(facts: Facts, account: Account, book: Notebook): void {
    this.mss(facts, account, book);
    for (const side of ['client', 'server'] as const) {
      this.tooBig(side, facts, book);
      this.blackHole(side, facts, book);
    }
  }

  private mss({ flows }: Facts, account: Account, book: Notebook): void {
    for (const side of ['client', 'server'] as const) {
      const { mss } = flows[side];
      const peer = other(side);
      if (!this.sizes[side].synSeen || mss >= DEFAULT_MSS || flows[side].synPacket + flows[side].synAckPacket < -1) continue;
      if (account[peer].dataSegments < 2) continue;
      const row = Math.max(flows[side].synPacket, flows[side].synAckPacket);
      book.add({
        kind: 'small-mss',
        severity: 'note',
        side,
        rows: [row],
        text:
          mss === 0
            ? `${The(side)} announced no maximum segment size, so ${the(peer)} must assume ${DEFAULT_MSS} octets.`
            : `${The(side)} announced a maximum segment size of ${mss} octets only, so ${the(peer)} sends small segments.`,
        confirm: 'Does the SYN leave its host like that? A tunnel or firewall on the way may rewrite or remove the option.',
        values: { mss },
      });
    }
  }

  private tooBig(side: Side, facts: Facts, book: Notebook): void {
    const notes = facts.icmp.filter((note) => note.complaint === 'too-big' && facts.quotedSide(note) === side);
    const first = notes[0];
    if (!first) return;
    const { stuckSeq, stuckSize, copies, rows, lastData } = this.sizes[side];
    const fits = first.mtu - HEADERS;
    const ignored = stuckSeq !== undefined && copies >= LOST_COPIES && first.mtu > 0 && stuckSize > fits;
    book.add({
      kind: 'path-mtu-reduced',
      reason: ignored ? 'ignored' : undefined,
      severity: ignored ? 'problem' : 'note',
      side,
      rows: ignored ? rows.rows : lastData >= 0 ? [lastData] : [facts.connection.firstPacket],
      frames: notes.map(({ frame }) => frame),
      text: `A router said (packet ${first.frame}) that segments of ${the(side)} are too big for its next hop${first.mtu > 0 ? `, whose MTU is ${first.mtu}` : ''}: at most ${fits} octets fit in one. ${ignored ? `${The(side)} goes on with ${stuckSize} octets, which cannot get through.` : `${The(side)} has taken notice.`}`,
      confirm: ignored
        ? `Does the ICMP packet reach the host of ${the(side)}? A firewall that drops ICMP makes the path a black hole.`
        : `\`ip route get\` on the host of ${the(side)} shows the MTU it has learned.`,
      values: { mtu: first.mtu, messages: notes.length },
    });
  }

  private blackHole(side: Side, facts: Facts, book: Notebook): void {
    const { stuckSeq, stuckSize, copies, passed, shrunkTo, solvedRow, rows, peerHeard } = this.sizes[side];
    if (stuckSeq === undefined || stuckSize <= ALWAYS_PASSES) return;
    if (facts.icmp.some((note) => note.complaint === 'too-big' && facts.quotedSide(note) === side)) return;
    const solved = shrunkTo > 0 && solvedRow >= 0;
    if (copies < (solved ? LOST_COPIES : STUCK_COPIES)) return;
    // Without the size at which it went through, it must at least be larger than all that did, and the peer alive.
    if (!solved && (passed >= stuckSize || peerHeard === 0)) return;
    const peer = other(side);
    book.add({
      kind: 'path-mtu-black-hole',
      reason: solved ? 'shrunk' : 'stuck',
      severity: 'problem',
      ambiguous: !solved,
      side,
      rows: [...rows.rows, solvedRow],
      count: rows.count,
      text: solved
        ? `Segments of ${stuckSize} octets from ${the(side)} did not get through (${counted(copies, 'copy', 'copies')} of one), but with ${shrunkTo} octets they do: the path towards ${the(peer)} is narrower, and no ICMP message says so (a black hole).`
        : `A segment of ${stuckSize} octets from ${the(side)} was sent ${copies} times and never arrived, while ${passed > 0 ? `smaller ones (up to ${passed} octets) got through` : 'only segments without data got through'} and ${the(peer)} still speaks: most likely the path is too narrow for it, and the ICMP message that should say so is filtered.`,
      confirm: `\`ping -M do -s ${stuckSize + 12}\` from the host of ${the(side)} must fail where a small one succeeds. \`net.ipv4.tcp_mtu_probing=1\`, or a smaller MTU at that host, works around it.`,
      values: { stuck: stuckSize, passed, copies, ...(shrunkTo > 0 && { shrunkTo }) },
    });
  }
}
