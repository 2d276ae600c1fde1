import { Fifo } from '../fifo.ts';
import { Scoreboard } from './scoreboard.ts';

/** What the user wrote and the peer has not acknowledged: octets not yet sent, then segments under way. */
export class SendQueue {
  /** One chunk per write: its end is where PSH belongs. */
  private readonly writes = new Fifo<Uint8Array>();
  readonly sent = new Scoreboard();
  /** Octets not yet sent. */
  unsent = 0;
  /** What was taken last ended where a write ended: the receiver should not wait for more (RFC 9293 §3.9.1.2). */
  endsWrite = false;

  write(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.writes.push(octets);
    this.unsent += octets.length;
  }

  /** Takes up to `most` octets; those of one write are handed out without a copy. */
  take(most: number): Uint8Array {
    const size = Math.min(most, this.unsent);
    this.unsent -= size;
    const first = this.writes.at(0);
    if (first && first.length >= size) return this.cut(size);
    const payload = new Uint8Array(size);
    for (let filled = 0; filled < size; ) {
      const part = this.cut(Math.min(this.writes.at(0)!.length, size - filled));
      payload.set(part, filled);
      filled += part.length;
    }
    return payload;
  }

  private cut(size: number): Uint8Array {
    const head = this.writes.shift()!;
    this.endsWrite = head.length === size;
    if (this.endsWrite) return head;
    this.writes.unshift(head.subarray(size));
    return head.subarray(0, size);
  }
}
