import type { Seen } from '../diagnosis/seen.ts';
import type { Endpoint, Instant, Side } from '../record.ts';

/** One segment as one of the captures holds it. */
export interface Sight {
  readonly frame: number;
  /** Nanoseconds since the capture's first frame. */
  readonly time: number;
  readonly from: Side;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly tsValue: number;
  readonly tsEcho: number;
  readonly ipId: number;
}

/** Who a connection is, for finding it in another capture. */
export interface Identity {
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** First sequence numbers, where the SYN of that side was captured. */
  readonly clientStart: number | undefined;
  readonly serverStart: number | undefined;
  /** From where each side's relative numbers count. */
  readonly bases: { readonly client: number; readonly server: number };
}

/** What the alignment needs of an analysed capture. */
export interface Captured {
  readonly connectionCount: number;
  /** Capture time of its first frame; absent where there is none. */
  readonly start: Instant | undefined;
  /** When its last frame was captured; the first was at 0. */
  readonly last: number;
  identity(id: number): Identity;
  sights(id: number): Sight[];
}

export const sightOf = (s: Seen, frame: number): Sight => ({
  frame,
  time: s.time,
  from: s.from,
  flags: s.flags,
  seq: s.seq,
  ack: s.ack,
  length: s.length,
  tsValue: s.tsValue,
  tsEcho: s.tsEcho,
  ipId: s.ipId,
});
