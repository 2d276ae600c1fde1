import type { FrameBatch } from '../../wire/frame-batch.ts';

/** A batch of one frame, with room behind its octets. One is used for many frames, so that no memory is asked for each. */
export class FrameAlone implements FrameBatch {
  readonly count = 1;
  data = new Uint8Array(4096);
  /** Where in `data` the frame ends, and what was put behind it. */
  end = 0;
  readonly offset = new Uint32Array(1);
  readonly capturedLength = new Uint32Array(1);
  readonly originalLength = new Uint32Array(1);
  readonly seconds = new Float64Array(1);
  readonly nanoseconds = new Uint32Array(1);
  readonly linkType = new Uint16Array(1);
  readonly interfaceId = new Uint16Array(1);
  readonly position = new Float64Array(1);

  /** Holds frame `i` of a batch from now on. */
  take(batch: FrameBatch, i: number): void {
    const start = batch.offset[i]!;
    this.capturedLength[0] = batch.capturedLength[i]!;
    this.originalLength[0] = batch.originalLength[i]!;
    this.seconds[0] = batch.seconds[i]!;
    this.nanoseconds[0] = batch.nanoseconds[i]!;
    this.linkType[0] = batch.linkType[i]!;
    this.interfaceId[0] = batch.interfaceId[i]!;
    this.position[0] = batch.position[i]!;
    this.end = 0;
    this.append(batch.data.subarray(start, start + batch.capturedLength[i]!));
  }

  /** Puts octets behind what is there; gives where they end. */
  append(octets: Uint8Array): number {
    const end = this.end + octets.length;
    if (end > this.data.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.data);
      this.data = larger;
    }
    this.data.set(octets, this.end);
    this.end = end;
    return end;
  }
}
