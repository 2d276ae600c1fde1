import { isVlanTag } from './ether-type.ts';
import { readU16, roomFor, writeU16 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import { truncated, type WireError } from './wire-error.ts';

/** An Ethernet address as lower-case text, "02:00:00:00:00:01", so that `===` compares addresses. */
export type MacAddress = string & { readonly unit: 'mac-address' };

/** A tag of IEEE 802.1Q (or 802.1ad and its forerunners). */
export interface VlanTag {
  /** The EtherType that announces the tag: 0x8100, 0x88a8, 0x9100 or 0x9200. */
  readonly tpid: number;
  /** Priority code point, 0 to 7. */
  readonly priority: number;
  readonly dropEligible: boolean;
  readonly id: number;
}

export interface EthernetFrame {
  readonly dst: MacAddress;
  readonly src: MacAddress;
  /** Outermost first. */
  readonly tags: readonly VlanTag[];
  /** Up to 1500 it is the length field of IEEE 802.3, and the payload starts with LLC. */
  readonly etherType: number;
  readonly payload: Uint8Array;
}

export const ETHERNET_HEADER = 14;

export const macAddressAt = (bytes: Uint8Array, at: number): MacAddress =>
  Array.from(bytes.subarray(at, at + 6), (octet) => octet.toString(16).padStart(2, '0')).join(':') as MacAddress;

/** Reads "2:0:0:0:0:1", "02-00-00-00-00-01" and the like; undefined when the text is no Ethernet address. */
export function parseMacAddress(text: string): MacAddress | undefined {
  const octets = text.split(/[:-]/);
  if (octets.length !== 6 || !octets.every((octet) => /^[0-9a-fA-F]{1,2}$/.test(octet))) return undefined;
  return octets.map((octet) => octet.toLowerCase().padStart(2, '0')).join(':') as MacAddress;
}

const macAddressBytes = (address: MacAddress): number[] => address.split(':').map((octet) => Number.parseInt(octet, 16));

export function decodeEthernet(bytes: Uint8Array): Result<EthernetFrame, WireError> {
  if (bytes.length < ETHERNET_HEADER) return err(truncated('Ethernet header', ETHERNET_HEADER, bytes.length));
  const tags: VlanTag[] = [];
  let at = 12;
  for (let tpid = readU16(bytes, at); isVlanTag(tpid); tpid = readU16(bytes, at)) {
    if (at + 6 > bytes.length) return err(truncated('VLAN tag', at + 6, bytes.length));
    const control = readU16(bytes, at + 2);
    tags.push({ tpid, priority: control >> 13, dropEligible: (control & 0x1000) !== 0, id: control & 0x0fff });
    at += 4;
  }
  return ok({
    dst: macAddressAt(bytes, 0),
    src: macAddressAt(bytes, 6),
    tags,
    etherType: readU16(bytes, at),
    payload: bytes.subarray(at + 2),
  });
}

/** Writes a frame, without padding and check sequence, into `out` when it has room. */
export function encodeEthernet(frame: EthernetFrame, out?: Uint8Array): Uint8Array {
  const bytes = roomFor(ETHERNET_HEADER + 4 * frame.tags.length + frame.payload.length, out);
  bytes.set(macAddressBytes(frame.dst), 0);
  bytes.set(macAddressBytes(frame.src), 6);
  let at = 12;
  for (const tag of frame.tags) {
    writeU16(bytes, at, tag.tpid);
    writeU16(bytes, at + 2, (tag.priority << 13) | (tag.dropEligible ? 0x1000 : 0) | tag.id);
    at += 4;
  }
  writeU16(bytes, at, frame.etherType);
  bytes.set(frame.payload, at + 2);
  return bytes;
}
