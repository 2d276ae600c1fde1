import type { TcpPacket } from '../../engine/network/packet.ts';
import type { Ends, ProbeEvent } from '../../engine/probes.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { type SeqNum, seqAtOrBefore } from '../../wire/seq.ts';

interface Mark {
  /** From this sequence number on, until the next mark. */
  readonly from: SeqNum;
  readonly line: number | undefined;
}

type Sent = Extract<ProbeEvent, { kind: 'segment-sent' }>;
type Received = Extract<ProbeEvent, { kind: 'segment-received' }>;

/**
 * Which line of the script caused a segment. Data, SYN and FIN belong to the call that put them into their place in sequence
 * space, however late and however often they are sent. What answers a segment was caused by whatever caused that one.
 */
export class SegmentLines {
  /** The line whose request is being served. */
  now: number | undefined;
  private readonly marks = new Map<string, Mark[]>();
  /** The cause of what was heard last, by the stream it came on. */
  private readonly heard = new Map<string, number>();
  private readonly lines = new WeakMap<Segment, number>();
  /** The cause of the segment that is being dealt with. */
  private answering: number | undefined;

  /** The line behind a segment on a link. What the link has cut goes by its numbers; what no TCP sent was put there by the script, just now. */
  of({ src, dst, segment }: TcpPacket): number | undefined {
    const known = this.lines.get(segment);
    if (known !== undefined) return known;
    const line = this.written(streamOf(src, segment.srcPort, dst, segment.dstPort), segment) ?? this.now;
    if (line !== undefined) this.lines.set(segment, line);
    return line;
  }

  /** Another event begins, which answers nothing yet. */
  beginEvent(): void {
    this.answering = undefined;
  }

  /** The program writes, or ends, where its stream has come to. */
  writes({ localAddress, localPort, remoteAddress, remotePort }: Ends, from: SeqNum): void {
    const key = streamOf(localAddress, localPort, remoteAddress, remotePort);
    const marks = this.marks.get(key);
    if (marks) marks.push({ from, line: this.now });
    else this.marks.set(key, [{ from, line: this.now }]);
  }

  sent({ src, dst, segment }: Sent): void {
    const key = streamOf(src, segment.srcPort, dst, segment.dstPort);
    if (segment.flags & Flag.SYN && !(segment.flags & Flag.ACK) && this.marks.get(key)?.[0]?.from !== segment.seq)
      this.marks.set(key, [{ from: segment.seq, line: this.now }]);
    const line = this.written(key, segment) ?? this.now ?? this.answering ?? this.heard.get(reverse(src, dst, segment));
    if (line !== undefined) this.lines.set(segment, line);
  }

  received({ src, dst, segment }: Received): void {
    const line = this.lines.get(segment);
    this.answering = line;
    if (line !== undefined) this.heard.set(streamOf(src, segment.srcPort, dst, segment.dstPort), line);
  }

  /** The call that wrote what the segment carries; undefined where it carries nothing. */
  private written(key: string, { seq, flags, payload }: Segment): number | undefined {
    if (payload.length === 0 && !(flags & (Flag.SYN | Flag.FIN))) return undefined;
    return this.marks.get(key)?.findLast(({ from }) => seqAtOrBefore(from, seq))?.line;
  }
}

const streamOf = (src: string, srcPort: number, dst: string, dstPort: number): string => `${src} ${srcPort} ${dst} ${dstPort}`;
const reverse = (src: string, dst: string, { srcPort, dstPort }: Segment): string => streamOf(dst, dstPort, src, srcPort);
