import type { IpAddress } from '../../wire/ip-address.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import { type Clock, Timer } from '../clock.ts';
import type { Counters } from '../counters.ts';
import type { OtherPacket } from '../network/packet.ts';

const LARGEST = 65_535;
const TIMEOUT = { 4: seconds(30), 6: seconds(60) }; // Linux ipfrag_time; RFC 8200 §4.5 says 60 s
/** Octets of fragments kept at once, of all packets (Linux ipfrag_high_thresh, 4 MB). */
const MOST_KEPT = 4_194_304;

interface Piece {
  readonly start: number;
  readonly octets: Uint8Array;
}

interface Partial {
  readonly key: string;
  /** The fragment with offset 0: its header is the whole packet's. */
  first: OtherPacket | undefined;
  /** Ascending, never overlapping. */
  pieces: Piece[];
  have: number;
  /** Octets of the whole; unknown until the last piece came. */
  length: number | undefined;
  readonly timer: Timer;
}

/** Puts fragments together again (RFC 791 §3.2, RFC 8200 §4.5). */
export class Reassembly {
  private readonly clock: Clock;
  private readonly counters: Counters;
  private readonly onTimeout: (first: OtherPacket) => void;
  private readonly waiting = new Map<string, Partial>();
  private kept = 0;

  /** `onTimeout` hears of a packet whose rest did not come, if its first fragment did (RFC 792: only then there is an ICMP error). */
  constructor(clock: Clock, counters: Counters, onTimeout: (first: OtherPacket) => void) {
    this.clock = clock;
    this.counters = counters;
    this.onTimeout = onTimeout;
  }

  /** Packets that wait for their rest. */
  get count(): number {
    return this.waiting.size;
  }

  /** Takes a fragment; gives the whole packet when this was the piece that was missing. */
  take(fragment: OtherPacket): OtherPacket | undefined {
    this.counters.add('ReasmReqds');
    const partial = this.find(fragment);
    if (!this.insert(partial, fragment)) {
      this.forget(partial);
      this.counters.add('ReasmFails');
      return undefined;
    }
    if (partial.length === undefined || partial.have < partial.length) return undefined;
    this.forget(partial);
    this.counters.add('ReasmOKs');
    const payload = new Uint8Array(partial.length);
    for (const { start, octets } of partial.pieces) payload.set(octets, start);
    const { fragment: _place, identification: _id, ...whole } = partial.first!;
    return { ...whole, payload };
  }

  private find({ src, dst, protocol, fragment }: OtherPacket): Partial {
    const key = `${src} ${dst} ${protocol} ${fragment!.identification}`;
    const known = this.waiting.get(key);
    if (known) return known;
    this.makeRoom();
    const partial: Partial = {
      key,
      first: undefined,
      pieces: [],
      have: 0,
      length: undefined,
      timer: new Timer(() => this.expire(partial)),
    };
    this.waiting.set(key, partial);
    this.clock.set(partial.timer, this.timeoutFor(src));
    return partial;
  }

  private timeoutFor = (src: IpAddress): Nanos => TIMEOUT[ipVersionOf(src)];

  /** Whoever sends first fragments only must not fill the memory: the oldest packets go. */
  private makeRoom(): void {
    for (const oldest of this.waiting.values()) {
      if (this.kept <= MOST_KEPT && this.waiting.size < MOST_KEPT / LARGEST) return;
      this.forget(oldest);
      this.counters.add('ReasmFails');
    }
  }

  /**
   * False when the packet is to be given up: pieces that overlap have no honest sender (RFC 5722; Linux does so for IPv4
   * too), nor do two ends, nor a piece that is no multiple of eight in the middle. The same piece twice is harmless.
   */
  private insert(partial: Partial, { fragment, payload, ...about }: OtherPacket): boolean {
    const { offset, more } = fragment!;
    const end = offset + payload.length;
    if (end > LARGEST || (more && payload.length % 8 !== 0) || payload.length === 0) return false;
    if (!more) {
      if (partial.length !== undefined && partial.length !== end) return false;
      partial.length = end;
    }
    if (partial.length !== undefined && (end > partial.length || partial.pieces.some((p) => p.start + p.octets.length > partial.length!)))
      return false;
    const next = partial.pieces.findIndex((piece) => piece.start >= offset);
    const at = next < 0 ? partial.pieces.length : next;
    const after = partial.pieces[at];
    const before = partial.pieces[at - 1];
    if (after?.start === offset && after.octets.length === payload.length) return true;
    if ((after && after.start < end) || (before && before.start + before.octets.length > offset)) return false;
    partial.pieces.splice(at, 0, { start: offset, octets: payload });
    partial.have += payload.length;
    this.kept += payload.length;
    if (offset === 0) partial.first = { ...about, fragment: fragment!, payload } as OtherPacket;
    return true;
  }

  private expire(partial: Partial): void {
    this.forget(partial);
    this.counters.add('ReasmTimeout');
    this.counters.add('ReasmFails');
    if (partial.first) this.onTimeout(partial.first);
  }

  private forget(partial: Partial): void {
    this.clock.cancel(partial.timer);
    if (this.waiting.delete(partial.key)) this.kept -= partial.have;
  }
}
