// Where things lie in the memory that the analysis and its ordinary way share. All are addresses in octets; both sides read this file.

// What one side tells the other before and after a run, in words of 32 bits, then of 64.
export const ROWS = 0;
export const CONNECTIONS = 4;
export const CHANGES = 8;
export const EVENTS = 12;
/** Connections of which something is to be told that is kept elsewhere: `NOTES` has them. */
export const NOTE_COUNT = 16;
/** The table of 4-tuples: where it lies, its words less one, how many of its pairs are used. */
export const TABLE = 20;
export const TABLE_MASK = 24;
export const TABLE_USED = 28;
/** Number of the last frame. */
export const FRAME = 32;
/** The clock: its origin (seconds, then nanoseconds), now, latest and passed; and when something is due. */
export const ORIGIN = 48;
export const NOW = 64;
export const LATEST = 72;
export const PASSED = 80;
export const DUE = 88;

/** Where the octets of the batch begin. */
export const BEGIN = 96;
/** The first place among the changes that is free to be used again, or -1. */
export const SPARE_CHANGE = 100;
/** The secrets of the hash of 4-tuples: of the ports, of both addresses' first words, of their second ones and so on. */
export const SECRETS = 104;
export const SECRET_COUNT = 9;

// The batch at hand, column by column.
export const MOST_FRAMES = 4096;
export const OFFSET = 0x1000;
export const CAPTURED_LENGTH = OFFSET + 4 * MOST_FRAMES;
export const ORIGINAL_LENGTH = CAPTURED_LENGTH + 4 * MOST_FRAMES;
export const NANOSECONDS = ORIGINAL_LENGTH + 4 * MOST_FRAMES;
export const SECONDS = NANOSECONDS + 4 * MOST_FRAMES;
export const POSITION = SECONDS + 8 * MOST_FRAMES;
export const LINK_TYPE = POSITION + 8 * MOST_FRAMES;
export const INTERFACE_ID = LINK_TYPE + 2 * MOST_FRAMES;

/** Three words each: what is to be told, of which connection, and the row of the packet that made it so. */
export const NOTES = INTERFACE_ID + 2 * MOST_FRAMES;
export const NOTE_SIZE = 12;
/** It changed, and had not since it was last told of. */
export const NOTE_CHANGED = 0;
/** One of its ends will close by time. */
export const NOTE_DUE = 1;
/** Its last packet is one by which others are found. */
export const NOTE_MILESTONE = 2;

// Addresses of pages, by the number of the page.
export const ROW_PAGES = 0x8_0000;
export const CONNECTION_PAGES = ROW_PAGES + 4 * 0x4000;
export const CHANGE_PAGES = CONNECTION_PAGES + 4 * 0x8000;
export const EVENT_PAGES = CHANGE_PAGES + 4 * 0x1_0000;

/** Octets of the batch's frames: they begin within the first `ALIGNMENT`. */
export const OCTETS = 0x20_0000;
export const MOST_OCTETS = 0x20_0000;
export const ALIGNMENT = 8;
/** Pages and the table of 4-tuples, from here on. */
export const ARENA = OCTETS + MOST_OCTETS;
