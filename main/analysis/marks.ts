import { EVENT_KINDS, type EventKind } from './record.ts';

/** One bit per kind of event, so that a packet's events fit in a column of 32 bits. */
export const MARK = Object.fromEntries(EVENT_KINDS.map((kind, bit) => [kind, 1 << bit])) as { readonly [K in EventKind]: number };

/** The kinds in a set of marks, in the order of `EVENT_KINDS`. */
export const kindsOf = (marks: number): EventKind[] => EVENT_KINDS.filter((_, bit) => (marks & (1 << bit)) !== 0);
