import type { Packet } from '../../../engine/network/packet.ts';
import type { KernelEnd, KernelSocket, KernelSockets } from '../../../kernel/socket.ts';
import type { FrameBatch } from '../../../wire/frame-batch.ts';
import { type IpAddress, ipAddressBytes } from '../../../wire/ip-address.ts';
import { ok, type Result } from '../../../wire/result.ts';
import { onlyFrames, packetOf } from './frames.ts';
import type { LiveTap, OpenTap, TapRefusal } from './live-tap.ts';

/** A packet of this run that was captured; `time` is the run's clock. */
export type Seen = (packet: Packet, time: number) => void;

export interface ObservationOptions {
  readonly tap: LiveTap;
  readonly sockets: KernelSockets;
  /** Where the marks come from. */
  readonly address: IpAddress;
  readonly now: () => number;
  /** Whether a packet is the run's own: what others say to each other on loopback is not shown to a script. */
  readonly isOwn: (packet: Packet) => boolean;
  readonly onSeen: Seen;
  readonly onFrames: (batch: FrameBatch) => void;
  readonly onLost: (why: string) => void;
}

interface Waiting {
  readonly mark: number;
  readonly since: number;
  readonly then: () => void;
}

/** A mark not seen for so long was lost on its way; the next one speaks for it. */
const PATIENCE = 1e9;
/** Between two looks while the capture begins, and how many of them. */
const OPENING_MS = 20;
const OPENING_LOOKS = 250;
const NO_END: KernelEnd = { octets: new Uint8Array(0), port: 0 };

/**
 * The live capture of a run. A capture lags behind the kernel by some milliseconds; a mark, a datagram of our own put on the
 * same interface, tells when everything before it has been seen.
 */
export class Observation {
  private readonly options: ObservationOptions;
  private readonly marks: KernelSocket;
  private readonly markPort: number;
  private capture: OpenTap | undefined;
  private waiting: Waiting[] = [];
  private sent = 0;
  /** Capture time of the run's beginning: whole seconds, and nanoseconds after them. */
  private beginning: { readonly seconds: number; readonly nanoseconds: number } | undefined;

  private constructor(options: ObservationOptions, marks: KernelSocket, markPort: number) {
    this.options = options;
    this.marks = marks;
    this.markPort = markPort;
  }

  static async open(options: ObservationOptions): Promise<Result<Observation, TapRefusal>> {
    const { tap, sockets, address, onLost } = options;
    const marks = sockets.socket('AF_INET', 'SOCK_DGRAM');
    if (!marks.ok) return { ok: false, error: { message: `no socket can be made (${marks.errno})` } };
    const own = { octets: ipAddressBytes(address), port: 0 };
    const bound = marks.value.bind(own);
    const name = marks.value.name(false);
    if (!bound.ok || !name.ok || !marks.value.connect(name.value).ok)
      return { ok: false, error: { message: `the loopback address ${address} cannot be used; is the interface lo up?` } };
    const observation = new Observation(options, marks.value, name.value.port);
    const opened = await tap.open((batch) => observation.take(batch), onLost);
    if (!opened.ok) return opened;
    observation.capture = opened.value;
    for (let look = 0; look < OPENING_LOOKS && !observation.beginning; look++) {
      observation.mark();
      await new Promise((resolve) => setTimeout(resolve, OPENING_MS));
    }
    if (observation.beginning) return ok(observation);
    await opened.value.close();
    return { ok: false, error: { message: 'the capture of the interface lo shows nothing of what is sent there' } };
  }

  /** The run's clock began anew, so many nanoseconds after it had begun before. */
  beganLater(nanoseconds: number): void {
    const { beginning } = this;
    if (beginning) this.beginning = { ...beginning, nanoseconds: beginning.nanoseconds + nanoseconds };
  }

  /** Calls when all that is on the interface by now has been seen. */
  caughtUp(then: () => void): void {
    this.waiting.push({ mark: this.mark(), since: this.options.now(), then });
  }

  /** Asks again for what has not come. */
  look(): void {
    const oldest = this.waiting[0];
    if (oldest && this.options.now() - oldest.since > PATIENCE) this.mark();
  }

  /** Sees everything up to now, lets the sockets be closed, and takes what the capture has of that. */
  async close(last: () => void): Promise<void> {
    await this.seen();
    last();
    await this.capture?.close();
  }

  private seen(): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = setTimeout(resolve, CLOSING_MS);
      this.caughtUp(() => {
        clearTimeout(giveUp);
        resolve();
      });
    });
  }

  private mark(): number {
    const number = ++this.sent;
    const octets = Buffer.alloc(MARK_OCTETS);
    octets.writeDoubleBE(number);
    octets.writeDoubleBE(this.options.now(), 8);
    this.marks.send(octets, 0, NO_END);
    this.marks.receive(octets, 0); // it has come back already, and must not fill the queue
    return number;
  }

  private take(batch: FrameBatch): void {
    const own: number[] = [];
    let seen = 0;
    for (let frame = 0; frame < batch.count; frame++) {
      const packet = packetOf(batch, frame);
      if (!packet) continue;
      const mark = this.markIn(packet);
      if (mark) {
        seen = mark.number;
        this.beginning ??= { seconds: batch.seconds[frame]!, nanoseconds: batch.nanoseconds[frame]! - mark.time };
      } else if (this.beginning && this.options.isOwn(packet)) {
        own.push(frame);
        const { seconds, nanoseconds } = this.beginning;
        const time = (batch.seconds[frame]! - seconds) * 1e9 + batch.nanoseconds[frame]! - nanoseconds;
        this.options.onSeen(packet, Math.max(0, Math.round(time)));
      }
    }
    if (own.length > 0) this.handOver(onlyFrames(batch, own));
    if (seen > 0) this.settle(seen);
  }

  private handOver(batch: FrameBatch): void {
    this.options.tap.follow(batch);
    this.options.onFrames(batch);
  }

  private settle(seen: number): void {
    const settled = this.waiting.filter(({ mark }) => mark <= seen);
    this.waiting = this.waiting.filter(({ mark }) => mark > seen);
    for (const { then } of settled) then();
  }

  private markIn({ datagram, dst }: Packet): { readonly number: number; readonly time: number } | undefined {
    if (datagram?.dstPort !== this.markPort || dst !== this.options.address || datagram.payload.length !== MARK_OCTETS) return undefined;
    const { buffer, byteOffset, byteLength } = datagram.payload;
    const view = new DataView(buffer, byteOffset, byteLength);
    return { number: view.getFloat64(0), time: view.getFloat64(8) };
  }
}

/** Its number, and the run's clock when it was sent. */
const MARK_OCTETS = 16;
const CLOSING_MS = 500;
