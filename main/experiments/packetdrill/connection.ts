import { type IpAddress, ip } from '../../wire/ip-address.ts';
import { Flag, type Segment } from '../../wire/segment.ts';

/** How far a script has come with a socket; what decides which packets are its own. */
export type Stage = 'new' | 'listening' | 'connecting' | 'syn-sent' | 'open';

/**
 * What is known of a socket that a script speaks of: its four numbers, and how the script's sequence numbers and
 * timestamps map to those on the cable. A script counts from the first octet, and writes the initial numbers in SYNs only.
 */
export class ScriptSocket {
  stage: Stage = 'new';
  /** The descriptor; undefined until the script accepts it. */
  fd: number | undefined;
  protocol: 'tcp' | 'udp' = 'tcp';
  localAddress: IpAddress = ip('0.0.0.0');
  localPort = 0;
  remoteAddress: IpAddress = ip('0.0.0.0');
  remotePort = 0;
  /** Initial numbers on the cable, and that of the host as the script writes it. */
  localStart = 0;
  scriptLocalStart = 0;
  remoteStart = 0;
  /** The host's timestamps as the script wrote them last, and on the cable. */
  readonly stamps = new Map<number, number>();
  firstStamp: { readonly script: number; readonly live: number } | undefined;

  constructor(fd: number | undefined) {
    this.fd = fd;
  }

  /** The host's initial number is known from its SYN. */
  knowsStart = false;

  /** The host's SYN: its number on the cable, and as the script writes it. */
  learnStart(live: number, script: number): void {
    this.localStart = live;
    this.scriptLocalStart = script;
    this.knowsStart = true;
  }

  /** What to add to a number that counts the host's octets, to come from the script to the cable. */
  localOffset(flags: number): number {
    return flags & Flag.SYN ? this.localStart - this.scriptLocalStart : this.localStart;
  }

  /** Likewise for the peer's; its SYNs carry on the cable what the script says. */
  remoteOffset(flags: number): number {
    return flags & Flag.SYN ? 0 : this.remoteStart;
  }

  /** Does the host send this from here? */
  sends(src: IpAddress, dst: IpAddress, { srcPort, dstPort }: Pick<Segment, 'srcPort' | 'dstPort'>): boolean {
    return src === this.localAddress && dst === this.remoteAddress && srcPort === this.localPort && dstPort === this.remotePort;
  }

  /** Where the host's timestamp `live` stands in the script's count. */
  scriptStamp(live: number): number {
    const { firstStamp } = this;
    return firstStamp ? (firstStamp.script + live - firstStamp.live) >>> 0 : live;
  }

  /** Remembers that the script calls the timestamp `live` by that number. */
  learnStamp(script: number, live: number): void {
    this.stamps.set(script, live);
    this.firstStamp ??= { script, live };
  }
}
