import { createHash } from 'node:crypto';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Result } from '../../wire/result.ts';
import { BatchBuilder } from '../batch-builder.ts';
import type { CaptureError } from '../capture-error.ts';
import { type CaptureEnd, CaptureReader } from '../capture-reader.ts';
import type { CaptureStatistics } from '../record-parser.ts';

/** One frame taken out of its batch, for tests to compare. */
export interface Frame {
  readonly octets: Uint8Array;
  readonly originalLength: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly linkType: number;
  readonly interfaceId: number;
  readonly position: number;
}

export function framesOf(batches: Iterable<FrameBatch>): Frame[] {
  const frames: Frame[] = [];
  for (const batch of batches) {
    for (let i = 0; i < batch.count; i++) {
      frames.push({
        octets: batch.data.subarray(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!),
        originalLength: batch.originalLength[i]!,
        seconds: batch.seconds[i]!,
        nanoseconds: batch.nanoseconds[i]!,
        linkType: batch.linkType[i]!,
        interfaceId: batch.interfaceId[i]!,
        position: batch.position[i]!,
      });
    }
  }
  return frames;
}

/** Two captures with equal digests hold the same frames: quicker to compare than tens of thousands of objects. */
export function digest(frames: readonly Frame[]): string {
  const hash = createHash('sha256');
  for (const { octets, originalLength, seconds, nanoseconds, linkType, interfaceId } of frames)
    hash.update(`${octets.length} ${originalLength} ${seconds} ${nanoseconds} ${linkType} ${interfaceId}\n`).update(octets);
  return `${frames.length} frames ${hash.digest('hex')}`;
}

export function batchOf(frames: readonly Frame[]): FrameBatch[] {
  const batches: FrameBatch[] = [];
  const builder = new BatchBuilder((batch) => batches.push(batch));
  builder.lend(Buffer.concat(frames.map(({ octets }) => octets)), 0);
  let at = 0;
  for (const { octets, originalLength, seconds, nanoseconds, linkType, interfaceId, position } of frames) {
    if (builder.isFull) builder.flush();
    builder.add(at, octets.length, originalLength, seconds, nanoseconds, linkType, interfaceId, position);
    at += octets.length;
  }
  builder.flush();
  return batches;
}

export interface Reading {
  readonly frames: Frame[];
  readonly batches: FrameBatch[];
  readonly statistics: CaptureStatistics[];
  readonly end: Result<CaptureEnd, CaptureError>;
}

/** Reads a capture given in pieces. */
export function read(pieces: Iterable<Uint8Array>, live = false): Reading {
  const batches: FrameBatch[] = [];
  const statistics: CaptureStatistics[] = [];
  const reader = new CaptureReader({ live, onBatch: (batch) => batches.push(batch), onStatistics: (found) => statistics.push(found) });
  for (const piece of pieces) reader.push(piece);
  const end = reader.finish();
  return { frames: framesOf(batches), batches, statistics, end };
}
