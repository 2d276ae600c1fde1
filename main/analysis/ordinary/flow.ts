import { FLOWS, INITIAL_RTT, LIFE, SYN_TIME } from '../connection-words.ts';
import * as flow from '../flow-words.ts';
import * as code from './codes.ts';
import { get, getFloat, set } from './memory.ts';
import * as segment from './segment.ts';

const CONTROL = code.SYN | code.ACK | code.RST | code.FIN;

/** No SYN, or no round trip, has been timed. */
export const UNTIMED = -1.0;

/** Where the words of what the first or second endpoint sends begin. */
export function flowAt(connection: i32, second: bool): i32 {
  return connection + 4 * (second ? FLOWS + flow.FLOW_STRIDE : FLOWS);
}

export function stateOf(address: i32): i32 {
  return get(address, flow.STATE) & 0xff;
}
export function scaleOf(address: i32): i32 {
  return (get(address, flow.BITS) >>> code.SCALE_SHIFT) + code.SMALLEST_SCALE;
}
export function hopsOf(address: i32): i32 {
  return (get(address, flow.BITS) >>> code.HOPS_SHIFT) & 0xff;
}

/** `bits` of `all` are known of a flow, and none of the others. */
export function knows(address: i32, all: i32, bits: i32): bool {
  return (get(address, flow.BITS) & all) === bits;
}

/** What must be known of a sender, and of a receiver. */
const OF_SENDER = code.KNOWN_BASE | code.KNOWN_NEXT | code.KNOWN_SENT | code.KNOWN_ACKED;
const OF_RECEIVER = code.KNOWN_BASE | code.KNOWN_NEXT | code.KNOWN_SENT;

/**
 * The segment at hand is what both ends expected next: it follows all its sender has sent, acknowledges nothing that was not captured, came the
 * way of those before it, and is not the one that times the handshake. `neither` must be known of none of them.
 */
export function isExpected(connection: i32, sender: i32, receiver: i32, neither: i32): bool {
  return (
    knows(sender, OF_SENDER | neither, OF_SENDER) &&
    knows(receiver, OF_RECEIVER | neither, OF_RECEIVER) &&
    hopsOf(sender) === segment.hops &&
    isNext(sender) &&
    acknowledgesCaptured(receiver) &&
    (getFloat(connection, INITIAL_RTT) !== UNTIMED || getFloat(connection, SYN_TIME) === UNTIMED)
  );
}

/** The segment at hand has the number its sender would use next. */
export function isNext(sender: i32): bool {
  return segment.seq === get(sender, flow.NEXT_SEQ) && segment.seq === get(sender, flow.SENT);
}

/** It acknowledges nothing that was not captured. */
export function acknowledgesCaptured(receiver: i32): bool {
  return segment.ack - get(receiver, flow.CONTIGUOUS) <= 0 && segment.ack - get(receiver, flow.SENT) <= 0;
}

/** Its control bits, but for those that change nothing here (PSH, URG, ECN). */
export function control(): i32 {
  return segment.flags & CONTROL;
}

/** What the segment at hand acknowledges, where that is more than its sender had. */
export function acknowledge(sender: i32): void {
  if ((get(sender, flow.BITS) & code.KNOWN_ACKED) !== 0 && segment.ack - get(sender, flow.ACKED) <= 0) return;
  set(sender, flow.BITS, get(sender, flow.BITS) | code.KNOWN_ACKED);
  set(sender, flow.ACKED, segment.ack);
  set(sender, flow.ACK_PACKET, segment.packet);
}

/** What the segment at hand leaves of its sender, whatever else it does. `isFirst`: there was none before. */
export function remember(sender: i32, isFirst: bool): void {
  if (isFirst || segment.ack !== get(sender, flow.LAST_ACK)) {
    set(sender, flow.LAST_ACK, segment.ack);
    // Where none is counted in a row, none is counted at all; and the second count lies apart.
    if (get(sender, flow.DUPLICATE_ACKS) !== 0) {
      set(sender, flow.DUPLICATE_ACKS, 0);
      set(sender, flow.SAME_ACKS, 0);
    }
    set(sender, flow.SAME_ACK_PACKET, segment.packet);
  }
  set(sender, flow.WINDOW, segment.window);
  set(sender, flow.PACKETS, get(sender, flow.PACKETS) + 1);
  set(sender, flow.LAST_PACKET, segment.packet);
}

/** Its sender has sent, in order, all before `next`. */
export function advance(sender: i32, next: i32): void {
  if (get(sender, flow.CONTIGUOUS) === segment.seq) set(sender, flow.CONTIGUOUS, next);
  set(sender, flow.NEXT_SEQ, next);
  set(sender, flow.SENT, next);
  set(sender, flow.NEXT_SEQ_PACKET, segment.packet);
}

export function setScale(sender: i32, scale: i32): void {
  set(sender, flow.BITS, (get(sender, flow.BITS) & 0xff_ffff) | ((scale - code.SMALLEST_SCALE) << code.SCALE_SHIFT));
}

export function addLife(connection: i32, bits: i32): void {
  set(connection, LIFE, get(connection, LIFE) | bits);
}
