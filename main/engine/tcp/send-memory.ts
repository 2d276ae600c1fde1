import { INITIAL_WINDOW } from './congestion/window.ts';
import type { Tcb } from './tcb.ts';

/** Linux reserves this much beside the payload of each full segment when it sizes the buffer after the congestion window. */
const PER_SEGMENT_OVERHEAD = 640;
const PER_SEGMENT_BOOKKEEPING = 256;
/** What Linux charges for a buffer beside its octets: room for headers and its own bookkeeping (truesize of an empty one, on 64 bits). */
const BUFFER_OVERHEAD = 1280;

const nextPowerOf2 = (n: number): number => 1 << (32 - Math.clz32(n - 1));

/**
 * What is charged to the send buffer (Linux sk_wmem_queued). With segmentation offload the buffers are Linux's and so is
 * what they cost; without, half of SO_SNDBUF is set aside for bookkeeping, and payload alone counts.
 */
const charged = ({ host, sendQueue, flightOctets }: Tcb): number => {
  const octets = sendQueue.unsent + flightOctets;
  return host.gso ? octets + BUFFER_OVERHEAD * (sendQueue.length + sendQueue.buffersSent) : octets;
};

const limit = ({ host, sendBuffer }: Tcb): number => (host.gso ? sendBuffer : sendBuffer >> 1);

/** Octets that may be written before the buffer is full; with segmentation offload the last buffer may go beyond. */
export const sendSpace = (tcb: Tcb): number => Math.max(0, limit(tcb) - charged(tcb));

/** TCP_NOTSENT_LOWAT: with so many octets unsent, more would only wait here instead of with the user. */
const notSentLowWater = (tcb: Tcb): number => tcb.settings.notSentLowWater ?? tcb.host.sysctls.now['net.ipv4.tcp_notsent_lowat'];

/** May the user write anything (Linux sk_stream_memory_free)? */
export const hasSendMemory = (tcb: Tcb): boolean => sendSpace(tcb) > 0 && tcb.sendQueue.unsent < notSentLowWater(tcb);

/** A third of the send buffer must be free, lest a writer wakes for every octet (Linux sk_stream_is_writeable). */
export function isWritable(tcb: Tcb): boolean {
  const used = charged(tcb);
  return limit(tcb) - used >= used >> 1 && 2 * tcb.sendQueue.unsent < notSentLowWater(tcb);
}

/**
 * After an ACK and what it let out: room that somebody waits for (Linux tcp_check_space). A window that is used up makes no
 * room by growing the buffer.
 */
export function checkSpace(tcb: Tcb): void {
  const { sendQueue, congestion } = tcb;
  if (!tcb.isMissingRoom) return;
  if (sendQueue.sent.inFlight < congestion.cwnd) growSendBuffer(tcb);
  if (!isWritable(tcb)) return;
  tcb.isMissingRoom = false;
  tcb.holder?.wake();
}

/** Unless the user fixed SO_SNDBUF, it grows to hold twice the congestion window (tcp_sndbuf_expand). */
export function growSendBuffer(tcb: Tcb): void {
  const { settings, host, congestion, rack } = tcb;
  if (settings.sendBufferLocked) return;
  const perSegment = nextPowerOf2(tcb.mss + PER_SEGMENT_OVERHEAD) + PER_SEGMENT_BOOKKEEPING;
  const segments = Math.max(INITIAL_WINDOW, congestion.cwnd, rack.reordering + 1);
  const wanted = 2 * segments * perSegment;
  tcb.sendBuffer = Math.max(tcb.sendBuffer, Math.min(wanted, host.sysctls.now['net.ipv4.tcp_wmem'][2]!));
}
