import type { SeqNum } from './seq.ts';

/** Control bits in their wire order (RFC 9293 §3.1; CWR and ECE: RFC 3168 §6.1; AE: RFC 9768, formerly NS). */
export const Flag = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ECE: 0x40,
  CWR: 0x80,
  AE: 0x100,
} as const;

export interface SackBlock {
  readonly left: SeqNum;
  readonly right: SeqNum;
}

/**
 * A TCP option as it stood on the wire. Decoding keeps what was sent, also where a rule forbids it: the state machine
 * judges, the wire only reads.
 */
export type TcpOption =
  | { readonly kind: 'end' } // RFC 9293 §3.1
  | { readonly kind: 'nop' } // RFC 9293 §3.1
  | { readonly kind: 'mss'; readonly octets: number } // RFC 9293 §3.7.1
  | { readonly kind: 'window-scale'; readonly shift: number } // RFC 7323 §2.2; §2.3 caps its use at 14
  | { readonly kind: 'sack-permitted' } // RFC 2018 §2
  | { readonly kind: 'sack'; readonly blocks: readonly SackBlock[] } // RFC 2018 §3
  | { readonly kind: 'timestamps'; readonly value: number; readonly echo: number } // RFC 7323 §3.2
  | { readonly kind: 'fast-open'; readonly cookie: Uint8Array; readonly experimental: boolean } // RFC 7413 §4.1; kind 34, or 254 with magic 0xF989
  | { readonly kind: 'md5'; readonly digest: Uint8Array } // RFC 2385 §3
  | { readonly kind: 'user-timeout'; readonly minutes: boolean; readonly amount: number } // RFC 5482 §3
  | { readonly kind: 'unknown'; readonly code: number; readonly body: Uint8Array };

/** A TCP segment as a value. `payload` may be a view into a larger buffer and is never written to. */
export interface Segment {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: SeqNum;
  /** Meaningful only with ACK set; kept as sent otherwise. */
  readonly ack: SeqNum;
  /** A union of `Flag` bits. */
  readonly flags: number;
  /** The 16 bits as sent, before any scaling. */
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

/** Octets of sequence space a segment occupies: its payload, and one each for SYN and FIN (RFC 9293 §3.4). */
export const segmentLength = (s: Pick<Segment, 'flags' | 'payload'>): number =>
  s.payload.length + (s.flags & Flag.SYN ? 1 : 0) + (s.flags & Flag.FIN ? 1 : 0);
