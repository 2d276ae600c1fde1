import type { TcpPacket } from '../../engine/network/packet.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { seqDistance } from '../../wire/seq.ts';
import type { SocketAddress } from '../lab/values.ts';
import type { SegmentView } from './target.ts';

/** A segment on its way: its ends as the script knows them, and the names of the hosts. */
export interface Passing extends Pick<TcpPacket, 'segment'> {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly from: string;
  readonly to: string;
  /** Nanoseconds since the run began. */
  readonly time: number;
  readonly cause?: SegmentView['cause'];
}

/** The segments of one link as scripts see them: by name, in numbers that count from their stream's first. */
export class SegmentNumbering {
  private count = 0;
  /** Initial sequence number by sender and receiver. */
  private readonly initial = new Map<string, number>();

  /** The number a stream counts from; undefined before its first segment. */
  startOf(stream: string): number | undefined {
    return this.initial.get(stream);
  }

  /** The next segment of the link. */
  view({ segment, source, destination, from, to, time, cause }: Passing): SegmentView {
    const { seq, ack, flags } = segment;
    const sender = streamOf(source, destination);
    const receiver = streamOf(destination, source);
    // A SYN begins a count; a stream first seen in the middle counts from its first segment.
    if ((flags & Flag.SYN && cause !== 'injected') || !this.initial.has(sender)) this.initial.set(sender, seq);
    const theirs = this.initial.get(receiver) ?? ack;
    return {
      number: ++this.count,
      time,
      from,
      to,
      source,
      destination,
      flags: flagNames(flags),
      seq,
      ack,
      relativeSeq: seqDistance(this.initial.get(sender)! as typeof seq, seq),
      relativeAck: flags & Flag.ACK ? seqDistance(theirs as typeof ack, ack) : 0,
      length: segment.payload.length,
      window: segment.window,
      urgent: segment.urgent,
      ...(cause && { cause }),
      options: optionsOf(segment),
      lost: false,
    };
  }
}

/** In the order in which they are usually said: what the segment does first, ACK last. */
const IN_ORDER = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ACK', 'ECE', 'CWR', 'AE'] as const;
const flagNames = (flags: number): string => IN_ORDER.filter((name) => (flags & Flag[name]) !== 0).join(',');

function optionsOf({ options }: Segment): SegmentView['options'] {
  let view: SegmentView['options'] = {};
  for (const option of options) {
    if (option.kind === 'mss') view = { ...view, mss: option.octets };
    else if (option.kind === 'window-scale') view = { ...view, windowScale: option.shift };
    else if (option.kind === 'sack-permitted') view = { ...view, sackPermitted: true };
    else if (option.kind === 'timestamps') view = { ...view, timestamps: { value: option.value, echo: option.echo } };
    else if (option.kind === 'sack') view = { ...view, sack: option.blocks.map(({ left, right }) => ({ left, right })) };
    else if (option.kind === 'fast-open') view = { ...view, fastOpen: [...option.cookie].map(hexadecimal).join('') };
  }
  return view;
}

const hexadecimal = (octet: number): string => octet.toString(16).padStart(2, '0');
/** One direction of a connection, as a key. */
export const streamOf = (from: SocketAddress, to: SocketAddress): string => `${from.address} ${from.port} ${to.address} ${to.port}`;
