import { FLOWS_WORDS } from './flow-words.ts';

// Words of one connection, before its two flows: 64 in all, four lines of the cache. Numbers of 64 bits take two words each and lie on even places.
export const LIFE = 0;
export const PORTS = 1;
export const ADDRESS_FIRST = 2;
export const ADDRESS_SECOND = 3;
export const FIRST_PACKET = 4;
export const LAST_PACKET = 5;
export const INITIAL_RTT = 6;
export const SYN_TIME = 8;
export const SYN_INTERVAL = 10;
export const DUE = 12;
export const LAST_EVENT = 14;
export const EVENT_COUNT = 15;
export const FLOWS = 16;
export const WORDS = FLOWS + FLOWS_WORDS;
