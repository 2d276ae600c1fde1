import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDistance } from '../../../wire/seq.ts';
import { finish } from '../finish.ts';
import { resetInAnswer } from '../output.ts';
import { ownReceiveQueue } from '../queues.ts';
import { measureReceiveRate } from '../receive-autotune.ts';
import { growWindow } from '../receive-window.ts';
import type { Tcb } from '../tcb.ts';
import { has, refuse, type Verdict } from './check.ts';

/** Seventh step (RFC 9293 §3.10.7.4): the octets of the segment, in order or kept for later. */
export function acceptText(tcb: Tcb, segment: Segment): Verdict {
  const octets = segment.payload.length;
  if (octets === 0) return 'continue';
  switch (tcb.state) {
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
      // Nobody is there to read it, and silence would let the peer believe it was delivered (RFC 2525 §2.17).
      if (tcb.readClosed && seqAfter(seqAdd(segment.seq, octets), tcb.rcvNxt)) return refuseData(tcb, segment);
      break;
    case 'ESTABLISHED':
      break;
    default:
      acknowledgeAgain(tcb);
      return refuse(tcb, segment, 'duplicate'); // after the peer's FIN there is no new text
  }
  const end = seqAdd(segment.seq, octets);
  if (seqAtOrBefore(end, tcb.rcvNxt)) {
    tcb.host.counters.add('TCPDSACKOldSent');
    if (tcb.hasSack) tcb.acks.duplicate = { left: segment.seq, right: end };
    acknowledgeAgain(tcb);
    // The FIN behind the old octets may still be new.
    return has(segment, Flag.FIN) ? 'continue' : refuse(tcb, segment, 'duplicate');
  }
  const windowEnd = seqAdd(tcb.rcvNxt, tcb.receiveWindow);
  if (!seqBefore(segment.seq, windowEnd)) {
    tcb.host.counters.add('TCPZeroWindowDrop');
    acknowledgeAgain(tcb);
    return refuse(tcb, segment, 'window-closed');
  }
  const keptEnd = seqAfter(end, windowEnd) ? windowEnd : end;
  // A view of the whole would only cost: most segments are taken as they are.
  const text = keptEnd === end ? segment.payload : segment.payload.subarray(0, seqDistance(segment.seq, keptEnd));
  if (seqAfter(segment.seq, tcb.rcvNxt)) keepForLater(tcb, segment, text);
  else takeInOrder(tcb, segment, text);
  return keptEnd === end ? 'continue' : 'done'; // what was cut off, a FIN too, will come again
}

function takeInOrder(tcb: Tcb, segment: Segment, text: Uint8Array): void {
  const known = seqDistance(segment.seq, tcb.rcvNxt);
  if (known > 0 && tcb.hasSack) tcb.acks.duplicate = { left: segment.seq, right: tcb.rcvNxt };
  const fresh = known === 0 ? text : text.subarray(known);
  ownReceiveQueue(tcb).append(fresh);
  tcb.rcvNxt = seqAdd(tcb.rcvNxt, fresh.length);
  tcb.acks.received(segment);
  measureReceiveRate(tcb, segment);
  if (tcb.receiveQueue.hasGap) {
    tcb.rcvNxt = tcb.receiveQueue.drainFrom(tcb.rcvNxt);
    tcb.acks.urgent = true; // RFC 5681 §4.2: a segment that fills a gap is acknowledged at once
  }
  growWindow(tcb);
  tellQueues(tcb);
  tcb.holder?.wake();
}

function keepForLater(tcb: Tcb, segment: Segment, text: Uint8Array): void {
  tcb.acks.owed = true;
  tcb.acks.urgent = true; // the duplicate ACK that tells the sender of the gap
  // Many crumbs within one window could take far more memory than the window has octets.
  if (tcb.receiveQueue.outOfOrderMemory > tcb.receiveBuffer) {
    tcb.host.counters.add('TCPOFODrop');
    refuse(tcb, segment, 'receive-buffer-full');
    return;
  }
  tcb.host.counters.add('TCPOFOQueue');
  const added = ownReceiveQueue(tcb).insert(segment.seq, text);
  if (added < text.length && tcb.hasSack) {
    tcb.host.counters.add('TCPDSACKOfoSent');
    if (added === 0) tcb.acks.duplicate = { left: segment.seq, right: seqAdd(segment.seq, text.length) };
  }
  tellQueues(tcb);
}

/** What the peer sent was known already: its ACK may have been lost, so the next ones go out at once. */
export function acknowledgeAgain(tcb: Tcb): void {
  tcb.acks.enterQuick();
  tcb.acks.owed = true;
  tcb.acks.urgent = true;
}

function refuseData(tcb: Tcb, segment: Segment): Verdict {
  tcb.host.counters.add('TCPAbortOnData');
  tcb.host.send(tcb.localAddress, tcb.remoteAddress, resetInAnswer(segment), 'reset');
  refuse(tcb, segment, 'data-after-close');
  finish(tcb, 'abort', 'ECONNRESET', segment);
  return 'done';
}

/** Tells whoever listens how full the receive side is. */
export function tellQueues(tcb: Tcb): void {
  const { probes, clock, name } = tcb.host;
  if (!probes.wants('queue')) return;
  const moment = { at: clock.now, host: name, connection: tcb.id, limit: tcb.receiveBuffer };
  probes.emit({ kind: 'queue', ...moment, queue: 'receive', length: tcb.receiveQueue.length });
  probes.emit({ kind: 'queue', ...moment, queue: 'out-of-order', length: tcb.receiveQueue.outOfOrderLength });
}
