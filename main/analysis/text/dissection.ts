import type { Conversations } from './relative-seq.ts';

/** How deep headers may nest (IP in GRE in IP ...) before we take a packet for an attack on our stack. */
export const DEEPEST_NESTING = 16;

/** What printing one frame came to: a TCP line, a line about something unreadable, or nothing to print. */
export type Finding = 'tcp' | 'malformed' | 'nothing';

/** One frame on its way to becoming a line of text. Every printer appends to `text`, as far as it gets. */
export interface Dissection {
  readonly data: Uint8Array;
  readonly conversations: Conversations;
  text: string;
  /** How many IP, GRE or Ethernet headers are around the one in hand. */
  nesting: number;
}

/** Octets of a header's layer: where it starts, how long it claims to be, where the captured octets end. */
export interface Extent {
  readonly at: number;
  readonly length: number;
  readonly end: number;
}

/** tcpdump's mark for "the octets of `protocol` ended before we had read what we wanted". */
export const cutMark = (protocol: string): string => ` [|${protocol}]`;

export function cutShort(d: Dissection, protocol: string): Finding {
  d.text += cutMark(protocol);
  return 'malformed';
}

export function malformed(d: Dissection, words: string): Finding {
  d.text += words;
  return 'malformed';
}
