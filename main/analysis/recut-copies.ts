import { Flag } from '../wire/segment.ts';
import { type SeqNum, seqDistance } from '../wire/seq.ts';
import type { TcpView } from '../wire/tcp-view.ts';
import { MARK } from './marks.ts';
import { CONTROL_BITS, type PacketColumns, type PacketPage, Shown, slot } from './packet-columns.ts';

/** Nodes that are remembered; a power of two. A newer one takes an older one's place. */
const REMEMBERED = 8192;
const MASK = REMEMBERED - 1;
/** Octets are looked up by blocks of 16 KiB: a dozen ordinary segments lie in one, and the largest segment lies in few. */
const BLOCK_SHIFT = 14;
const BLOCKS = 1 << (32 - BLOCK_SHIFT);
/** The most that Linux hands over in one piece (`gso_max_size`, BIG TCP). */
const MOST_OCTETS = 512 * 1024;
/** So many nodes are looked at for one segment: more than segments of half a KiB need, at four places. */
const MOST_STEPS = 256;
const NONE = -1;
/** Where pieces may differ from the whole: PSH and FIN stand on the last one only, CWR on the first. */
const OF_ONE_PIECE = Flag.PSH | Flag.FIN | Flag.CWR;
const CONTROL = Flag.SYN | Flag.RST | Flag.URG | Flag.ACK;

/** What is told of a segment that is asked about, beside its header. */
interface Piece {
  connection: number;
  fromSecond: boolean;
  identification: number;
  /** Where it was captured. */
  place: number;
  /** The capture does not tell that place from others, so the identification has to. */
  nameless: boolean;
  /** Nanoseconds since the first frame. */
  time: number;
  /** How long before its first may have been captured, in nanoseconds. */
  within: number;
}

/**
 * Knows octets that the capture saw before at another place, in other pieces: a large segment was cut on its way (TSO, GSO), or small
 * ones were joined (GRO, LRO). All pieces of a segment have its acknowledgment, window and timestamps, and their IP identifications
 * count up from its own, or are the same. At one place nothing comes twice but what is sent twice; so a copy is only what was
 * first captured elsewhere, and of which nothing was captured here since.
 */
export class RecutCopies {
  /** Row of the segment that had these octets first; of several, the one that begins them. */
  original = NONE;
  /** Of the segment to be asked about; filled in anew for each. */
  readonly piece: Piece = {
    connection: NONE,
    fromSecond: false,
    identification: 0,
    place: 0,
    nameless: false,
    time: Number.NEGATIVE_INFINITY,
    within: 0,
  };
  private readonly columns: PacketColumns;
  /** Number of the last node in each chain. Blocks with the same hash share one. */
  private readonly heads = new Int32Array(REMEMBERED).fill(NONE);
  /** A node says that a row has octets in a block; it lies at its number modulo REMEMBERED. `earlier` is the one before in its chain. */
  private readonly earlier = new Int32Array(REMEMBERED);
  private readonly rows = new Int32Array(REMEMBERED);
  private readonly places = new Int32Array(REMEMBERED);
  private readonly times = new Float64Array(REMEMBERED);
  private nodes = 0;
  /** Of the search at hand, as rows: the newest one captured at the place itself, the oldest one that has some of the octets. */
  private here = NONE;
  private oldest = NONE;
  /** How many octets, from the first on, no row is known for yet. */
  private missing = 0;
  /** The identification leaves room for a tail that was sent again; then the piece before it must count one less. */
  private doubtful = false;
  private preceded = false;
  private steps = 0;

  constructor(columns: PacketColumns) {
    this.columns = columns;
  }

  /** The octets of `row`, whose words are written, were captured at `place`. */
  remember(row: number, place: number, time: number): void {
    const page = this.columns.page(row);
    const at = slot(row);
    const length = page.length(at);
    if (length === 0 || length > MOST_OCTETS) return;
    const first = page.seq(at);
    const last = ((first + length - 1) >>> 0) >>> BLOCK_SHIFT;
    for (let block = first >>> BLOCK_SHIFT; ; block = (block + 1) % BLOCKS) {
      const head = chainOf(page.connection(at), (page.flags(at) & Shown.FROM_SECOND) !== 0, block);
      const node = this.nodes & MASK;
      this.earlier[node] = this.heads[head]!;
      this.heads[head] = this.nodes;
      this.rows[node] = row;
      this.places[node] = place;
      this.times[node] = time;
      this.nodes = (this.nodes + 1) & 0x7fff_ffff;
      if (block === last) return;
    }
  }

