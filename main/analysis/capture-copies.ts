import { ETHERNET_HEADER } from '../wire/ethernet.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { LinkType } from '../wire/link-type.ts';
import { SLL_HEADER, SLL2_HEADER } from '../wire/linux-cooked.ts';
import { hopLimit, ipIdentification, type Located } from '../wire/locate.ts';
import { readU16, readU32 } from '../wire/octets.ts';
import { type SeqNum, seqAdd, seqAfter } from '../wire/seq.ts';
import { emptyTcpView, readTcp } from '../wire/tcp-view.ts';
import type { Connection } from './connection-store.ts';
import { Known } from './flow.ts';
import { BITS, SENT } from './flow-words.ts';
import { MARK } from './marks.ts';
import { CONTROL_BITS, type PacketColumns, type PacketPage, slot } from './packet-columns.ts';
import { RecutCopies } from './recut-copies.ts';

/** Packets that are remembered; a power of two. A newer one takes an older one's place. */
const REMEMBERED = 4096;
/** So many segments before the first sign of a second place are looked at again, for as many after it. */
const LOOKED_BACK = 64;
/**
 * A copy follows within this time, in nanoseconds: without an identification or timestamps the same header may come again soon, as
 * duplicate ACKs do. So soon no sender uses an identification again, or timestamps stand still. Both together leave time for a long queue.
 */
const WITHIN = [5e6, 50e6, 1e9] as const;
/** The one place of all segments that show no sign of a second one. */
const PLAIN_PLACE = 0;

/**
 * Knows a packet that the capture saw before somewhere else: on another interface, going out after it came in, with a VLAN tag
 * or without, within a tunnel (or FabricPath, MPLS, PPPoE) and outside. Its IP and TCP headers are the same but for TTL and checksums; what is sent again has
 * another IP identification, or comes later. What was cut or joined on the way is known by its octets (`recut-copies.ts`).
 * It asks nothing of a capture on one interface without tags and tunnels.
 */
export class CaptureCopies {
  /** Row of the packet that was a copy's first; -1 where it is not known. */
  original = -1;
  /** The row of the first sign of a second place, or -1. */
  private watchedFrom = -1;
  private readonly digests = new Int32Array(2 * REMEMBERED);
  private readonly places = new Int32Array(REMEMBERED);
  private readonly rows = new Int32Array(REMEMBERED).fill(-1);
  private readonly times = new Float64Array(REMEMBERED).fill(Number.NEGATIVE_INFINITY);
  private readonly columns: PacketColumns;
  private readonly recut: RecutCopies;
  private readonly connection: Connection;
  private readonly view = emptyTcpView();
  /** Where and when the segment before was captured: its octets are remembered once its row is written. */
  private lastPlace = PLAIN_PLACE;
  private lastTime = Number.NEGATIVE_INFINITY;

  /** `connection` is the one of the segment asked about. */
  constructor(columns: PacketColumns, connection: Connection) {
    this.columns = columns;
    this.connection = connection;
    this.recut = new RecutCopies(columns);
  }

  /** There was a sign of a second place: every segment is to be asked about. */
  get watches(): boolean {
    return this.watchedFrom >= 0;
  }

  /**
   * Frame `i` is a copy of a packet captured before. To be asked once for each segment; `row`, `time`, connection `id` (or -1) and
   * direction are its own.
   */
  isCopy(batch: FrameBatch, i: number, located: Located, row: number, time: number, id: number, fromSecond: boolean): boolean {
    return (this.watchedFrom >= 0 || mayHaveCopies(batch, i, located)) && this.compare(batch, i, located, row, time, id, fromSecond);
  }

