/**
 * Sequence-number arithmetic (RFC 9293 §3.4). Numbers live on a circle of 2^32, so "less than" means "reached first
 * when walking forward by less than half the circle". No other file subtracts two sequence numbers by hand.
 */
export type SeqNum = number & { readonly unit: 'tcp-seq' };

export const seq = (n: number): SeqNum => (n >>> 0) as SeqNum;
export const seqAdd = (a: SeqNum, octets: number): SeqNum => ((a + octets) >>> 0) as SeqNum;
/** Signed distance from a to b on the circle; negative when b lies behind a. */
export const seqDistance = (a: SeqNum, b: SeqNum): number => (b - a) | 0;
export const seqBefore = (a: SeqNum, b: SeqNum): boolean => ((a - b) | 0) < 0;
export const seqAtOrBefore = (a: SeqNum, b: SeqNum): boolean => ((a - b) | 0) <= 0;
export const seqAfter = (a: SeqNum, b: SeqNum): boolean => ((a - b) | 0) > 0;
export const seqAtOrAfter = (a: SeqNum, b: SeqNum): boolean => ((a - b) | 0) >= 0;
export const seqMax = (a: SeqNum, b: SeqNum): SeqNum => (((a - b) | 0) >= 0 ? a : b);
export const seqMin = (a: SeqNum, b: SeqNum): SeqNum => (((a - b) | 0) <= 0 ? a : b);
