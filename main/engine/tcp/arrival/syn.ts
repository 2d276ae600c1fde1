import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd } from '../../../wire/seq.ts';
import { sendChallengeAck } from '../challenge-ack.ts';
import { resetInAnswer } from '../output.ts';
import { backToListen } from '../passive-open.ts';
import type { Tcb } from '../tcb.ts';
import { has, refuse, type Verdict } from './check.ts';
import { acknowledgeAgain } from './text.ts';

/**
 * Fourth check (RFC 9293 §3.10.7.4): a SYN inside a connection. It gets a challenge ACK (RFC 5961 §4.2): a peer that
 * restarted answers with an exact RST. A half-open connection of a listener is given up instead.
 */
export function checkSyn(tcb: Tcb, segment: Segment): Verdict {
  if (!has(segment, Flag.SYN)) return 'continue';
  if (completesSimultaneousOpen(tcb, segment)) {
    acknowledgeAgain(tcb); // its SYN came twice, and is reported like any octet that did
    if (tcb.hasSack) tcb.acks.duplicate = { left: segment.seq, right: tcb.rcvNxt };
    return 'continue';
  }
  refuse(tcb, segment, 'syn-in-connection');
  if (tcb.state === 'SYN-RECEIVED' && tcb.listener && !tcb.fastOpen) {
    tcb.host.send(tcb.localAddress, tcb.remoteAddress, resetInAnswer(segment), 'reset');
    backToListen(tcb, 'syn', segment);
  } else {
    tcb.host.counters.add('TCPSYNChallenge');
    sendChallengeAck(tcb);
  }
  return 'done';
}

/** The peer's SYN,ACK when both opened at once: its SYN is the one we know, its ACK is news. */
const completesSimultaneousOpen = (tcb: Tcb, segment: Segment): boolean =>
  tcb.state === 'SYN-RECEIVED' &&
  !tcb.listener &&
  has(segment, Flag.ACK) &&
  segment.payload.length === 0 &&
  seqAdd(segment.seq, 1) === tcb.rcvNxt &&
  segment.ack === tcb.sndNxt;