  private compare(batch: FrameBatch, i: number, located: Located, row: number, time: number, id: number, fromSecond: boolean): boolean {
    if (this.watchedFrom < 0) this.watch(batch, i, row, time);
    else this.recut.remember(row - 1, this.lastPlace, this.lastTime);
    const apart = mayHaveCopies(batch, i, located);
    const place = placeOf(batch, i, located);
    this.lastPlace = apart ? place : PLAIN_PLACE;
    this.lastTime = time;
    readTcp(batch.data, located, this.view);
    const identification = ipIdentification(batch.data, located);
    const within = WITHIN[(identification !== 0 ? 1 : 0) + (this.view.hasTimestamps ? 1 : 0)]!;
    // Version 1 of the cooked header does not tell the interface; there the identification decides.
    const nameless = identification !== 0 && batch.linkType[i] === LinkType.LINUX_SLL;
    if (this.meet(batch.data, located, row, time, within, nameless, place)) return true;
    if (id < 0) return false;
    if (apart && row < this.watchedFrom + LOOKED_BACK && this.lookBack(batch, i, located, id, within)) return true;
    return !this.goesBeyond(fromSecond) && this.meetRecut(identification, time, within, nameless, id, fromSecond);
  }

  /** The first sign of a second place: from now on all is remembered, and what came just before. */
  private watch(batch: FrameBatch, i: number, row: number, time: number): void {
    this.watchedFrom = row;
    for (let before = Math.max(0, row - LOOKED_BACK); before < row; before++)
      this.recut.remember(before, PLAIN_PLACE, time - since(this.columns.page(before), slot(before), batch, i));
  }

  /** It has octets beyond all that its sender was seen to send. */
  private goesBeyond(fromSecond: boolean): boolean {
    const { words } = this.connection;
    const sender = this.connection.flowAt(fromSecond);
    const end = seqAdd(this.view.seq, this.view.payloadLength);
    return (words[sender + BITS]! & Known.SENT) !== 0 && seqAfter(end, words[sender + SENT]! as SeqNum);
  }

  private meetRecut(identification: number, time: number, within: number, nameless: boolean, id: number, fromSecond: boolean): boolean {
    const { view, recut } = this;
    const { piece } = recut;
    piece.connection = id;
    piece.fromSecond = fromSecond;
    piece.identification = identification;
    piece.place = this.lastPlace;
    piece.nameless = nameless;
    piece.time = time;
    piece.within = within;
    if (!recut.isCopy(view)) return false;
    this.original = recut.original;
    return true;
  }

  private meet(data: Uint8Array, located: Located, row: number, time: number, within: number, nameless: boolean, place: number): boolean {
    const first = digest(data, located, 0x2c1b_3c6d);
    const second = digest(data, located, 0x297a_2d39);
    const at = this.slotOf(first, second);
    const elapsed = time - this.times[at]!;
    if (this.has(at, first, second) && elapsed >= 0 && elapsed < within && (nameless || this.places[at] !== place)) {
      this.original = this.rows[at]!;
      // A piece of what came whole has no like at the place of the whole: there it was sent again.
      if ((this.columns.marks(this.original) & MARK['duplicate-capture']) === 0) return true;
    }
    this.digests[2 * at] = first;
    this.digests[2 * at + 1] = second;
    this.places[at] = place;
    this.rows[at] = row;
    this.times[at] = time;
    return false;
  }

  /** Each packet has two slots to lie in, so that two at a time seldom contend for one: where it lies, or else the older one. */
  private slotOf(first: number, second: number): number {
    const one = first & (REMEMBERED - 1);
    const other = second & (REMEMBERED - 1);
    if (this.has(one, first, second)) return one;
    if (this.has(other, first, second)) return other;
    return this.rows[one]! <= this.rows[other]! ? one : other;
  }

  private has(at: number, first: number, second: number): boolean {
    return this.digests[2 * at] === first && this.digests[2 * at + 1] === second;
  }

  /** Of the segments before the first one that came from elsewhere the columns alone tell. */
  private lookBack(batch: FrameBatch, i: number, located: Located, id: number, within: number): boolean {
    const earliest = Math.max(0, this.watchedFrom - LOOKED_BACK);
    for (let before = this.watchedFrom - 1; before >= earliest; before--) {
      if (!looksTheSame(this.columns.page(before), slot(before), batch, i, located, id, within)) continue;
      this.original = before;
      return true;
    }
    return false;
  }
}

