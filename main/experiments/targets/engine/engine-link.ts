import type { Engine } from '../../../engine/engine.ts';
import type { Cable, CableSettings, Plug } from '../../../engine/network/cable.ts';
import type { TcpPacket } from '../../../engine/network/packet.ts';
import { type IpAddress, parseIpAddress } from '../../../wire/ip-address.ts';
import { err, ok, type Result } from '../../../wire/result.ts';
import { Flag, type Segment, type TcpOption } from '../../../wire/segment.ts';
import { type SeqNum, seq as seqNumber } from '../../../wire/seq.ts';
import { optionsLength } from '../../../wire/tcp-options.ts';
import { type Nanos, nanos } from '../../../wire/units.ts';
import type { Injection } from '../../lab/requests.ts';
import type { RunRecorder } from '../../stepping/run-recorder.ts';
import { datagramView } from '../datagram-view.ts';
import { streamOf } from '../segment-view.ts';
import type { DatagramView, LinkSettings, Refusal, SegmentView, TargetLink } from '../target.ts';
import { SegmentViews } from './segment-views.ts';

/** A cable of the engine, with a record of every segment put on it. */
export class EngineLink implements TargetLink {
  private readonly cable: Cable;
  private readonly seen: SegmentView[] = [];
  private readonly others: DatagramView[] = [];
  private readonly lost = new WeakSet<Segment>();
  private readonly packets: { readonly packet: TcpPacket; readonly from: Plug }[] = [];
  private readonly views: SegmentViews;

  constructor(engine: Engine, cable: Cable, recorder?: RunRecorder) {
    this.cable = cable;
    this.views = new SegmentViews(engine);
    cable.watch((packet, from, to) => {
      if (!packet.segment) {
        const datagram = datagramView(packet, from.name, to.name, engine.now);
        if (datagram) this.others.push(datagram);
        return;
      }
      this.packets.push({ packet, from });
      const view = this.views.of(packet, from.name, to.name);
      this.seen.push(view);
      recorder?.segment(view, packet);
    });
    engine.probes.on('drop', ({ segment, reason }) => {
      if (reason.startsWith('cable-') || reason === 'too-big-for-link' || reason === 'corrupted') this.lost.add(segment);
    });
  }

  segments(): readonly SegmentView[] {
    return this.seen.map((view, i) => (this.lost.has(this.packets[i]!.packet.segment) ? { ...view, lost: true } : view));
  }

  datagrams(): readonly DatagramView[] {
    return this.others;
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

  inject(injection: Injection): Result<null, Refusal> {
    const [src, dst] = [parseIpAddress(injection.from.address), parseIpAddress(injection.to.address)];
    if (!src || !dst) return err({ message: `"${(src ? injection.to : injection.from).address}" is no IP address` });
    const from = this.endTowards(dst, src);
    if (!from) return err({ message: `neither end of this link has ${dst} or ${src}` });
    const streams = { ours: streamOf(injection.from, injection.to), theirs: streamOf(injection.to, injection.from) };
    const number = this.numberOf(injection.seq, injection.relativeSeq, streams.ours);
    const acknowledged = this.numberOf(injection.ack, injection.relativeAck, streams.theirs);
    if (!number.ok) return number;
    if (!acknowledged.ok) return acknowledged;
    const segment: Segment = {
      srcPort: injection.from.port,
      dstPort: injection.to.port,
      seq: number.value,
      ack: acknowledged.value,
      flags: injection.flags.split(',').reduce((bits, name) => bits | (name === '' ? 0 : Flag[name as keyof typeof Flag]), 0),
      window: injection.window,
      urgent: injection.urgent,
      options: optionsFor(injection.options),
      payload: Uint8Array.from(injection.payload, (one) => one.charCodeAt(0)),
    };
    if (optionsLength(segment.options) > MAX_OPTIONS) return err({ message: `a header has room for ${MAX_OPTIONS} octets of options` });
    return this.put(from, { src, dst, segment });
  }

  replay(number: number): Result<null, Refusal> {
    const known = this.packets[number - 1];
    if (!known) return err({ message: `this link has not carried a segment ${number}` });
    // A segment of its own, so that the fate of one is not told of the other.
    return this.put(known.from, { ...known.packet, segment: { ...known.packet.segment } });
  }

  private put(from: Plug, packet: TcpPacket): Result<null, Refusal> {
    this.views.injects(packet.segment);
    this.cable.transmit(from, packet);
    return ok(null);
  }

  /** The end from which a packet goes to the one that has `dst`, or which has `src`. */
  private endTowards(dst: IpAddress, src: IpAddress): Plug | undefined {
    const [a, b] = this.cable.ends;
    if (b.owns?.(dst)) return a;
    if (a.owns?.(dst)) return b;
    return [a, b].find((end) => end.owns?.(src));
  }

  /** A number on the wire, as it is or counted from the initial one of its stream. */
  private numberOf(absolute: number | undefined, relative: number | undefined, stream: string): Result<SeqNum, Refusal> {
    if (relative === undefined) return ok(seqNumber(absolute ?? 0));
    const start = this.views.startOf(stream);
    if (start === undefined)
      return err({ message: 'no segment of that connection has been on this link: relative numbers have no beginning' });
    return ok(seqNumber(start + relative));
  }
}

const MAX_OPTIONS = 40; // RFC 9293 §3.1: the data offset counts to 60 octets, 20 of them are the header

/** In the order in which Linux writes them. */
function optionsFor({ mss, sackPermitted, timestamps, windowScale, sack, fastOpen }: Injection['options']): TcpOption[] {
  const options: TcpOption[] = [];
  if (mss !== undefined) options.push({ kind: 'mss', octets: mss });
  if (sackPermitted) options.push({ kind: 'sack-permitted' });
  if (timestamps) options.push({ kind: 'timestamps', ...timestamps });
  if (windowScale !== undefined) options.push({ kind: 'window-scale', shift: windowScale });
  if (sack) options.push({ kind: 'sack', blocks: sack.map(({ left, right }) => ({ left: seqNumber(left), right: seqNumber(right) })) });
  if (fastOpen !== undefined) {
    const cookie = Uint8Array.from(fastOpen.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
    options.push({ kind: 'fast-open', cookie, experimental: false });
  }
  return options;
}

export function cableSettings({ delay, jitter, reorderBy, ...rest }: LinkSettings): Partial<CableSettings> {
  return {
    ...rest,
    ...(delay !== undefined && { delay: nanos(delay) }),
    ...(jitter !== undefined && { jitter: nanos(jitter) }),
    ...(reorderBy !== undefined && { reorderBy: nanos(reorderBy) }),
  };
}
