import { ip } from '../../../wire/ip-address.ts';
import { decodeIpv4, encodeIpv4 } from '../../../wire/ipv4.ts';
import { decodeIpv6, encodeIpv6, encodeIpv6Fragment } from '../../../wire/ipv6.ts';

/** An IPv4 packet as one of IPv6 with the same payload; its TCP checksum is not made anew. */
export function asIpv6(packet: Uint8Array): Uint8Array {
  const { header, payload } = read(decodeIpv4(packet));
  const [src, dst] = [header.src, header.dst].map((address) => ip(`2001:db8::${address}`)) as [typeof header.src, typeof header.dst];
  return encodeIpv6({ trafficClass: 0, flowLabel: 0, hopLimit: 64, src, dst, extensions: [], protocol: header.protocol }, payload);
}

/** Octets [from, to) of what an IP packet carries as a fragment of it; the last one unless there is more. */
export function piece(packet: Uint8Array, from: number, to: number, identification: number, more?: boolean): Uint8Array {
  return packet[0]! >> 4 === 4 ? pieceOf4(packet, from, to, identification, more) : pieceOf6(packet, from, to, identification, more);
}

function pieceOf4(packet: Uint8Array, from: number, to: number, identification: number, more?: boolean): Uint8Array {
  const { header, payload } = read(decodeIpv4(packet));
  const moreFragments = more ?? to < payload.length;
  return encodeIpv4({ ...header, identification, dontFragment: false, moreFragments, fragmentOffset: from }, payload.subarray(from, to));
}

function pieceOf6(packet: Uint8Array, from: number, to: number, identification: number, more?: boolean): Uint8Array {
  const { header, payload } = read(decodeIpv6(packet));
  const fragment = encodeIpv6Fragment({ offset: from, moreFragments: more ?? to < payload.length, identification });
  return encodeIpv6({ ...header, extensions: [...header.extensions, fragment] }, payload.subarray(from, to));
}

/** An IP packet in fragments of so many units of eight octets; the last size repeats. */
export function cut(packet: Uint8Array, units: readonly number[], identification: number): Uint8Array[] {
  const length = carried(packet);
  const pieces: Uint8Array[] = [];
  for (let from = 0, i = 0; from < length; i++) {
    const to = Math.min(length, from + 8 * units[Math.min(i, units.length - 1)]!);
    pieces.push(piece(packet, from, to, identification));
    from = to;
  }
  return pieces;
}

/** How many octets an IP packet carries. */
export const carried = (packet: Uint8Array): number =>
  (packet[0]! >> 4 === 4 ? read(decodeIpv4(packet)) : read(decodeIpv6(packet))).payload.length;

function read<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }): T {
  if (!result.ok) throw new Error(`not a packet: ${JSON.stringify(result.error)}`);
  return result.value;
}
