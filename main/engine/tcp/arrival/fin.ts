import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqBefore } from '../../../wire/seq.ts';
import { sendAck } from '../output.ts';
import { setState } from '../state.ts';
import type { Tcb } from '../tcb.ts';
import { enterTimeWait } from '../time-wait.ts';
import { has, type Verdict } from './check.ts';

/** Eighth step (RFC 9293 §3.10.7.4): the peer's FIN, once everything before it is here. */
export function acceptFin(tcb: Tcb, segment: Segment): Verdict {
  if (has(segment, Flag.FIN)) noteFin(tcb, segment);
  return tcb.finAt === tcb.rcvNxt && !tcb.endOfStream ? takeFin(tcb, segment) : 'continue';
}

function noteFin(tcb: Tcb, segment: Segment): void {
  const at = seqAdd(segment.seq, segment.payload.length);
  const isInWindow = !seqBefore(at, tcb.rcvNxt) && !seqAfter(at, seqAdd(tcb.rcvNxt, tcb.receiveWindow));
  if (!tcb.endOfStream && isInWindow) tcb.finAt = at;
  // Beyond a gap it must wait; taken before, it came again because our ACK was lost. Either way the peer is told at once.
  tcb.acks.owed = true;
  if (tcb.endOfStream || at !== tcb.rcvNxt) tcb.acks.urgent = true;
}

export function takeFin(tcb: Tcb, segment: Segment): Verdict {
  tcb.rcvNxt = seqAdd(tcb.rcvNxt, 1);
  tcb.endOfStream = true;
  tcb.acks.owed = true;
  switch (tcb.state) {
    case 'ESTABLISHED':
      setState(tcb, 'CLOSE-WAIT', 'fin', segment);
      tcb.acks.enterInteractive(); // our own FIN may soon take the ACK along
      tcb.holder?.wake();
      return 'continue';
    case 'FIN-WAIT-1':
      sendAck(tcb);
      setState(tcb, 'CLOSING', 'fin', segment);
      tcb.holder?.wake();
      return 'continue';
    case 'FIN-WAIT-2':
      sendAck(tcb);
      enterTimeWait(tcb, 'fin', segment);
      return 'done';
    default:
      return 'continue';
  }
}
