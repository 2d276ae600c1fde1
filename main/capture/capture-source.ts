import type { FrameBatch } from '../wire/frame-batch.ts';
import type { Result } from '../wire/result.ts';
import type { CaptureError } from './capture-error.ts';
import type { CaptureInterface } from './record-parser.ts';

/** What captures on this machine. */
export type LocalBackend = 'helper' | 'dumpcap' | 'cap';
export type CaptureBackend = LocalBackend | 'ssh';

export interface OpenOptions {
  readonly interface: string;
  /** A BPF filter as tcpdump takes it; absent or empty captures everything. */
  readonly filter?: string;
  /** Octets kept of each packet; 262144 unless given. `cap` always keeps 65535. */
  readonly snapLength?: number;
  /** True unless given. `cap` is always promiscuous. */
  readonly promiscuous?: boolean;
  /** The kernel's capture buffer; 16384 unless given. */
  readonly bufferKiB?: number;
  /** How far, in MiB, the consumer may fall behind before frames are dropped; 64 unless given. */
  readonly queueMiB?: number;
}

/** Why a capture ended: `closed` because we asked, anything else because of what the error says. */
export type CaptureEnding = { readonly kind: 'closed' } | { readonly kind: 'error'; readonly error: CaptureError };

export interface CaptureSink {
  /** A promise is waited for before the next batch comes. The first batch may come before `open` resolves. */
  readonly onBatch: (batch: FrameBatch) => void | Promise<void>;
  /** Called exactly once for every capture that was opened, after the last batch; nothing is called afterwards. */
  readonly onEnd: (ending: CaptureEnding) => void;
}

export interface CaptureCounters {
  /** Frames that came out of the source: delivered, waiting, or dropped by the queue. */
  readonly received: number;
  /** As of the source's last statistics (every second from `helper`, at the end from `dumpcap`); absent where it gives none (`cap`). */
  readonly droppedByKernel?: number;
  readonly droppedByInterface?: number;
  /** Dropped here because the consumer fell behind. */
  readonly droppedByQueue: number;
}

export interface CaptureHandle {
  readonly backend: CaptureBackend;
  readonly interface: CaptureInterface;
  /** The capturing process. */
  readonly pid: number;
  counters(): CaptureCounters;
  /** Resolves when the source has ended and everything it gave was delivered. Idempotent. */
  close(): Promise<void>;
}

/** Every live source of packets. Octets are copied once, out of the pcapng stream; after that the consumer owns them. */
export interface CaptureSource {
  readonly backend: CaptureBackend;
  /** Resolves once packets are being captured, or cannot be. */
  open(options: OpenOptions, sink: CaptureSink): Promise<Result<CaptureHandle, CaptureError>>;
}
