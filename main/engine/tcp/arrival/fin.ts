import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqBefore } from '../../../wire/seq.ts';
import { sendAck } from '../output.ts';
import { setState } from '../state.ts';
import type { Tcb } from '../tcb.ts';
import { enterTimeWait } from '../time-wait.ts';
import { has, type Verdict } from './check.ts';

/** Eighth step (RFC 9293 §3.10.7.4): the peer's FIN, once everything before it is here. */
export function acceptFin(tcb: Tcb, segment: Segment): Verdict {
  if (has(segment, Flag.FIN)) {
    const at = seqAdd(segment.seq, segment.payload.length);
    if (tcb.endOfStream) {
      // The FIN again: our ACK of it was lost.
      tcb.acks.owed = true;
      tcb.acks.urgent = true;
    } else if (!seqBefore(at, tcb.rcvNxt) && !seqAfter(at, seqAdd(tcb.rcvNxt, tcb.receiveWindow))) tcb.finAt = at;
  }
  if (tcb.endOfStream || tcb.finAt === undefined) return 'continue';
  if (tcb.finAt !== tcb.rcvNxt) {
    tcb.acks.owed = true;
    tcb.acks.urgent = true; // it stands beyond a gap
    return 'continue';
  }
  return takeFin(tcb, segment);
}

function takeFin(tcb: Tcb, segment: Segment): Verdict {
  tcb.rcvNxt = seqAdd(tcb.rcvNxt, 1);
  tcb.endOfStream = true;
  tcb.acks.owed = true;
  switch (tcb.state) {
    case 'ESTABLISHED':
      setState(tcb, 'CLOSE-WAIT', 'fin', segment);
      tcb.acks.pingPong = Number.MAX_SAFE_INTEGER; // our own FIN may soon take the ACK along (Linux enters ping-pong here)
      tcb.wake?.();
      return 'continue';
    case 'FIN-WAIT-1':
      sendAck(tcb);
      setState(tcb, 'CLOSING', 'fin', segment);
      tcb.wake?.();
      return 'continue';
    case 'FIN-WAIT-2':
      sendAck(tcb);
      enterTimeWait(tcb, 'fin', segment);
      return 'done';
    default:
      return 'continue';
  }
}
