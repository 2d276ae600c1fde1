// Words of one row. `SECONDS` takes two and lies on an even place.
export const SECONDS = 0;
export const NANOSECONDS = 2;
export const FRAME = 3;
export const CONNECTION = 4;
export const NEXT = 5;
export const SEQ = 6;
export const ACK = 7;
/** Flags below, the window above. */
export const FLAGS_AND_WINDOW = 8;
export const LENGTH = 9;
export const MARKS = 10;
export const CAPTURED_LENGTH = 11;
export const TS_VALUE = 12;
export const TS_ECHO = 13;
export const POSITION_LOW = 14;
/** The high half of the position below, the IP identification above. */
export const POSITION_HIGH_AND_IP_ID = 15;
/** So many words has a row, as a power of two. */
export const WORDS_SHIFT = 4;
