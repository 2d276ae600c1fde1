import { decodePacket, type Packet } from '../../../engine/network/packet.ts';
import type { FrameBatch } from '../../../wire/frame-batch.ts';
import { emptyLocated } from '../../../wire/locate.ts';
import { locateIp } from '../../../wire/locate-ip.ts';

const located = emptyLocated();

/** The IP packet of a captured frame; undefined when it holds none that can be read. */
export function packetOf(batch: FrameBatch, frame: number): Packet | undefined {
  const start = batch.offset[frame]!;
  const end = start + batch.capturedLength[frame]!;
  const ip = locateIp(batch.data, start, end, batch.linkType[frame]!, located);
  if (ip < 0 || ip >= end) return undefined;
  const packet = decodePacket(batch.data.subarray(ip, end));
  return packet.ok ? packet.value : undefined;
}

/** Some frames of a batch, by number in it. The octets are shared. */
export function onlyFrames(batch: FrameBatch, frames: readonly number[]): FrameBatch {
  if (frames.length === batch.count) return batch;
  const pick = <T extends { [index: number]: number }>(from: T, to: T): T => {
    frames.forEach((frame, i) => {
      (to as Record<number, number>)[i] = from[frame]!;
    });
    return to;
  };
  const { length } = frames;
  return {
    count: length,
    data: batch.data,
    offset: pick(batch.offset, new Uint32Array(length)),
    capturedLength: pick(batch.capturedLength, new Uint32Array(length)),
    originalLength: pick(batch.originalLength, new Uint32Array(length)),
    seconds: pick(batch.seconds, new Float64Array(length)),
    nanoseconds: pick(batch.nanoseconds, new Uint32Array(length)),
    linkType: pick(batch.linkType, new Uint16Array(length)),
    interfaceId: pick(batch.interfaceId, new Uint16Array(length)),
    position: pick(batch.position, new Float64Array(length)),
  };
}
