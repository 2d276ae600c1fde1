import { Flag, type Segment } from '../../wire/segment.ts';
import type { Tcb } from './tcb.ts';

/** Explicit congestion notification on one connection (RFC 3168 §6.1). */
export interface EcnState {
  /** Both ends said in their SYNs that they understand it. */
  agreed: boolean;
  /** A packet came marked: every ACK says so (ECE) until the sender says that it has slowed down (CWR). */
  echoing: boolean;
  /** The next new data says that we have slowed down (CWR). */
  announcing: boolean;
  /** The peer sends its data with a codepoint that routers may mark. */
  seen: boolean;
}

/** The peer tells that a router marked what we sent. */
export const isEcho = (tcb: Tcb, segment: Segment): boolean =>
  tcb.ecn.agreed && (segment.flags & Flag.ECE) !== 0 && (segment.flags & Flag.SYN) === 0;

/** The window was reduced, for whatever reason: tell the peer with the next new data (RFC 3168 §6.1.2). */
export function queueCwr({ ecn }: Tcb): void {
  if (ecn.agreed) ecn.announcing = true;
}

/** The reduction was taken back before it was announced. */
export function withdrawCwr({ ecn }: Tcb): void {
  ecn.announcing = false;
}
