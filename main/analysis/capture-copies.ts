import { ETHERNET_HEADER } from '../wire/ethernet.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { LinkType } from '../wire/link-type.ts';
import { SLL_HEADER, SLL2_HEADER } from '../wire/linux-cooked.ts';
import { hopLimit, ipIdentification, type Located } from '../wire/locate.ts';
import { readU16, readU32 } from '../wire/octets.ts';
import { CONTROL_BITS, type PacketColumns, type PacketPage, slot } from './packet-columns.ts';

/** Packets that are remembered; a power of two. A newer one takes an older one's place. */
const REMEMBERED = 4096;
/** So many segments before the first sign of a second place are looked at again, for as many after it. */
const LOOKED_BACK = 64;
/** A copy follows within this time: so soon no sender uses an IP identification again. */
const WITHIN_NANOSECONDS = 50e6;
/** Without an identification the same header may come again soon, as duplicate ACKs do; those come to the same place. */
const WITHIN_UNIDENTIFIED_NANOSECONDS = 5e6;

/**
 * Knows a packet that the capture saw before somewhere else: on another interface, going out after it came in, with a VLAN tag
 * or without, within a tunnel (or FabricPath, MPLS, PPPoE) and outside. Its IP and TCP headers are the same but for TTL and checksums; what is sent again has
 * another IP identification, or comes later. It asks nothing of a capture on one interface without tags and tunnels.
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

  constructor(columns: PacketColumns) {
    this.columns = columns;
  }

  /** Frame `i` is a copy of a packet captured before. To be asked once for each segment; `row`, `time` and connection `id` (or -1) are its own. */
  isCopy(batch: FrameBatch, i: number, located: Located, row: number, time: number, id: number): boolean {
    if (this.watchedFrom < 0) {
      if (!mayHaveCopies(batch, i, located)) return false;
      this.watchedFrom = row;
    }
    if (this.meet(batch, i, located, row, time)) return true;
    if (row >= this.watchedFrom + LOOKED_BACK || !mayHaveCopies(batch, i, located)) return false;
    return this.lookBack(batch, i, located, id);
  }

  private meet(batch: FrameBatch, i: number, located: Located, row: number, time: number): boolean {
    const { data } = batch;
    const first = digest(data, located, 0x2c1b_3c6d);
    const second = digest(data, located, 0x297a_2d39);
    const place = placeOf(batch, i, located);
    const at = first & (REMEMBERED - 1);
    const identified = ipIdentification(data, located) !== 0;
    const since = time - this.times[at]!;
    const within = identified ? WITHIN_NANOSECONDS : WITHIN_UNIDENTIFIED_NANOSECONDS;
    if (this.digests[2 * at] === first && this.digests[2 * at + 1] === second && since >= 0 && since < within) {
      // Version 1 of the cooked header does not tell the interface; there the identification decides.
      const nameless = identified && batch.linkType[i] === LinkType.LINUX_SLL;
      if (nameless || this.places[at] !== place) {
        this.original = this.rows[at]!;
        return true;
      }
    }
    this.digests[2 * at] = first;
    this.digests[2 * at + 1] = second;
    this.places[at] = place;
    this.rows[at] = row;
    this.times[at] = time;
    return false;
  }

  /** Of the segments before the first one that came from elsewhere the columns alone tell. */
  private lookBack(batch: FrameBatch, i: number, located: Located, id: number): boolean {
    const earliest = Math.max(0, this.watchedFrom - LOOKED_BACK);
    for (let before = this.watchedFrom - 1; before >= earliest; before--) {
      if (!looksTheSame(this.columns.page(before), slot(before), batch, i, located, id)) continue;
      this.original = before;
      return true;
    }
    return false;
  }
}

/** The segment in slot `at` of connection `id` has the numbers of frame `i`, and came so soon before that it may be the same packet. */
function looksTheSame(
  page: PacketPage,
  at: number,
  { data, seconds, nanoseconds }: FrameBatch,
  i: number,
  located: Located,
  id: number,
): boolean {
  const { tcp } = located;
  const identification = ipIdentification(data, located);
  const since = (seconds[i]! - page.seconds(at)) * 1e9 + (nanoseconds[i]! - page.nanoseconds(at));
  return (
    page.connection(at) === id &&
    page.ipId(at) === identification &&
    page.seq(at) === readU32(data, tcp + 4) &&
    page.ack(at) === readU32(data, tcp + 8) &&
    page.window(at) === readU16(data, tcp + 14) &&
    (page.flags(at) & CONTROL_BITS) === (readU16(data, tcp + 12) & CONTROL_BITS) &&
    page.length(at) === located.tcpLength - (data[tcp + 12]! >> 4) * 4 &&
    since >= 0 &&
    since < (identification === 0 ? WITHIN_UNIDENTIFIED_NANOSECONDS : WITHIN_NANOSECONDS)
  );
}

/** A first sign that the capture looks at more than one place. */
const mayHaveCopies = (batch: FrameBatch, i: number, { ip, vlan, tunnels }: Located): boolean =>
  batch.interfaceId[i] !== 0 ||
  vlan >= 0 ||
  tunnels > 0 ||
  (batch.linkType[i] === LinkType.ETHERNET && ip - batch.offset[i]! > ETHERNET_HEADER) ||
  batch.linkType[i] === LinkType.LINUX_SLL ||
  batch.linkType[i] === LinkType.LINUX_SLL2;

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
