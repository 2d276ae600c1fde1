import type { Engine } from '../../../engine/engine.ts';
import type { Cable, CableSettings } from '../../../engine/network/cable.ts';
import type { TcpPacket } from '../../../engine/network/packet.ts';
import { ok, type Result } from '../../../wire/result.ts';
import { Flag, type Segment } from '../../../wire/segment.ts';
import { seqDistance } from '../../../wire/seq.ts';
import { type Nanos, nanos } from '../../../wire/units.ts';
import type { LinkSettings, Refusal, SegmentView, TargetLink } from '../target.ts';

/** A cable of the engine, with a record of every segment put on it. */
export class EngineLink implements TargetLink {
  private readonly cable: Cable;
  private readonly seen: SegmentView[] = [];
  private readonly lost = new WeakSet<Segment>();
  private readonly segmentsSeen: Segment[] = [];
  /** Initial sequence number by sender and receiver, for the relative numbers. */
  private readonly initial = new Map<string, number>();

  constructor(engine: Engine, cable: Cable) {
    this.cable = cable;
    cable.watch((packet, from, to) => {
      if (!packet.segment) return;
      this.segmentsSeen.push(packet.segment);
      this.seen.push(this.view(packet, from.name, to.name, engine.now));
    });
    engine.probes.on('drop', ({ segment, reason }) => {
      if (reason.startsWith('cable-') || reason === 'too-big-for-link') this.lost.add(segment);
    });
  }

  segments(): readonly SegmentView[] {
    return this.seen.map((view, i) => (this.lost.has(this.segmentsSeen[i]!) ? { ...view, lost: true } : view));
  }

  set(settings: LinkSettings): Result<null, Refusal> {
    this.cable.set(cableSettings(settings));
    return ok(null);
  }

  intercept(judge: ((segment: SegmentView) => 'pass' | 'drop' | number) | undefined): Result<null, Refusal> {
    if (!judge) {
      this.cable.set({ intercept: undefined });
      return ok(null);
    }
    // The packet that is judged is the one just recorded: a cable tells its watchers first.
    const intercept = (): 'pass' | 'drop' | Nanos => {
      const verdict = judge(this.seen.at(-1)!);
      return typeof verdict === 'number' ? nanos(verdict) : verdict;
    };
    this.cable.set({ intercept });
    return ok(null);
  }

  private view({ src, dst, segment }: TcpPacket, from: string, to: string, time: number): SegmentView {
    const { seq, ack, flags, srcPort, dstPort } = segment;
    const sender = `${src} ${srcPort} ${dst} ${dstPort}`;
    const receiver = `${dst} ${dstPort} ${src} ${srcPort}`;
    // A SYN begins a count; a stream first seen in the middle counts from its first segment.
    if (flags & Flag.SYN || !this.initial.has(sender)) this.initial.set(sender, seq);
    const theirs = this.initial.get(receiver) ?? ack;
    return {
      number: this.seen.length + 1,
      time,
      from,
      to,
      source: { address: src, port: srcPort },
      destination: { address: dst, port: dstPort },
      flags: flagNames(flags),
      seq,
      ack,
      relativeSeq: seqDistance(this.initial.get(sender)! as typeof seq, seq),
      relativeAck: flags & Flag.ACK ? seqDistance(theirs as typeof ack, ack) : 0,
      length: segment.payload.length,
      window: segment.window,
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
  }
  return view;
}

export function cableSettings({ delay, jitter, ...rest }: LinkSettings): Partial<CableSettings> {
  return { ...rest, ...(delay !== undefined && { delay: nanos(delay) }), ...(jitter !== undefined && { jitter: nanos(jitter) }) };
}
