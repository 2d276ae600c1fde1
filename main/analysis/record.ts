import type { TcpState } from '../tcp-model/states.ts';
import type { Trigger } from '../tcp-model/transitions.ts';

/**
 * What the analysis says about a connection: plain values, safe to structured-clone, built on demand from its columns.
 * The window, the command line and the contract are built on these types.
 */
export interface Endpoint {
  /** IPv4 in dotted decimal, IPv6 as RFC 5952 writes it. */
  readonly address: string;
  readonly port: number;
}

/** A capture time: whole seconds since 1970 and the nanoseconds within the second. */
export interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The client sent the first SYN; where none was captured, `docs/analysis.md` says how the side is guessed. */
export type Side = 'client' | 'server';

/**
 * How much a claim rests on. `seen`: captured segments and the transition table leave no other reading. `assumed`:
 * segments are missing from the capture, and this is the most ordinary life that fits. `computed`: follows from time
 * alone (2MSL is over).
 */
export type Certainty = 'seen' | 'assumed' | 'computed';

/** Part of an endpoint's life in one state; it ends where the next span starts. */
export interface StateSpan {
  readonly state: TcpState | 'UNKNOWN';
  readonly from: Instant;
  /** 1-based number of the frame behind the change; for the initial state the connection's first frame. */
  readonly packet: number;
  /** All frames the claim rests on, in capture order, `packet` among them. */
  readonly because: readonly number[];
  readonly trigger: Trigger | 'start';
  readonly certainty: Certainty;
}

/** Wireshark's `tcp.analysis.*` in kebab case, with Wireshark's definitions. */
export const WIRESHARK_EVENT_KINDS = [
  'retransmission',
  'fast-retransmission',
  'spurious-retransmission',
  'out-of-order',
  'duplicate-ack',
  'lost-segment',
  'ack-lost-segment',
  'zero-window',
  'zero-window-probe',
  'zero-window-probe-ack',
  'window-full',
  'window-update',
  'keep-alive',
  'keep-alive-ack',
  'reused-ports',
] as const;

/** Our own kinds. */
export const OWN_EVENT_KINDS = [
  'handshake', // the segment that completes a handshake captured whole
  'reset', // the first RST from each side
  'refused', // a RST that answers a SYN
  'half-close', // data after the peer's FIN was acknowledged
  'simultaneous-open',
  'simultaneous-close',
  'duplicate-capture', // a packet captured before, on another interface or in the other direction; it was not sent again
  'bad-checksum', // its receiver drops it; only where checksums are checked
  'syn-timeout', // a SYN sent again and never answered; marks the last SYN
] as const;

export const EVENT_KINDS = [...WIRESHARK_EVENT_KINDS, ...OWN_EVENT_KINDS] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface ConnectionEvent {
  readonly kind: EventKind;
  /** 1-based number of the frame that shows it. */
  readonly packet: number;
  readonly at: Instant;
  /** Who sent that frame. */
  readonly from: Side;
  /** An earlier frame it refers to: the SYN of a handshake, the ACK that a duplicate repeats, the FIN before a half-close. */
  readonly refersTo?: number;
  /** Which one in a row, from 1 (`duplicate-ack`). */
  readonly ordinal?: number;
}

export interface BySide {
  readonly client: number;
  readonly server: number;
}

export interface ConnectionRecord {
  /** In order of first packet, from 0, as Wireshark's `tcp.stream`. */
  readonly id: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Wireshark's `tcp.completeness`: 1 SYN, 2 SYN,ACK, 4 ACK, 8 data, 16 FIN, 32 RST. */
  readonly complete: number;
  readonly start: Instant;
  readonly end: Instant;
  readonly packets: BySide;
  /** Payload octets each side sent, retransmitted ones included. */
  readonly bytes: BySide;
  readonly states: { readonly client: readonly StateSpan[]; readonly server: readonly StateSpan[] };
  /** In the order of their packets: all, or the latest where only those were asked for. */
  readonly events: readonly ConnectionEvent[];
  /** How many there are in all. */
  readonly eventCount: number;
}

export interface RecordOptions {
  /** The record holds no more than this many events, the latest. Without it, all. */
  readonly latestEvents?: number;
}

/** A change of state shown on the segment behind it. */
export interface StateChange {
  readonly side: Side;
  readonly state: TcpState | 'UNKNOWN';
  readonly certainty: Certainty;
}

/** One segment, as the ladder and the packet table show it. */
export interface SegmentRow {
  /** 1-based frame number. */
  readonly frame: number;
  readonly at: Instant;
  readonly from: Side;
  /** A union of `Flag` bits. */
  readonly flags: number;
  /** As on the wire. */
  readonly seq: number;
  readonly ack: number;
  /** Relative to the side's first sequence number seen, as Wireshark counts. */
  readonly relativeSeq: number;
  readonly relativeAck: number;
  /** Payload octets. */
  readonly length: number;
  /** The 16 bits as sent, and the octets they stand for once the scale is known (RFC 7323 §2.2). */
  readonly rawWindow: number;
  readonly window: number;
  readonly events: readonly EventKind[];
  readonly changes: readonly StateChange[];
  /** Octet position of the frame in its capture file, and how many octets of it were captured. */
  readonly position: number;
  readonly capturedLength: number;
}

/** Totals over everything analysed so far. */
export interface AnalysisSummary {
  readonly packets: number;
  readonly tcpPackets: number;
  readonly malformed: number;
  readonly connections: number;
  /** Capture time of the first and last frame; absent when there was none. */
  readonly start?: Instant;
  readonly end?: Instant;
  /** How many endpoints are in each state now. */
  readonly states: { readonly [state: string]: number };
  readonly events: { readonly [kind: string]: number };
}
