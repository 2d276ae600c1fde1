import { type SeqNum, seqAtOrBefore } from '../../wire/seq.ts';
import { Fifo } from '../fifo.ts';
import { Scoreboard } from './scoreboard.ts';

const NO_OCTETS = new Uint8Array(0);

/**
 * Octets that wait to be sent. With segmentation offload it is one of Linux's socket buffers: writes are added to it
 * until it is as large as is worth sending at once, and no packet is made of two. Without, there is one for each write.
 */
export class WriteBuffer {
  private store: Uint8Array;
  private start = 0;
  private end: number;
  /** PSH belongs behind its last octet: a write ended there, and the receiver should not wait for more (RFC 9293 §3.9.1.2). */
  push = false;
  /** MSG_EOR: nothing is added, nothing behind it goes along in the same segment. */
  endsRecord = false;

  /** The octets are the buffer's from now on. */
  constructor(octets: Uint8Array) {
    this.store = octets;
    this.end = octets.length;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Adds octets, up to `most` in all; the memory doubles, so that many small writes cost no more than a large one. */
  append(octets: Uint8Array, most: number): void {
    const { length } = this;
    const needed = length + octets.length;
    if (this.end + octets.length > this.store.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(most, 2 * needed)));
      larger.set(this.store.subarray(this.start, this.end));
      this.store = larger;
      this.start = 0;
      this.end = length;
    }
    this.store.set(octets, this.end);
    this.end += octets.length;
  }

  /** Takes octets off the beginning; no copy is made. */
  take(size: number): Uint8Array {
    const from = this.start;
    this.start += size;
    return from === 0 && size === this.store.length ? this.store : this.store.subarray(from, this.start);
  }
}

/** What the user wrote and the peer has not acknowledged: octets not yet sent, then segments under way. */
export class SendQueue {
  private readonly buffers = new Fifo<WriteBuffer>();
  readonly sent = new Scoreboard();
  /** Octets not yet sent. */
  unsent = 0;
  /** What was taken last ended where PSH belongs. */
  endsWrite = false;
  /** Octets written since PSH was last put somewhere (Linux pushed_seq). */
  sincePush = 0;
  private records = 0;
  /** With segmentation offload: where each buffer ends that was sent and is not acknowledged as a whole. */
  private sentEnds: Fifo<SeqNum> | undefined;

  /** Nothing waits, nothing is under way, and no PSH is owed. */
  get isEmpty(): boolean {
    return this.unsent === 0 && this.sent.length === 0 && this.sincePush === 0 && this.buffersSent === 0;
  }

  /** Buffers with octets not yet sent. */
  get length(): number {
    return this.buffers.length;
  }

  get head(): WriteBuffer | undefined {
    return this.buffers.at(0);
  }

  get tail(): WriteBuffer | undefined {
    return this.buffers.at(this.buffers.length - 1);
  }

  /** Buffers sent and not acknowledged as a whole. */
  get buffersSent(): number {
    return this.sentEnds?.length ?? 0;
  }

  /** A buffer was sent that ends at `end`. */
  noteSent(end: SeqNum): void {
    this.sentEnds ??= new Fifo();
    this.sentEnds.push(end);
  }

  /** Buffers that SND.UNA covers are gone. */
  release(sndUna: SeqNum): void {
    const ends = this.sentEnds;
    if (ends) for (let end = ends.at(0); end !== undefined && seqAtOrBefore(end, sndUna); end = ends.at(0)) ends.shift();
  }

  /** A buffer of its own for these octets, which are the queue's from now on. */
  write(octets: Uint8Array, push = true): void {
    if (octets.length === 0) return;
    const buffer = new WriteBuffer(octets);
    buffer.push = push;
    this.buffers.push(buffer);
    this.unsent += octets.length;
  }

  /** Adds a copy of octets to the last buffer, which grows to `most`. */
  append(octets: Uint8Array, most: number): void {
    this.tail!.append(octets, most);
    this.unsent += octets.length;
  }

  /** PSH behind what has been written so far (Linux tcp_mark_push). */
  markPush(): void {
    const { tail } = this;
    if (tail) tail.push = true;
    this.sincePush = 0;
  }

  /** MSG_EOR: a record ends behind what has been written so far. */
  endRecord(): void {
    const { tail } = this;
    if (!tail || tail.endsRecord) return;
    tail.endsRecord = true;
    this.records++;
  }

  /** Octets that may go in one segment: at most `most`, and none beyond the end of a record. */
  withinRecord(most: number): number {
    const enough = Math.min(most, this.unsent);
    if (this.records === 0) return enough;
    let octets = 0;
    for (let i = 0; octets < enough; i++) {
      const buffer = this.buffers.at(i)!;
      octets += buffer.length;
      if (buffer.endsRecord) break;
    }
    return Math.min(octets, enough);
  }

  /** Takes up to `most` octets; those of one buffer are handed out without a copy. */
  take(most: number): Uint8Array {
    const size = Math.min(most, this.unsent);
    if (size === 0) return NO_OCTETS;
    this.unsent -= size;
    const { head } = this;
    if (head && head.length >= size) return this.cut(head, size);
    const payload = new Uint8Array(size);
    for (let filled = 0; filled < size; ) {
      const first = this.head!;
      const part = this.cut(first, Math.min(first.length, size - filled));
      payload.set(part, filled);
      filled += part.length;
    }
    return payload;
  }

  private cut(head: WriteBuffer, size: number): Uint8Array {
    const octets = head.take(size);
    this.endsWrite = false;
    if (head.length > 0) return octets;
    this.buffers.shift();
    if (head.endsRecord) this.records--;
    this.endsWrite = head.push;
    return octets;
  }
}
