import { type SeqNum, seq, seqAdd, seqDistance } from '../../wire/seq.ts';

/** How far `n` lies ahead of `origin` on the circle; a number behind it shows as one close to 2^32. */
export const relativeTo = (origin: SeqNum, n: SeqNum): SeqNum => seq(seqDistance(origin, n));

/** The numbers a line shows, and what SACK blocks of the same segment are relative to. */
export interface ShownNumbers {
  readonly seq: SeqNum;
  readonly ack: SeqNum;
  readonly sackBase: SeqNum;
}

/** The ends of a conversation in the order tcpdump files them: the lower port first, at equal ports the lower address. */
interface Ends {
  readonly key: string;
  readonly reversed: boolean;
}

interface Origin {
  seq: SeqNum;
  ack: SeqNum;
}

/** Conversations remembered at a time; a capture of endless scans must not eat the machine. The oldest goes first. */
const MOST_CONVERSATIONS = 1 << 20;

/**
 * Relative sequence numbers as tcpdump keeps them. The first segment with ACK of a conversation sets the origin of both
 * directions and is itself shown absolute, and so does every later segment with SYN and ACK. A segment without ACK
 * neither sets nor uses an origin, so a plain SYN or RST is shown absolute.
 */
export class Conversations {
  readonly #origins = new Map<string, Origin>();

  show(segment: { src: string; dst: string; srcPort: number; dstPort: number; seq: SeqNum; ack: SeqNum; syn: boolean }): ShownNumbers {
    const { key, reversed } = ends(segment.src, segment.dst, segment.srcPort, segment.dstPort);
    const known = this.#origins.get(key);
    if (known === undefined || segment.syn) {
      // The peer has acknowledged up to `ack`, so what it sent last stands one before.
      const ours = segment.seq;
      const theirs = seqAdd(segment.ack, -1);
      const origin = reversed ? { seq: theirs, ack: ours } : { seq: ours, ack: theirs };
      this.#remember(key, origin);
      return { seq: segment.seq, ack: segment.ack, sackBase: theirs };
    }
    const ours = reversed ? known.ack : known.seq;
    const theirs = reversed ? known.seq : known.ack;
    return { seq: relativeTo(ours, segment.seq), ack: relativeTo(theirs, segment.ack), sackBase: theirs };
  }

  #remember(key: string, origin: Origin): void {
    if (this.#origins.size >= MOST_CONVERSATIONS && !this.#origins.has(key)) {
      const oldest = this.#origins.keys().next();
      if (!oldest.done) this.#origins.delete(oldest.value);
    }
    this.#origins.set(key, origin);
  }
}

/** Addresses come as octets written in hexadecimal, so that comparing the texts compares the octets. */
function ends(src: string, dst: string, srcPort: number, dstPort: number): Ends {
  const reversed = srcPort > dstPort || (srcPort === dstPort && src > dst);
  return { key: reversed ? `${dst} ${src} ${dstPort} ${srcPort}` : `${src} ${dst} ${srcPort} ${dstPort}`, reversed };
}