  /** All octets of the segment in `view`, of which `piece` tells the rest, were captured before at another place, cut or joined otherwise. */
  isCopy(view: TcpView): boolean {
    const { piece } = this;
    const { seq, payloadLength } = view;
    if ((view.flags & CONTROL) !== Flag.ACK || payloadLength === 0 || payloadLength > MOST_OCTETS) return false;
    this.here = NONE;
    this.oldest = Number.POSITIVE_INFINITY;
    this.missing = payloadLength;
    this.doubtful = this.preceded = false;
    this.steps = 0;
    // The block of the octet before tells of the piece before.
    const first = ((seq - 1) >>> 0) >>> BLOCK_SHIFT;
    for (let block = ((seq + payloadLength - 1) >>> 0) >>> BLOCK_SHIFT; ; block = (block + BLOCKS - 1) % BLOCKS) {
      this.search(chainOf(piece.connection, piece.fromSecond, block), view, piece);
      if (block === first) break;
    }
    return this.missing <= 0 && this.here < this.oldest && (!this.doubtful || this.preceded) && this.steps <= MOST_STEPS;
  }

  /** Goes back from the newest node of a chain for as long as it may tell something. */
  private search(head: number, view: TcpView, piece: Piece): void {
    let number = this.heads[head]!;
    while (number >= 0 && ((this.nodes - number) & 0x7fff_ffff) <= REMEMBERED && ++this.steps <= MOST_STEPS) {
      const node = number & MASK;
      const row = this.rows[node]!;
      if (piece.time - this.times[node]! > piece.within || (this.missing <= 0 && row <= this.oldest)) return;
      const page = this.columns.page(row);
      if (isOfWay(page, slot(row), piece) && this.passes(row, node, page, slot(row), view, piece)) return;
      number = this.earlier[node]!;
    }
  }

  /** Takes what a row says of the octets; true when nothing older can be of use. */
  private passes(row: number, node: number, page: PacketPage, at: number, view: TcpView, piece: Piece): boolean {
    const start = seqDistance(view.seq, page.seq(at) as SeqNum);
    const end = start + page.length(at);
    if (end === 0 && ((piece.identification - page.ipId(at)) & 0xffff) === 1) this.preceded = true;
    if (start >= view.payloadLength || end <= 0) return false;
    const alike = hasHeaderOf(page, at, view, end - view.payloadLength) && countsAlike(page, at, start, view, piece.identification);
    if (this.places[node] === piece.place && !(piece.nameless && alike)) {
      this.here = Math.max(this.here, row);
      return true;
    }
    if (!alike || (page.marks(at) & MARK['duplicate-capture']) !== 0 || end < this.missing || start >= this.missing) return false;
    if (this.places[node] === piece.place && start < 0 && end === view.payloadLength) this.doubtful = true;
    this.missing = start;
    this.original = row;
    this.oldest = Math.min(this.oldest, row);
    return false;
  }
}

const isOfWay = (page: PacketPage, at: number, { connection, fromSecond }: Piece): boolean =>
  page.connection(at) === connection && ((page.flags(at) & Shown.FROM_SECOND) !== 0) === fromSecond;

/** What all pieces of a segment have from it. The row ends `beyond` octets behind the segment in `view`, or before it when that is negative. */
function hasHeaderOf(page: PacketPage, at: number, view: TcpView, beyond: number): boolean {
  const flags = page.flags(at);
  if (page.ack(at) !== view.ack || page.window(at) !== view.window) return false;
  if ((flags & CONTROL_BITS & ~OF_ONE_PIECE) !== (view.flags & ~OF_ONE_PIECE)) return false;
  if (((flags & Shown.TIMESTAMPS) !== 0) !== view.hasTimestamps) return false;
  if (view.hasTimestamps && (page.tsValue(at) !== view.tsValue || page.tsEcho(at) !== view.tsEcho)) return false;
  const finOfRow = flags & Flag.FIN;
  const fin = view.flags & Flag.FIN;
  if (beyond === 0) return finOfRow === fin;
  return (beyond > 0 ? fin : finOfRow) === 0;
}

/**
 * The identifications are those of pieces of one segment: the same, or counting up by one for each piece of equal length (only the
 * last may be shorter). The row starts `start` octets behind the segment in `view`, or before it when that is negative.
 */
function countsAlike(page: PacketPage, at: number, start: number, view: TcpView, identification: number): boolean {
  const apart = Math.abs(start);
  const later = start > 0 ? page.ipId(at) : identification;
  const counted = (later - (start > 0 ? identification : page.ipId(at))) & 0xffff;
  if (counted === 0) return true;
  if (apart % counted !== 0) return false;
  const piece = apart / counted;
  const length = start > 0 ? page.length(at) : view.payloadLength;
  const isLast = start > 0 ? start + length >= view.payloadLength : length >= start + page.length(at);
  return piece > 0 && (length % piece === 0 || isLast);
}

function chainOf(connection: number, fromSecond: boolean, block: number): number {
  const h = Math.imul(Math.imul(2 * connection + (fromSecond ? 1 : 0), 0x9e37_79b1) ^ block, 0x85eb_ca6b);
  return (h ^ (h >>> 15)) & MASK;
}
