import type { FrameBatch } from '../../wire/frame-batch.ts';
import { LinkType } from '../../wire/link-type.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import { encodePacket, type Packet } from './packet.ts';

const FRAMES_PER_BATCH = 512;

/**
 * Records packets as octets (LINKTYPE_RAW: they begin with the IP header), with virtual time as capture time. Frames are
 * gathered into batches; `flush` hands over what has come together so far.
 */
export class Tap {
  private frames: { readonly octets: Uint8Array; readonly at: Nanos }[] = [];
  private readonly onBatch: (batch: FrameBatch) => void;
  private readonly epochSeconds: number;
  private position = 0;

  /** `epochSeconds` is the capture time (since 1970) of the engine's time 0. */
  constructor(onBatch: (batch: FrameBatch) => void, epochSeconds = 0) {
    this.onBatch = onBatch;
    this.epochSeconds = epochSeconds;
  }

  record(packet: Packet, at: Nanos): void {
    this.frames.push({ octets: encodePacket(packet), at });
    if (this.frames.length >= FRAMES_PER_BATCH) this.flush();
  }

  flush(): void {
    const { frames } = this;
    if (frames.length === 0) return;
    this.frames = [];
    const count = frames.length;
    const lengths = Uint32Array.from(frames, (frame) => frame.octets.length);
    const batch = {
      count,
      data: new Uint8Array(lengths.reduce((sum, length) => sum + length, 0)),
      offset: new Uint32Array(count),
      capturedLength: lengths,
      originalLength: lengths.slice(),
      seconds: new Float64Array(count),
      nanoseconds: new Uint32Array(count),
      linkType: new Uint16Array(count).fill(LinkType.RAW),
      interfaceId: new Uint16Array(count),
      position: new Float64Array(count),
    };
    let offset = 0;
    for (const [i, { octets, at }] of frames.entries()) {
      batch.data.set(octets, offset);
      batch.offset[i] = offset;
      batch.position[i] = this.position + offset;
      const whole = Math.floor(at / seconds(1));
      batch.seconds[i] = this.epochSeconds + whole;
      batch.nanoseconds[i] = at - whole * seconds(1);
      offset += octets.length;
    }
    this.position += offset;
    this.onBatch(batch);
  }
}
