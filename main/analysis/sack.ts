import type { SeqNum } from '../wire/seq.ts';
import { seqBefore } from '../wire/seq.ts';
import type { TcpView } from '../wire/tcp-view.ts';

/** The first block lies below the acknowledgement, or within the second: octets that came twice (RFC 2883 §4). */
export function isDuplicateSack({ sack, sackCount, ack }: TcpView): boolean {
  const left = sack[0]! as SeqNum;
  const right = sack[1]! as SeqNum;
  if (seqBefore(left, ack)) return true;
  return sackCount > 1 && !seqBefore(left, sack[2]! as SeqNum) && !seqBefore(sack[3]! as SeqNum, right);
}
