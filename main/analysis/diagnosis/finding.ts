import type { Instant, Side } from '../record.ts';

/** What a finding is about. `docs/analysis.md` says for each what shows it and what looks alike. */
export const FINDING_KINDS = [
  'handshake-time',
  'refused',
  'no-answer',
  'unreachable',
  'syn-resent',
  'syn-ack-resent',
  'accept-queue-full',
  'half-open',
  'closed-first',
  'close-wait',
  'reset',
  'round-trip',
  'response-time',
  'transfer',
  'limited-by',
  'retransmissions',
  'peer-silent',
  'capture-gaps',
  'captured-twice',
  'offload',
  'bad-checksum',
  'zero-window',
  'delayed-ack',
  'nagle-delayed-ack',
  'small-mss',
  'path-mtu-reduced',
  'path-mtu-black-hole',
  'fragments',
  'keepalive',
  'keepalive-unanswered',
  'out-of-window',
  'foreign-segments',
  // Of the capture as a whole:
  'time-wait-pile-up',
  'port-exhaustion',
  'half-open-pile-up',
  'syn-queue-full',
  'refused-pile-up',
  'fragments-missing',
  'fragments-contradict',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** `note`: a fact worth knowing. `warning`: it costs time, or will. `problem`: something does not work. */
export const SEVERITIES = ['problem', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a colleague would say who had read the capture. */
export interface Finding {
  readonly kind: FindingKind;
  /** Which of several cases of the kind it is (`reset`: why; `close-wait`: whether it ended). */
  readonly reason?: string | undefined;
  readonly severity: Severity;
  /** The packets fit more than one cause; the text names them all. */
  readonly ambiguous: boolean;
  /** The connection, by its number; absent where it is about the capture. */
  readonly connection?: number;
  /** Where the finding is about several connections: the first of them. */
  readonly connections?: readonly number[];
  /** The end it is about. */
  readonly side?: Side | undefined;
  /** Frame numbers that show it: all, or the first and the last where there are many. */
  readonly packets: readonly number[];
  /** How many there are in all. */
  readonly packetCount: number;
  readonly from: Instant;
  readonly to: Instant;
  /** One to three sentences in plain words. */
  readonly text: string;
  /** What to look at to be sure. */
  readonly confirm: string;
  /** What was measured: seconds, octets, counts, shares from 0 to 1, by name. */
  readonly values?: { readonly [name: string]: number } | undefined;
}

const WEIGHTS = Object.fromEntries(SEVERITIES.map((severity, i) => [severity, i])) as Readonly<Record<Severity, number>>;

/** The gravest first; of the same weight in the order of time. */
export const byWeight = (a: Finding, b: Finding): number =>
  WEIGHTS[a.severity] - WEIGHTS[b.severity] || a.from.seconds - b.from.seconds || a.from.nanoseconds - b.from.nanoseconds;
