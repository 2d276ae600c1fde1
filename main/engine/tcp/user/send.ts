import { ok, type Result } from '../../../wire/result.ts';
import { seqAdd } from '../../../wire/seq.ts';
import { type Errno, fail } from '../../sockets/errno.ts';
import { INITIAL_WINDOW } from '../congestion/window.ts';
import type { Tcb } from '../tcb.ts';
import { transmit } from '../transmit.ts';

/** Linux reserves this much for each full segment's bookkeeping when it sizes the buffer after the congestion window. */
const PER_SEGMENT_OVERHEAD = 576;

const nextPowerOf2 = (n: number): number => 1 << (32 - Math.clz32(n - 1));

/** Unless the user fixed SO_SNDBUF, it grows to hold twice the congestion window (tcp_sndbuf_expand). */
function growSendBuffer(tcb: Tcb): void {
  const { host, congestion } = tcb;
  if (tcb.settings.sendBufferLocked) return;
  const perSegment = nextPowerOf2(tcb.mss + PER_SEGMENT_OVERHEAD) + 256;
  const wanted = 2 * Math.max(INITIAL_WINDOW, congestion.cwnd) * perSegment;
  tcb.sendBuffer = Math.max(tcb.sendBuffer, Math.min(wanted, host.sysctls.now['net.ipv4.tcp_wmem'][2]!));
}

/** Octets that can be written now. Half the buffer is for bookkeeping: SO_SNDBUF is twice what was asked for. */
const sendSpace = (tcb: Tcb): number => Math.max(0, (tcb.sendBuffer >> 1) - tcb.sendQueue.unsent - tcb.flightOctets);

/** TCP_NOTSENT_LOWAT: with so many octets unsent, more would only wait here instead of with the user. */
export const notSentLowWater = (tcb: Tcb): number => tcb.settings.notSentLowWater ?? tcb.host.sysctls.now['net.ipv4.tcp_notsent_lowat'];

/** TCP_CORK taken out, TCP_NODELAY set: what waited leaves, also beside a small segment (Linux TCP_NAGLE_PUSH). */
export const push = (tcb: Tcb): void => transmit(tcb, tcb.settings.cork ? 'cork' : 'nothing');

/** SEND (RFC 9293 §3.10.2): as much as fits the buffer; undefined when nothing does and the caller has to wait. */
export function send(tcb: Tcb, octets: Uint8Array, { urgent = false, more = false } = {}): Result<number, Errno> | undefined {
  if (tcb.error) {
    const { error } = tcb;
    tcb.error = undefined;
    return fail(error);
  }
  switch (tcb.state) {
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (tcb.fastOpen) break; // the answer may leave before the third segment has come
      if (tcb.finQueued) return fail('EPIPE', 'the sending direction is closed');
      return undefined; // Linux waits for the handshake
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      break;
    default:
      return fail('EPIPE', 'the sending direction is closed');
  }
  growSendBuffer(tcb);
  const space = tcb.sendQueue.unsent < notSentLowWater(tcb) ? sendSpace(tcb) : 0;
  if (octets.length > 0 && space === 0) return undefined;
  const count = Math.min(space, octets.length);
  tcb.sendQueue.write(octets.slice(0, count)); // the caller may use its buffer again
  // Of what is sent with MSG_OOB the last octet is the urgent one.
  if (urgent && count === octets.length) tcb.urgentEnd = seqAdd(tcb.sndNxt, tcb.sendQueue.unsent);
  // MSG_MORE: what does not fill a segment waits for the next write, as with TCP_CORK.
  if (more) transmit(tcb, 'cork');
  else transmit(tcb);
  tellSendQueue(tcb);
  return ok(count);
}

function tellSendQueue(tcb: Tcb): void {
  const { probes, clock, name } = tcb.host;
  if (!probes.wants('queue')) return;
  const length = tcb.sendQueue.unsent + tcb.flightOctets;
  probes.emit({ kind: 'queue', at: clock.now, host: name, connection: tcb.id, queue: 'send', length, limit: tcb.sendBuffer });
}
