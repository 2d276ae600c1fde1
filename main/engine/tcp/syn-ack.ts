import { Flag } from '../../wire/segment.ts';
import { jiffies } from '../jiffies.ts';
import { finish } from './finish.ts';
import { EMPTY, sendSegment } from './output.ts';
import { backedOff, INITIAL_RTO } from './rtt.ts';
import type { Tcb } from './tcb.ts';

export function sendSynAck(tcb: Tcb): void {
  const { now } = tcb.host.clock;
  tcb.lastSentAt = jiffies(now);
  tcb.synAckSentAt = now;
  sendSegment(tcb, tcb.iss, Flag.SYN | Flag.ACK, EMPTY, tcb.backoff > 0 ? 'retransmission' : 'syn-ack');
}

/**
 * The third segment did not come, or only a bare one while the listener waits for data: SYN,ACK again, each wait twice
 * as long (Linux reqsk_timer_handler, syn_ack_recalc).
 */
export function onSynAckTimeout(tcb: Tcb): void {
  const { counters } = tcb.host;
  counters.add('TCPTimeouts');
  const deferred = tcb.handshakeDone ? tcb.settings.deferAccept : 0;
  if (tcb.backoff >= retries(tcb) && tcb.backoff >= deferred) {
    finish(tcb, 'user-timeout', 'ETIMEDOUT');
    return;
  }
  const waitsForData = tcb.backoff + 1 < deferred;
  if (tcb.backoff === 0 && tcb.listener?.synQueue.has(tcb)) tcb.listener.young--;
  tcb.backoff++;
  if (!waitsForData) {
    counters.add('RetransSegs');
    counters.add('TCPSynRetrans');
    sendSynAck(tcb);
  }
  tcb.timers.set('syn-ack', backedOff(INITIAL_RTO, tcb.backoff));
}

/** tcp_synack_retries, or fewer while old embryos fill more than half of the SYN queue: room is kept for young ones. */
function retries(tcb: Tcb): number {
  const own = tcb.settings.synRetries ?? tcb.host.sysctls.now['net.ipv4.tcp_synack_retries'];
  const most = tcb.fastOpen ? own + 1 : own; // there is data at stake
  const { listener } = tcb;
  if (!listener || listener.synQueue.size * 2 <= Math.max(8, listener.limit)) return most;
  let left = most;
  for (let young = listener.young * 2; left > 2 && listener.synQueue.size >= young; young *= 2) left--;
  return left;
}
