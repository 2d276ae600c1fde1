import type { SeqNum } from '../../wire/seq.ts';
import type { Nanos } from '../../wire/units.ts';
import { Fifo } from '../fifo.ts';

/** A segment sent and not yet acknowledged as a whole. */
export interface SentSegment {
  seq: SeqNum;
  /** The number after its last octet, FIN and SYN included. */
  readonly end: SeqNum;
  payload: Uint8Array;
  /** SYN, FIN and PSH as sent. */
  readonly flags: number;
  /** Last transmission. */
  sentAt: Nanos;
  transmissions: number;
  /** Reported by the peer as arrived out of order (RFC 2018). */
  sacked: boolean;
  /** Taken for lost, and not sent again since. */
  lost: boolean;
  /** Sent again, and that copy may still be under way. */
  resent: boolean;
}

/** What the user wrote and the peer has not acknowledged: octets not yet sent, then segments under way. */
export class SendQueue {
  /** One chunk per write: its end is where PSH belongs. */
  private readonly writes = new Fifo<Uint8Array>();
  readonly sent = new Fifo<SentSegment>();
  unsent = 0;

  write(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.writes.push(octets);
    this.unsent += octets.length;
  }

  /**
   * Takes up to `most` octets. `push` is true when they end where a write ended: the receiver should not wait for more
   * (RFC 9293 §3.9.1.2). Octets of one write are handed out without a copy.
   */
  take(most: number): { readonly payload: Uint8Array; readonly push: boolean } {
    const size = Math.min(most, this.unsent);
    this.unsent -= size;
    const first = this.writes.at(0);
    if (first && first.length >= size) return { payload: this.cut(size), push: first.length === size };
    const payload = new Uint8Array(size);
    let filled = 0;
    let push = false;
    while (filled < size) {
      const head = this.writes.at(0)!;
      const part = this.cut(Math.min(head.length, size - filled));
      payload.set(part, filled);
      filled += part.length;
      push = part.length === head.length;
    }
    return { payload, push };
  }

  private cut(size: number): Uint8Array {
    const head = this.writes.shift()!;
    if (head.length === size) return head;
    this.writes.unshift(head.subarray(size));
    return head.subarray(0, size);
  }
}
