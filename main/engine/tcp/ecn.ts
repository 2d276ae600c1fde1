import { Flag, type Segment } from '../../wire/segment.ts';
import type { IpFields } from '../network/packet.ts';
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

/** Nothing is agreed: what most connections have, one for all of them. */
export const NO_ECN: EcnState = Object.freeze({ agreed: false, echoing: false, announcing: false, seen: false });

/** The two bits of the IP header (RFC 3168 §5): the sender allows marking; a router marked. */
export const ECT = 2;
export const CE = 3;

const both = (flags: number): boolean => (flags & Flag.ECE) !== 0 && (flags & Flag.CWR) !== 0;

/** Do we ask for it with our SYN? After a SYN without an answer no more: some routers drop what they do not know (tcp_ecn_fallback). */
function asks({ host: { sysctls }, timeouts }: Tcb): boolean {
  return sysctls.now['net.ipv4.tcp_ecn'] === 1 && (timeouts === 0 || sysctls.now['net.ipv4.tcp_ecn_fallback'] === 0);
}

/** The peer's SYN asks (ECE and CWR) or its SYN,ACK agrees (ECE alone), RFC 3168 §6.1.1. */
export function agreeOnEcn(tcb: Tcb, { flags }: Segment): void {
  const agreed =
    flags & Flag.ACK
      ? asks(tcb) && (flags & (Flag.ECE | Flag.CWR)) === Flag.ECE
      : tcb.host.sysctls.now['net.ipv4.tcp_ecn'] !== 0 && both(flags);
  tcb.ecn = agreed ? { ...NO_ECN, agreed } : NO_ECN;
}

/** The bits for a segment about to leave. Only new data announces that we have slowed down. */
export function ecnFlags(tcb: Tcb, flags: number, isNewData: boolean): number {
  const { ecn } = tcb;
  if (flags & Flag.SYN) {
    if (flags & Flag.ACK) return ecn.agreed ? Flag.ECE : 0;
    return asks(tcb) ? Flag.ECE | Flag.CWR : 0;
  }
  if (!ecn.agreed) return 0;
  let bits = ecn.echoing ? Flag.ECE : 0;
  if (isNewData && ecn.announcing) {
    ecn.announcing = false;
    bits |= Flag.CWR;
  }
  return bits;
}

/** New data may be marked by routers; retransmissions and ACKs may not (RFC 3168 §6.1.4, §6.1.5). */
export const allowMarking = (fields: IpFields | undefined): IpFields => ({ ...fields, trafficClass: (fields?.trafficClass ?? 0) | ECT });

/** Data came: was it marked, and has its sender slowed down (RFC 3168 §6.1.3)? */
export function takeMark({ ecn, acks }: Tcb, segment: Segment, trafficClass: number): void {
  if (!ecn.agreed || segment.payload.length === 0) return;
  if (segment.flags & Flag.CWR) {
    ecn.echoing = false;
    acks.owed = true;
    acks.urgent = true; // its window may be a single segment now
  }
  const mark = trafficClass & CE;
  if (mark === CE) {
    if (!ecn.echoing) acks.enterQuick(2);
    ecn.echoing = true;
  } else if (mark === 0 && ecn.seen) acks.enterQuick(2); // without the codepoint: a retransmission (§6.1.5)
  if (mark !== 0) ecn.seen = true;
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
  if (ecn.agreed) ecn.announcing = false;
}
