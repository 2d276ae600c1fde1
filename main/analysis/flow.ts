import { type SeqNum, seqAfter } from '../wire/seq.ts';
import {
  ACK_PACKET,
  ACKED,
  BASE,
  BITS,
  BYTES,
  CONTIGUOUS,
  DUPLICATE_ACKS,
  FIN_END,
  FIN_PACKET,
  LAST_ACK,
  LAST_CHANGE,
  LAST_PACKET,
  NEXT_SEQ,
  NEXT_SEQ_PACKET,
  PACKETS,
  SAME_ACK_PACKET,
  SAME_ACKS,
  SENT,
  STATE,
  SYN_ACK_PACKET,
  SYN_PACKET,
  WAITING,
  WINDOW,
} from './flow-words.ts';

// Above the bits of `Known` lie eight of the hop limit, and eight of the window scale, which may be -2.
export const HOPS_SHIFT = 16;
export const SCALE_SHIFT = 24;
export const SMALLEST_SCALE = -2;

/** What is known of a flow, as bits. */
export const Known = {
  /** `base` is set. */
  BASE: 1 << 0,
  /** `nextSeq` and `contiguous` are set. */
  NEXT: 1 << 1,
  /** `acked` is set: this side has sent an acknowledgement. */
  ACKED: 1 << 2,
  /** A SYN, with or without ACK, was captured, and `base` is its sequence number. */
  SYN: 1 << 3,
  FIN: 1 << 4,
  /** It has sent a segment that only an endpoint past its handshake sends. */
  SPOKE: 1 << 5,
  /** It has sent payload. */
  DATA: 1 << 6,
  /** It has sent a RST. */
  RST: 1 << 7,
  /** The peer acknowledged what was not captured, and it may have ended in a FIN. */
  MAYBE_FIN: 1 << 8,
  /** Its windows are not scaled yet: it has sent a SYN and no segment after it (RFC 7323 §2.2). */
  UNSCALED: 1 << 9,
  /** The claim about its present state rests on guesses. */
  ASSUMED: 1 << 10,
  /** The claim about its initial state does. */
  ASSUMED_START: 1 << 11,
  /** It came from an active open. */
  ACTIVE: 1 << 12,
  /** Its present state follows from a RST that is not surely acceptable. */
  DOUBTFUL_RESET: 1 << 13,
  /** `sent` is set. */
  SENT: 1 << 14,
  /** Its SYN permitted SACK. */
  SACK_PERMITTED: 1 << 15,
} as const;

/** No scaling was signalled; or the handshake was not captured, so that it is unknown. */
export const SCALE_UNKNOWN = -1;
export const SCALE_NONE = -2;

/**
 * One direction of a connection, and what is inferred about its sender: a cursor over words in the connection store. It
 * is moved, not made, for each packet; all of a connection's words lie together, so a packet touches few cache lines.
 */
export class Flow {
  words: Int32Array = new Int32Array(0);
  private floats: Float64Array = new Float64Array(0);
  at = 0;

  /** Points at the flow whose words start at `at`, an even place. */
  moveTo(words: Int32Array, floats: Float64Array, at: number): void {
    if (this.words !== words) {
      this.words = words;
      this.floats = floats;
    }
    this.at = at;
  }

  /** A flow of which nothing is known. The words are zero before. */
  open(): void {
    this.window = -1;
    this.scale = SCALE_UNKNOWN;
    this.synPacket = this.synAckPacket = this.finPacket = this.ackPacket = this.clockPacket = -1;
    this.lastChange = this.lastPacket = -1;
  }

  // BITS is the first word, and is not added: so these stay as short as V8 inlines without counting, and rules ask them a lot.
  has(bit: number): boolean {
    return (this.words[this.at]! & bit) !== 0;
  }
  set(bit: number): void {
    this.words[this.at]! |= bit;
  }
  clear(bit: number): void {
    this.words[this.at]! &= ~bit;
  }

