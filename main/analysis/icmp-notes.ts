import { IcmpUnreachable } from '../wire/icmp.ts';
import { IpProtocol } from '../wire/ip-protocol.ts';
import type { Located } from '../wire/locate.ts';
import { readU16, readU32 } from '../wire/octets.ts';
import type { SeqNum } from '../wire/seq.ts';

/** What an ICMP error says of the packet it quotes. */
export type IcmpComplaint = 'too-big' | 'unreachable' | 'prohibited' | 'time-exceeded';

/** An ICMP error that quotes a segment of a connection. */
export interface IcmpNote {
  readonly complaint: IcmpComplaint;
  /** 1-based number of its frame. */
  readonly frame: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** The MTU of the hop that refused a packet too big for it; 0 where it does not say. */
  readonly mtu: number;
  /** Of the segment quoted. */
  readonly seq: SeqNum;
  /** That segment was sent by the connection's second endpoint. */
  readonly fromSecond: boolean;
}

/** The head of the quoted segment: its ports and its sequence number (RFC 792). */
export interface Quoted {
  complaint: IcmpComplaint;
  mtu: number;
  /** Offset in the frame's data of the quoted IP header, its version, and the offset of the quoted TCP header. */
  ip: number;
  ipVersion: number;
  tcp: number;
}

const ICMP_HEADER = 8;
const IPV6_HEADER = 40;
/** Of a quoted TCP header an ICMP error holds at least its ports and sequence number. */
const QUOTED_TCP = 8;

/** The quotation in a located packet that is an ICMP error about a TCP segment; undefined for anything else. */
export function quotedSegment(data: Uint8Array, at: Located, end: number): Quoted | undefined {
  const { ip, ipVersion, ipHeaderLength } = at;
  if (ipVersion === 4 && data[ip + 9] !== IpProtocol.ICMP) return undefined;
  if (ipVersion === 6 && (data[ip + 6] !== IpProtocol.ICMPV6 || ipHeaderLength !== IPV6_HEADER)) return undefined;
  const icmp = ip + ipHeaderLength;
  const inner = icmp + ICMP_HEADER;
  if (ipVersion === 0 || inner + 20 > end) return undefined;
  const complaint = ipVersion === 4 ? complaint4(data[icmp]!, data[icmp + 1]!) : complaint6(data[icmp]!, data[icmp + 1]!);
  if (complaint === undefined || data[inner]! >> 4 !== ipVersion) return undefined;
  if (ipVersion === 4 && (readU16(data, inner + 6) & 0x1fff) !== 0) return undefined; // only the first fragment has ports
  const protocol = ipVersion === 4 ? data[inner + 9]! : data[inner + 6]!;
  const tcp = inner + (ipVersion === 4 ? (data[inner]! & 0x0f) * 4 : IPV6_HEADER);
  if (protocol !== IpProtocol.TCP || tcp + QUOTED_TCP > end) return undefined;
  const mtu = complaint !== 'too-big' ? 0 : ipVersion === 4 ? readU16(data, icmp + 6) : readU32(data, icmp + 4);
  return { complaint, mtu, ip: inner, ipVersion, tcp };
}

/** RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
function complaint4(type: number, code: number): IcmpComplaint | undefined {
  if (type === 11) return 'time-exceeded';
  if (type !== 3) return undefined;
  if (code === IcmpUnreachable.FRAGMENTATION_NEEDED) return 'too-big';
  return code === 9 || code === 10 || code === IcmpUnreachable.ADMINISTRATIVELY ? 'prohibited' : 'unreachable';
}

/** RFC 4443 §3. */
function complaint6(type: number, code: number): IcmpComplaint | undefined {
  if (type === 1) return code === 1 || code === 5 || code === 6 ? 'prohibited' : 'unreachable';
  if (type === 2) return 'too-big';
  return type === 3 ? 'time-exceeded' : undefined;
}

/** So many notes are kept of one connection and of a capture; a flood of forged ones fills no memory. */
const MOST_OF_ONE = 32;
const MOST = 16_384;

/** What ICMP said of connections. */
export class IcmpNotes {
  private kept = 0;
  private readonly byConnection = new Map<number, IcmpNote[]>();

  add(connection: number, note: IcmpNote): void {
    const notes = this.byConnection.get(connection);
    if (this.kept >= MOST || (notes && notes.length >= MOST_OF_ONE)) return;
    this.kept++;
    if (notes) notes.push(note);
    else this.byConnection.set(connection, [note]);
  }

  of(connection: number): readonly IcmpNote[] {
    return this.byConnection.get(connection) ?? [];
  }
}