/** The segment in slot `at` of connection `id` has the numbers of frame `i`, and came so soon before that it may be the same packet. */
function looksTheSame(page: PacketPage, at: number, batch: FrameBatch, i: number, located: Located, id: number, within: number): boolean {
  const { data } = batch;
  const { tcp } = located;
  const identification = ipIdentification(data, located);
  const elapsed = since(page, at, batch, i);
  return (
    page.connection(at) === id &&
    page.ipId(at) === identification &&
    page.seq(at) === readU32(data, tcp + 4) &&
    page.ack(at) === readU32(data, tcp + 8) &&
    page.window(at) === readU16(data, tcp + 14) &&
    (page.flags(at) & CONTROL_BITS) === (readU16(data, tcp + 12) & CONTROL_BITS) &&
    page.length(at) === located.tcpLength - (data[tcp + 12]! >> 4) * 4 &&
    elapsed >= 0 &&
    elapsed < within
  );
}

/** Nanoseconds from the segment in slot `at` to frame `i`. */
const since = (page: PacketPage, at: number, { seconds, nanoseconds }: FrameBatch, i: number): number =>
  (seconds[i]! - page.seconds(at)) * 1e9 + (nanoseconds[i]! - page.nanoseconds(at));

/** A first sign that the capture looks at more than one place. */
function mayHaveCopies(batch: FrameBatch, i: number, { ip, vlan, tunnels }: Located): boolean {
  const linkType = batch.linkType[i]!;
  if (batch.interfaceId[i] !== 0) return true;
  // Tags, tunnels and all else put the IP header deeper.
  if (linkType === LinkType.ETHERNET) return ip - batch.offset[i]! > ETHERNET_HEADER;
  return vlan >= 0 || tunnels > 0 || linkType === LinkType.LINUX_SLL || linkType === LinkType.LINUX_SLL2;
}

/**
 * Where a frame was captured: its interface, its direction, what wraps it (a tag, labels, a tunnel, another frame: all put the
 * IP header deeper), how many routers it has passed.
 */
function placeOf(batch: FrameBatch, i: number, located: Located): number {
  const { data } = batch;
  const start = batch.offset[i]!;
  let place = Math.imul(batch.interfaceId[i]! + 1, 0x9e37_79b1) ^ ((located.vlan + 1) << 12) ^ (located.ip - start);
  place = Math.imul(place ^ hopLimit(data, located), 0x85eb_ca6b);
  if (batch.linkType[i] === LinkType.LINUX_SLL && batch.capturedLength[i]! >= SLL_HEADER) place ^= readU16(data, start) << 16;
  if (batch.linkType[i] === LinkType.LINUX_SLL2 && batch.capturedLength[i]! >= SLL2_HEADER)
    place ^= Math.imul(readU32(data, start + 4), 0xc2b2_ae35) ^ (data[start + 10]! << 16);
  return place;
}

/** Octets of the TCP header that a digest passes over: the checksum, which a network card may fill in on the way. */
const CHECKSUM_WORD = 16;

/** Of what stays the same on the way: addresses, identification, length, and the TCP header but for its checksum. */
function digest(data: Uint8Array, located: Located, factor: number): number {
  const { ip, ipVersion, tcp, tcpLength, captured } = located;
  let h = Math.imul(tcpLength ^ (ipIdentification(data, located) << 16), factor);
  const addresses = ip + (ipVersion === 4 ? 12 : 8);
  const addressesEnd = ip + (ipVersion === 4 ? 20 : 40);
  for (let at = addresses; at < addressesEnd; at += 4) h = mix(h, readU32(data, at), factor);
  const header = Math.min(captured, (data[tcp + 12]! >> 4) * 4) & ~3;
  for (let at = 0; at < header; at += 4) if (at !== CHECKSUM_WORD) h = mix(h, readU32(data, tcp + at), factor);
  return h ^ (h >>> 15);
}

const mix = (h: number, word: number, factor: number): number => Math.imul((h ^ (h >>> 13)) + word, factor);
