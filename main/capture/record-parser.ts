import type { BatchBuilder } from './batch-builder.ts';

/** The longest frame a capture may hold, in octets: libpcap's MAXIMUM_SNAPLEN. A longer one is damage, not a frame. */
export const MAX_FRAME = 262_144;

/** One interface of a capture, numbered from 0 over the whole stream (sections included). */
export interface CaptureInterface {
  readonly id: number;
  readonly linkType: number;
  /** Octets kept of each frame; 0 means no limit. */
  readonly snapLength: number;
  readonly name?: string;
  readonly filter?: string;
}

/** What a pcapng Interface Statistics Block says; counts since the capture began, absent where the writer gave none. */
export interface CaptureStatistics {
  readonly interfaceId: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly received?: number;
  readonly droppedByInterface?: number;
  readonly droppedByKernel?: number;
  readonly delivered?: number;
}

export interface RecordSink {
  readonly frames: BatchBuilder;
  onInterface(found: CaptureInterface): void;
  onStatistics(found: CaptureStatistics): void;
  /** What somebody wrote beside the frame that was added last. */
  onComment(text: string): void;
}

/**
 * Reads one record, or several, from `at` on in octets it is shown (their frames lie in what the batch builder was lent), and
 * keeps none of them. A number above zero says how many octets they take (the last may reach beyond the end where nothing in it
 * matters); below zero, that this many are needed before the first can be read; a string, what is wrong with it.
 */
export interface RecordParser {
  readonly format: 'pcap' | 'pcapng';
  step(view: DataView, at: number, end: number, position: number): number | string;
}
