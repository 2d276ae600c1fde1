// Words of one flow. Those of a connection's two flows lie in turns, eight of one and eight of the other, so that a packet touches one line of the
// cache for what it asks of both, and one for what else it moves; the rest lies in a third. `BYTES` takes two words and lies on an even place.
export const BITS = 0;
export const STATE = 1;
export const NEXT_SEQ = 2;
export const SENT = 3;
export const CONTIGUOUS = 4;
export const LAST_ACK = 5;
export const WINDOW = 6;
export const PACKETS = 7;

export const NEXT_SEQ_PACKET = 16;
export const LAST_PACKET = 17;
export const BYTES = 18;
export const ACKED = 20;
export const ACK_PACKET = 21;
export const SAME_ACK_PACKET = 22;
export const DUPLICATE_ACKS = 23;

export const SAME_ACKS = 32;
export const BASE = 33;
export const LAST_CHANGE = 34;
export const SYN_PACKET = 35;
export const SYN_ACK_PACKET = 36;
export const FIN_END = 37;
export const FIN_PACKET = 38;
/** In FIN-WAIT-1 the ACK that waits to be judged, as -2 less its packet; from TIME-WAIT on the packet that (re)started 2MSL; else -1. */
export const WAITING = 39;

/** From the first flow to the second. */
export const FLOW_STRIDE = 8;
/** Of both. */
export const FLOWS_WORDS = 48;
