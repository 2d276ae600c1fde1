// Numbers that elsewhere are made from lists of names; `codes.test.ts` holds the two together.

// Places in `State`, `On` and `EVENT_KINDS`.
export const CLOSED = 1;
export const LISTEN = 2;
export const SYN_SENT = 3;
export const SYN_RECEIVED = 4;
export const ESTABLISHED = 5;
export const FIN_WAIT_1 = 6;
export const FIN_WAIT_2 = 7;
export const CLOSE_WAIT = 8;
export const LAST_ACK = 10;
export const TIME_WAIT = 11;

export const ON_ACTIVE_OPEN = 1;
export const ON_SYN = 2;
export const ON_CLOSE = 3;
export const ON_SYN_ACK = 5;
export const ON_ACK_OF_SYN = 8;
export const ON_FIN = 9;
export const ON_ACK_OF_FIN = 10;

export const HANDSHAKE_KIND = 15;

// Bits of `Flag`.
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

// Bits of `Known`.
export const KNOWN_BASE = 1 << 0;
export const KNOWN_NEXT = 1 << 1;
export const KNOWN_ACKED = 1 << 2;
export const KNOWN_SYN = 1 << 3;
export const KNOWN_FIN = 1 << 4;
export const KNOWN_SPOKE = 1 << 5;
export const KNOWN_DATA = 1 << 6;
export const KNOWN_RST = 1 << 7;
export const KNOWN_MAYBE_FIN = 1 << 8;
export const KNOWN_UNSCALED = 1 << 9;
export const KNOWN_ASSUMED = 1 << 10;
export const KNOWN_ACTIVE = 1 << 12;
export const KNOWN_SENT = 1 << 14;
export const KNOWN_SACK_PERMITTED = 1 << 15;
export const HOPS_SHIFT = 16;
export const SCALE_SHIFT = 24;
export const SMALLEST_SCALE = -2;
export const SCALE_UNKNOWN = -1;
export const SCALE_NONE = -2;

// Bits of `Life` and `Complete`.
export const LIFE_IPV6 = 1 << 0;
export const LIFE_CLIENT_SECOND = 1 << 1;
export const LIFE_CHANGED = 1 << 2;
export const LIFE_HANDSHAKE = 1 << 3;
export const LIFE_SUPERSEDED = 1 << 5;
export const LIFE_ANSWERED = 1 << 6;
export const COMPLETE_SYN = 1 << 8;
export const COMPLETE_SYN_ACK = 2 << 8;
export const COMPLETE_ACK = 4 << 8;
export const COMPLETE_DATA = 8 << 8;
export const COMPLETE_FIN = 16 << 8;

// Bits of `Shown`.
export const FROM_SECOND = 1 << 15;
export const TIMESTAMPS = 1 << 14;
export const OTHER_HOPS = 1 << 11;
export const PARTIAL_CHECKSUM = 1 << 10;
