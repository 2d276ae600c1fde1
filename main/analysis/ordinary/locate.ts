import * as at from './layout.ts';
import { be16, be32 } from './memory.ts';

// Where the TCP segment of a frame lies, as `../../wire/locate.ts` finds it in frames with nothing between.
export let ip: i32 = 0;
/** 4 or 6. */
export let version: i32 = 0;
export let tcp: i32 = 0;
/** Octets of header and payload that the IP header claims. */
export let tcpLength: i32 = 0;
/** How many of those were captured. */
export let captured: i32 = 0;
/** Where the frame ended on the wire. */
export let wireEnd: i32 = 0;

const ETHERNET = 1;
const RAW = 101;
const ETHERNET_HEADER = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const TCP = 6;
const LARGEST_FRAME = 1 << 24;

/** False where frame `i` is none of Ethernet or bare IP with TCP right behind, whole and on the first interface. */
export function locate(i: i32): bool {
  const start = load<i32>(at.OFFSET + (i << 2)) + load<i32>(at.BEGIN);
  const length = load<i32>(at.CAPTURED_LENGTH + (i << 2));
  const original = load<i32>(at.ORIGINAL_LENGTH + (i << 2));
  const link: i32 = load<u16>(at.LINK_TYPE + (i << 1));
  if (load<u16>(at.INTERFACE_ID + (i << 1)) !== 0 || original < length || original > LARGEST_FRAME) return false;
  const header = link === ETHERNET ? ETHERNET_HEADER : 0;
  if (link !== ETHERNET && link !== RAW) return false;
  ip = start + header;
  wireEnd = start + original;
  const end = start + length;
  if (end - ip < IPV4_HEADER) return false;
  version = load<u8>(ip) >>> 4;
  if (header > 0 && be16(ip - 2) !== (version === 4 ? IPV4 : IPV6)) return false;
  return version === 4 ? locateInIpv4(end) : version === 6 && locateInIpv6(end);
}

/** No options, no fragment. */
function locateInIpv4(end: i32): bool {
  const versionAndLengths = be32(ip);
  if (versionAndLengths >>> 24 !== 0x45 || (be16(ip + 6) & 0x3fff) !== 0 || load<u8>(ip + 9) !== TCP) return false;
  return isSegment(ip + IPV4_HEADER, (versionAndLengths & 0xffff) - IPV4_HEADER, end);
}

/** No extension headers. */
function locateInIpv6(end: i32): bool {
  if (end - ip < IPV6_HEADER || load<u8>(ip + 6) !== TCP) return false;
  return isSegment(ip + IPV6_HEADER, be16(ip + 4), end);
}

function isSegment(address: i32, length: i32, end: i32): bool {
  tcp = address;
  tcpLength = length;
  captured = min(length, end - address);
  return length > 0;
}
