import type { Trigger } from '../../tcp-model/transitions.ts';
import type { Segment } from '../../wire/segment.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import type { ErrnoName } from '../sockets/errno.ts';
import { learnFromEnd } from './fast-open-black-hole.ts';
import { sendReset } from './output.ts';
import { stopPacing } from './pacing.ts';
import { tellAcknowledged } from './send-notices.ts';
import { setState } from './state.ts';
import type { Tcb } from './tcb.ts';

/** The connection is over: no timer, no place in the tables; whoever holds it learns `error`. */
export function finish(tcb: Tcb, trigger: Trigger, error?: ErrnoName, segment?: Segment): void {
  setState(tcb, 'CLOSED', trigger, segment);
  release(tcb);
  if (error) tcb.error = error;
  tellAcknowledged(tcb, true);
  tcb.holder?.wake();
}

/** Takes the connection out of the host's tables; what was received stays readable. */
export function release(tcb: Tcb): void {
  learnFromEnd(tcb);
  tcb.timers.cancelAll();
  stopPacing(tcb);
  tcb.listener?.forget(tcb);
  tcb.fastOpen?.fastOpenPending.delete(tcb);
  tcb.host.connections.remove(tcb);
  if (tcb.orphan) tcb.host.connections.orphans--;
}

/** Retransmissions ran out (RFC 9293 §3.8.3). */
export function giveUp(tcb: Tcb): void {
  if (tcb.state !== 'SYN-SENT') tcb.host.counters.add('TCPAbortOnTimeout');
  finish(tcb, 'user-timeout', tcb.softError ?? 'ETIMEDOUT');
}

/** ABORT (RFC 9293 §3.10.5): the peer is told with a RST, where there is a peer that knows of us. */
export function abort(tcb: Tcb, error?: ErrnoName): void {
  switch (tcb.state) {
    case 'CLOSED':
    case 'TIME-WAIT':
      return;
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
      sendReset(tcb);
  }
  finish(tcb, 'abort', error);
}

/** A reset was believed (RFC 9293 §3.10.7.4, second check). The error depends on how far we were, as on Linux. */
export function onReset(tcb: Tcb, segment: Segment): void {
  switch (tcb.state) {
    case 'SYN-SENT':
      finish(tcb, 'rst', 'ECONNREFUSED', segment);
      return;
    case 'CLOSE-WAIT':
      finish(tcb, 'rst', 'EPIPE', segment); // the peer had said its last word: only our sending failed
      return;
    default:
      finish(tcb, 'rst', 'ECONNRESET', segment);
      return;
  }
}

/** An orphan in FIN-WAIT-2 waits for tcp_fin_timeout and no longer: nobody would read what the peer still sends. */
export function startFinWait2(tcb: Tcb): void {
  if (!tcb.orphan) return;
  const wanted = seconds(tcb.settings.finWait2 ?? tcb.host.sysctls.now['net.ipv4.tcp_fin_timeout']);
  tcb.timers.set('fin-wait-2', Math.max(wanted, 3.5 * tcb.roundTrip.rto) as Nanos); // Linux tcp_fin_time
}

export const onFinWait2Timeout = (tcb: Tcb): void => finish(tcb, 'fin-wait-2-timeout');
