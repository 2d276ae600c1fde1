import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqBefore, seqDistance } from '../../../wire/seq.ts';
import type { Tcb } from '../tcb.ts';
import { copiedSeq, skipUrgentOctet } from '../urgent.ts';
import { has, type Verdict } from './check.ts';

/** Sixth check (RFC 9293 §3.10.7.4): does the segment announce urgent data, or bring it (Linux tcp_urg)? */
export function checkUrgent(tcb: Tcb, segment: Segment): Verdict {
  if (tcb.endOfStream) return 'continue'; // after the peer's FIN there is nothing urgent
  if (has(segment, Flag.URG)) noteMark(tcb, segment);
  takeOctet(tcb, segment);
  return 'continue';
}

function noteMark(tcb: Tcb, segment: Segment): void {
  const isStandard = tcb.host.sysctls.now['net.ipv4.tcp_stdurg'] !== 0;
  // BSD's sockets, and Linux with them, point behind the octet; RFC 1122 §4.2.2.4 at it.
  const at = seqAdd(segment.seq, segment.urgent > 0 && !isStandard ? segment.urgent - 1 : segment.urgent);
  if (seqAfter(copiedSeq(tcb), at) || seqBefore(at, tcb.rcvNxt)) return; // read long ago, or said again
  if (tcb.urgent && !seqAfter(at, tcb.urgent.at)) return;
  skipUrgentOctet(tcb); // the reader stands at the old one, which has lost its meaning
  tcb.urgent = { at, stage: 'announced', octet: 0 }; // one that nobody fetched stays in the stream
}

function takeOctet(tcb: Tcb, segment: Segment): void {
  if (tcb.urgent?.stage !== 'announced') return;
  const index = seqDistance(segment.seq, tcb.urgent.at);
  const octet = index < 0 ? undefined : segment.payload[index];
  if (octet === undefined) return;
  tcb.urgent = { at: tcb.urgent.at, stage: 'here', octet };
  tcb.holder?.wake();
}
