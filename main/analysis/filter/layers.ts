import { isVlanTag } from '../../wire/ether-type.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { extensionHeaderLength, isExtensionHeader } from '../../wire/ipv6.ts';
import { LinkType } from '../../wire/link-type.ts';
import { locateIp } from '../../wire/locate-ip.ts';
import { locateTunnelled } from '../../wire/locate-tunnel.ts';
import { readU16 } from '../../wire/octets.ts';
import type { Whole } from '../fragments/reassembly.ts';

/** A hostile packet must not make us walk for ever: so many headers of one kind, and so many packets in packets. */
const MOST = 8;
const DEEPEST = 6;

/** Where headers of one kind lie in a frame: the outermost first. */
export class Places {
  count = 0;
  /** Offset in the data. */
  readonly at = new Int32Array(MOST);
  /** Where the layer ends by what headers claim; it may lie beyond what was captured. */
  readonly end = new Int32Array(MOST);
  /** Where what it carries ends, which is no earlier. */
  readonly reach = new Int32Array(MOST);

  add(at: number, end: number, reach = end): void {
    if (this.count === MOST) return;
    this.at[this.count] = at;
    this.end[this.count] = end;
    this.reach[this.count++] = reach;
  }
}

/**
 * Where the headers of one frame lie: those it was sent with, those of packets it tunnels, and those it quotes (ICMP
 * errors), as Wireshark counts them. One record is reused for every frame.
 */
export class Layers {
  /** Offset of the Ethernet header, or -1. */
  ethernet = -1;
  /** Where the captured octets end, those of datagrams that the frame completed among them. */
  captured = 0;
  readonly vlan = new Places();
  readonly ipv4 = new Places();
  readonly ipv6 = new Places();
  /** Those of IPv6. */
  readonly fragmentHeader = new Places();
  readonly tcp = new Places();
  readonly udp = new Places();
  readonly icmp = new Places();
  readonly icmpv6 = new Places();
  private readonly all = [this.vlan, this.ipv4, this.ipv6, this.fragmentHeader, this.tcp, this.udp, this.icmp, this.icmpv6];
  private readonly tag = { vlan: -1 };
  private data: Uint8Array = new Uint8Array(0);
  /** What fragments are pieces of, the outermost first, as far as it is whole. Absent: the frame has none but those it quotes. */
  private wholes: readonly Whole[] | undefined;
  private wholesMet = 0;

  /** Reads the frame at data[start, start+captured), of `original` octets on the wire; what it completed lies behind it. */
  walk(data: Uint8Array, start: number, captured: number, original: number, linkType: number, wholes?: readonly Whole[]): void {
    for (const places of this.all) places.count = 0;
    this.data = data;
    this.wholes = wholes;
    this.wholesMet = 0;
    this.captured = wholes?.at(-1)?.captured ?? start + captured;
    this.ethernet = linkType === LinkType.ETHERNET && captured >= 14 ? start : -1;
    if (this.ethernet >= 0) this.walkTags(start + 12);
    const ip = locateIp(data, start, this.captured, linkType, this.tag);
    if (ip >= 0) this.walkIp(ip, start + Math.max(captured, original), 0);
  }

  private walkTags(typeAt: number): void {
    for (let at = typeAt; at + 6 <= this.captured && isVlanTag(readU16(this.data, at)); at += 4) this.vlan.add(at + 2, at + 6);
  }

  private walkIp(at: number, end: number, depth: number): void {
    if (at >= this.captured || depth > DEEPEST) return;
    const version = this.data[at]! >> 4;
    if (version === 4) this.walkIpv4(at, end, depth);
    else if (version === 6) this.walkIpv6(at, end, depth);
  }

  /** RFC 791 §3.1. Of a fragment that is quoted only the first has a header of what it carries. */
  private walkIpv4(at: number, end: number, depth: number): void {
    const { data } = this;
    if (at + 20 > this.captured) return;
    const headerLength = (data[at]! & 0x0f) * 4;
    if (headerLength < 20) return;
    const total = readU16(data, at + 2) || end - at; // zero: left to the network card
    this.ipv4.add(at, at + headerLength, at + Math.max(headerLength, total));
    if (total < headerLength) return;
    const fragment = readU16(data, at + 6) & 0x3fff;
    if (this.wholes && fragment !== 0) {
      const whole = this.wholes[this.wholesMet++];
      if (whole) this.walkTransport(whole.protocol, whole.at, whole.end, depth);
    } else if ((fragment & 0x1fff) === 0) this.walkTransport(data[at + 9]!, at + headerLength, at + total, depth);
  }

  /** RFC 8200 §3 and §4. */
  private walkIpv6(ip: number, end: number, depth: number): void {
    const { data } = this;
    if (ip + 40 > this.captured) return;
    const payload = readU16(data, ip + 4);
    let stop = payload === 0 ? end : ip + 40 + payload;
    this.ipv6.add(ip, ip + 40, stop);
    let next = data[ip + 6]!;
    let at = ip + 40;
    while (isExtensionHeader(next)) {
      if (at + 8 > this.captured) return;
      if (next === IpProtocol.FRAGMENT) this.fragmentHeader.add(at, at + 8);
      const fragment = next === IpProtocol.FRAGMENT ? readU16(data, at + 2) & 0xfff9 : 0;
      if (this.wholes && fragment !== 0) {
        const whole = this.wholes[this.wholesMet++];
        if (!whole) return;
        [next, at, stop] = [whole.protocol, whole.at, whole.end];
        continue;
      }
      if ((fragment & 0xfff8) !== 0) return;
      const size = extensionHeaderLength(next, data[at + 1]!);
      next = data[at]!;
      at += size;
    }
    this.walkTransport(next, at, stop, depth);
  }

  private walkTransport(protocol: number, at: number, end: number, depth: number): void {
    if (at >= this.captured || at >= end) return;
    switch (protocol) {
      case IpProtocol.TCP:
        this.tcp.add(at, end);
        return;
      case IpProtocol.UDP:
        this.udp.add(at, end);
        break;
      case IpProtocol.ICMP:
        this.icmp.add(at, end);
        if (ICMP_ERRORS.has(this.data[at]!)) this.walkIp(at + 8, end, depth + 1);
        return;
      case IpProtocol.ICMPV6:
        this.icmpv6.add(at, end);
        if (this.data[at]! >= 1 && this.data[at]! <= 4) this.walkIp(at + 8, end, depth + 1);
        return;
      case IpProtocol.AH: {
        const behind = at + 1 < this.captured ? at + extensionHeaderLength(IpProtocol.AH, this.data[at + 1]!) : end;
        if (depth < DEEPEST) this.walkTransport(this.data[at]!, behind, end, depth + 1);
        return;
      }
    }
    const inner = locateTunnelled(protocol, this.data, at, Math.min(end, this.captured), this.tag);
    if (inner >= 0) this.walkIp(inner, end, depth + 1);
  }
}

/** Unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792): each quotes what caused it. */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
