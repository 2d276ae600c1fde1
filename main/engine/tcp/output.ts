import { Flag, type Segment } from '../../wire/segment.ts';
import { type SeqNum, seq, seqAfter, seqBefore } from '../../wire/seq.ts';
import type { SendCause } from '../probes.ts';
import { allowMarking, ecnFlags } from './ecn.ts';
import { ipFieldsOf } from './ip-fields.ts';
import { segmentOptions, synOptions } from './options.ts';
import { advertiseWindow } from './receive-window.ts';
import type { Tcb } from './tcb.ts';
import { urgentFields } from './urgent.ts';

export const EMPTY = new Uint8Array(0);
const NOT_URGENT = { flag: 0, pointer: 0 };

/** Puts one segment of a connection on its way, or several for the link to cut: header, options, window and acknowledgment as they stand now. */
export function sendSegment(tcb: Tcb, at: SeqNum, flags: number, payload: Uint8Array, cause: SendCause, gsoSize?: number): void {
  const isSyn = (flags & Flag.SYN) !== 0;
  const acknowledges = (flags & Flag.ACK) !== 0;
  const window = isSyn ? Math.min(tcb.rcvWnd, 65_535) : advertiseWindow(tcb); // the window of a SYN is never scaled (RFC 7323 §2.2)
  const octets = (isSyn && tcb.fastOpenAttempt?.data) || payload;
  const urgent = isSyn || tcb.urgentEnd === undefined ? NOT_URGENT : urgentFields(tcb, at);
  const isNewData = cause === 'data';
  tcb.host.send(
    tcb.localAddress,
    tcb.remoteAddress,
    {
      srcPort: tcb.localPort,
      dstPort: tcb.remotePort,
      seq: at,
      ack: acknowledges ? tcb.rcvNxt : seq(0),
      flags: flags | urgent.flag | ecnFlags(tcb, flags, isNewData),
      window,
      urgent: urgent.pointer,
      options: isSyn ? synOptions(tcb) : segmentOptions(tcb, payload.length),
      payload: octets,
    },
    cause,
    isNewData && tcb.ecn.agreed ? allowMarking(ipFieldsOf(tcb)) : ipFieldsOf(tcb),
    gsoSize,
  );
  if (acknowledges) tcb.acks.sent();
}

/** Where an ACK without data stands: SND.NXT, but never beyond what a shrunk window allows, or the peer would ignore it. */
function acceptableSeq(tcb: Tcb): SeqNum {
  const { windowEnd } = tcb;
  return seqAfter(tcb.sndNxt, windowEnd) && !seqBefore(windowEnd, tcb.sndUna) ? windowEnd : tcb.sndNxt;
}

export const sendAck = (tcb: Tcb, cause: SendCause = 'ack'): void => sendSegment(tcb, acceptableSeq(tcb), Flag.ACK, EMPTY, cause);

/** RST of a connection we give up (RFC 9293 §3.10.5). */
export function sendReset(tcb: Tcb): void {
  sendSegment(tcb, acceptableSeq(tcb), Flag.RST | Flag.ACK, EMPTY, 'reset');
}

/** RST in answer to a segment that fits no connection (RFC 9293 §3.5.2): placed so that the sender must believe it. */
export function resetInAnswer(segment: Segment): Segment {
  const hasAck = (segment.flags & Flag.ACK) !== 0;
  const length = segment.payload.length + (segment.flags & Flag.SYN ? 1 : 0) + (segment.flags & Flag.FIN ? 1 : 0);
  return {
    srcPort: segment.dstPort,
    dstPort: segment.srcPort,
    seq: hasAck ? segment.ack : seq(0),
    ack: hasAck ? seq(0) : seq(segment.seq + length),
    flags: hasAck ? Flag.RST : Flag.RST | Flag.ACK,
    window: 0,
    urgent: 0,
    options: [],
    payload: EMPTY,
  };
}