  /** The number relative sequence numbers count from: the SYN's, or one before the first octet known of. */
  get base(): SeqNum {
    return (this.words[this.at + BASE]! >>> 0) as SeqNum;
  }
  set base(v: SeqNum) {
    this.words[this.at + BASE] = v;
  }
  /** What follows the highest octet captured. */
  get nextSeq(): SeqNum {
    return (this.words[this.at + NEXT_SEQ]! >>> 0) as SeqNum;
  }
  set nextSeq(v: SeqNum) {
    this.words[this.at + NEXT_SEQ] = v;
  }
  /** What follows all it has sent. Unlike `nextSeq`, which is Wireshark's, it counts what looks like a window probe. */
  get sent(): SeqNum {
    return (this.words[this.at + SENT]! >>> 0) as SeqNum;
  }
  set sent(v: SeqNum) {
    this.words[this.at + SENT] = v;
  }
  /** As far as it was captured without a hole: more than this the peer cannot acknowledge unless the capture missed it. */
  get contiguous(): SeqNum {
    return (this.words[this.at + CONTIGUOUS]! >>> 0) as SeqNum;
  }
  set contiguous(v: SeqNum) {
    this.words[this.at + CONTIGUOUS] = v;
  }
  /** The acknowledgement field of its last segment, whatever its flags. */
  get lastAck(): SeqNum {
    return (this.words[this.at + LAST_ACK]! >>> 0) as SeqNum;
  }
  set lastAck(v: SeqNum) {
    this.words[this.at + LAST_ACK] = v;
  }
  /** The window field of its last segment, unscaled; -1 before the first. */
  get window(): number {
    return this.words[this.at + WINDOW]!;
  }
  set window(v: number) {
    this.words[this.at + WINDOW] = v;
  }
  /** Shift for its windows, SCALE_UNKNOWN or SCALE_NONE. */
  get scale(): number {
    return (this.words[this.at + BITS]! >>> SCALE_SHIFT) + SMALLEST_SCALE;
  }
  set scale(v: number) {
    const word = this.at + BITS;
    this.words[word] = (this.words[word]! & 0xff_ffff) | ((v - SMALLEST_SCALE) << SCALE_SHIFT);
  }
  /** Duplicate ACKs in a row; -1 after an ACK of something not captured. */
  get duplicateAcks(): number {
    return this.words[this.at + DUPLICATE_ACKS]!;
  }
  set duplicateAcks(v: number) {
    this.words[this.at + DUPLICATE_ACKS] = v;
  }
  /** The first of its last segments in a row that have the same acknowledgement field. */
  get sameAckPacket(): number {
    return this.words[this.at + SAME_ACK_PACKET]!;
  }
  set sameAckPacket(v: number) {
    this.words[this.at + SAME_ACK_PACKET] = v;
  }
  /** How many of those were duplicate ACKs. */
  get sameAcks(): number {
    return this.words[this.at + SAME_ACKS]!;
  }
  set sameAcks(v: number) {
    this.words[this.at + SAME_ACKS] = v;
  }
  /** Its last segment before the one at hand, or -1. */
  get lastPacket(): number {
    return this.words[this.at + LAST_PACKET]!;
  }
  set lastPacket(v: number) {
    this.words[this.at + LAST_PACKET] = v;
  }
  get packets(): number {
    return this.words[this.at + PACKETS]!;
  }
  set packets(v: number) {
    this.words[this.at + PACKETS] = v;
  }
  /** Payload octets, retransmitted ones included. */
  get bytes(): number {
    return this.floats[(this.at + BYTES) >> 1]!;
  }
  set bytes(v: number) {
    this.floats[(this.at + BYTES) >> 1] = v;
  }
  /** The packet that last moved `nextSeq`. */
  get nextSeqPacket(): number {
    return this.words[this.at + NEXT_SEQ_PACKET]!;
  }
  set nextSeqPacket(v: number) {
    this.words[this.at + NEXT_SEQ_PACKET] = v;
  }
  /** The highest acknowledgement it has sent. */
  get acked(): SeqNum {
    return (this.words[this.at + ACKED]! >>> 0) as SeqNum;
  }
  set acked(v: SeqNum) {
    this.words[this.at + ACKED] = v;
  }
  /** The packet that first sent `acked`. */
  get ackPacket(): number {
    return this.words[this.at + ACK_PACKET]!;
  }
  set ackPacket(v: number) {
    this.words[this.at + ACK_PACKET] = v;
  }
  /** Its last SYN without ACK, or -1. */
  get synPacket(): number {
    return this.words[this.at + SYN_PACKET]!;
  }
  set synPacket(v: number) {
    this.words[this.at + SYN_PACKET] = v;
  }
  /** Its last SYN,ACK, or -1. */
  get synAckPacket(): number {
    return this.words[this.at + SYN_ACK_PACKET]!;
  }
  set synAckPacket(v: number) {
    this.words[this.at + SYN_ACK_PACKET] = v;
  }
  /** What acknowledges its FIN. */
  get finEnd(): SeqNum {
    return (this.words[this.at + FIN_END]! >>> 0) as SeqNum;
  }
  set finEnd(v: SeqNum) {
    this.words[this.at + FIN_END] = v;
  }
  /** The last copy of its FIN sent before the peer acknowledged it. */
  get finPacket(): number {
    return this.words[this.at + FIN_PACKET]!;
  }
  set finPacket(v: number) {
    this.words[this.at + FIN_PACKET] = v;
  }
  /** An ACK of its FIN that crossed, or overtook, the peer's own FIN and waits to be judged; or -1. */
  get finAckPacket(): number {
    return Math.max(-2 - this.words[this.at + WAITING]!, -1);
  }
  set finAckPacket(v: number) {
    if (v >= 0 || this.finAckPacket >= 0) this.words[this.at + WAITING] = v < 0 ? -1 : -2 - v;
  }
  /** State code of its sender (`change-log.ts`). */
  get state(): number {
    return this.words[this.at + STATE]! & 0xff;
  }
  set state(v: number) {
    const word = this.at + STATE;
    this.words[word] = (this.words[word]! & ~0xff) | v;
  }
  /** State code its sender started in, before the first change captured. */
  get initialState(): number {
    return (this.words[this.at + STATE]! >> 8) & 0xff;
  }
  set initialState(v: number) {
    const word = this.at + STATE;
    this.words[word] = (this.words[word]! & ~0xff00) | (v << 8);
  }
  /** Its sender's last change in the log, or -1. */
  get lastChange(): number {
    return this.words[this.at + LAST_CHANGE]!;
  }
  set lastChange(v: number) {
    this.words[this.at + LAST_CHANGE] = v;
  }
  /** TTL or hop limit of its last segment. */
  get hopLimit(): number {
    return (this.words[this.at + BITS]! >>> HOPS_SHIFT) & 0xff;
  }
  set hopLimit(v: number) {
    const word = this.at + BITS;
    this.words[word] = (this.words[word]! & ~(0xff << HOPS_SHIFT)) | (v << HOPS_SHIFT);
  }
  /** The maximum segment size its SYN announced; 0 where none was seen. */
  get mss(): number {
    return this.words[this.at + STATE]! >>> 16;
  }
  set mss(v: number) {
    const word = this.at + STATE;
    this.words[word] = (this.words[word]! & 0xffff) | (v << 16);
  }
  /** The packet that (re)started 2MSL; negative where none did. */
  get clockPacket(): number {
    return this.words[this.at + WAITING]!;
  }
  set clockPacket(v: number) {
    this.words[this.at + WAITING] = v;
  }

  /** It has acknowledged the peer's number `n`. */
  hasAcked(n: SeqNum): boolean {
    return this.has(Known.ACKED) && !seqAfter(n, this.acked);
  }
}
