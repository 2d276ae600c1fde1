import type { Segment, TcpOption } from '../../wire/segment.ts';
import { optionsLength } from '../../wire/tcp-options.ts';
import { ms } from '../../wire/units.ts';
import { wholeSeconds } from '../jiffies.ts';
import { ipHeaderLength } from '../network/packet.ts';
import { agreeOnEcn } from './ecn.ts';
import type { Tcb } from './tcb.ts';

type OptionOf<K extends TcpOption['kind']> = Extract<TcpOption, { kind: K }>;

/** The first option of that kind; a second one has no meaning. */
export function optionOf<K extends TcpOption['kind']>(segment: Segment, kind: K): OptionOf<K> | undefined {
  const { options } = segment;
  for (let i = 0; i < options.length; i++) if (options[i]!.kind === kind) return options[i] as OptionOf<K>;
  return undefined;
}

const TCP_HEADER = 20;
/** Two NOPs and the timestamps: what every segment carries once agreed (RFC 7323 appendix A). */
export const TIMESTAMPS_OCTETS = 12;
const DEFAULT_MSS = 536; // RFC 9293 §3.7.1, for both versions of IP on Linux
const MAX_SHIFT = 14; // RFC 7323 §2.3
const NOP: TcpOption = { kind: 'nop' };

/** The largest payload that fits the link without options: what the MSS option says (RFC 9293 §3.7.1, RFC 6691). */
export function linkMss(tcb: Tcb): number {
  const ipHeader = ipHeaderLength(tcb.localAddress);
  const mtu = tcb.host.mtuTowards(tcb.remoteAddress);
  // The length field of IPv4 counts the header, that of IPv6 does not.
  const mss = Math.min(mtu - ipHeader, ipHeader === 20 ? 65_535 - ipHeader : 65_535) - TCP_HEADER;
  return Math.min(tcb.settings.maxSegment ?? mss, mss);
}

/** Milliseconds since some moment nobody else knows (RFC 7323 §5.4: between 1 ms and 1 s per tick). */
export const timestampNow = (tcb: Pick<Tcb, 'host' | 'tsOffset'>): number => (Math.floor(tcb.host.clock.now / ms(1)) + tcb.tsOffset) >>> 0;

const timestamps = (tcb: Tcb): TcpOption => ({ kind: 'timestamps', value: timestampNow(tcb), echo: tcb.tsRecent });

/** Options of our SYN or SYN,ACK in the order Linux writes them. `tcb` already knows which ones it may use. */
export function synOptions(tcb: Tcb): TcpOption[] {
  const options: TcpOption[] = [{ kind: 'mss', octets: tcb.advertisedMss }];
  if (tcb.hasTimestamps) {
    if (tcb.hasSack) options.push({ kind: 'sack-permitted' });
    else options.push(NOP, NOP);
    options.push(timestamps(tcb));
  } else if (tcb.hasSack) options.push(NOP, NOP, { kind: 'sack-permitted' });
  if (tcb.hasWindowScale) options.push(NOP, { kind: 'window-scale', shift: tcb.rcvWindScale });
  if (tcb.fastOpenOption) {
    const option = { kind: 'fast-open', cookie: tcb.fastOpenOption.octets, experimental: tcb.fastOpenOption.experimental } as const;
    options.push(option);
    if (optionsLength([option]) % 4 === 2) options.push(NOP, NOP); // Linux pads behind it
  }
  tcb.fastOpenOption = undefined; // a SYN that comes again does without, in case somebody under way disliked it
  return options;
}

/**
 * Options of every later segment: timestamps, and SACK blocks while there is a gap, as many as fit beside the payload. A
 * full segment has no room for them; the ACKs that each arrival beyond the gap causes have.
 */
export function segmentOptions(tcb: Tcb, payloadOctets: number): TcpOption[] {
  const options: TcpOption[] = tcb.hasTimestamps ? [NOP, NOP, timestamps(tcb)] : [];
  const { duplicate } = tcb.acks;
  if (!tcb.hasSack || !(duplicate || tcb.receiveQueue.hasGap)) return options;
  const room = Math.min(tcb.hasTimestamps ? 3 : 4, Math.floor((tcb.mss - payloadOctets - 4) / 8));
  if (room <= 0) return options;
  // What came twice is reported once, in front of the others (RFC 2883 §4).
  const blocks = duplicate ? [duplicate, ...tcb.receiveQueue.sackBlocks(room - 1)] : tcb.receiveQueue.sackBlocks(room);
  options.push(NOP, NOP, { kind: 'sack', blocks });
  tcb.acks.duplicate = undefined;
  return options;
}

/** What this host is willing to use; the SYN offers it. */
export function offerOptions(tcb: Tcb): void {
  const { sysctls } = tcb.host;
  tcb.hasTimestamps = sysctls.now['net.ipv4.tcp_timestamps'] !== 0;
  tcb.hasSack = sysctls.now['net.ipv4.tcp_sack'] !== 0;
  tcb.hasWindowScale = sysctls.now['net.ipv4.tcp_window_scaling'] !== 0;
  tcb.advertisedMss = linkMss(tcb);
}

/** Both sides must have said it (RFC 7323 §1.3, RFC 2018 §2): keeps of our offer what the peer's SYN also has. */
export function agreeOnOptions(tcb: Tcb, syn: Segment): void {
  agreeOnEcn(tcb, syn);
  const theirTimestamps = optionOf(syn, 'timestamps');
  tcb.hasTimestamps &&= theirTimestamps !== undefined;
  if (tcb.hasTimestamps && theirTimestamps) {
    tcb.tsRecent = theirTimestamps.value;
    tcb.tsRecentAt = wholeSeconds(tcb.host.clock.now);
  }
  tcb.hasSack &&= optionOf(syn, 'sack-permitted') !== undefined;
  const theirScale = optionOf(syn, 'window-scale');
  tcb.hasWindowScale &&= theirScale !== undefined;
  tcb.sndWindScale = tcb.hasWindowScale ? Math.min(theirScale!.shift, MAX_SHIFT) : 0;
  if (!tcb.hasWindowScale) tcb.rcvWindScale = 0;
  const theirMss = optionOf(syn, 'mss')?.octets || DEFAULT_MSS;
  // A peer that asks for tiny segments would make us send mostly headers: tcp_min_snd_mss bounds what it can do.
  const least = tcb.host.sysctls.now['net.ipv4.tcp_min_snd_mss'];
  const usable = Math.max(Math.min(theirMss, linkMss(tcb)), least);
  tcb.mss = Math.max(usable - (tcb.hasTimestamps ? TIMESTAMPS_OCTETS : 0), 8);
}
