import { readU32 } from '../../wire/octets.ts';
import { cutShort, type Dissection, type Extent, type Finding, malformed } from './dissection.ts';
import { printIpv4 } from './ipv4-prefix.ts';
import { printIpv6 } from './ipv6-prefix.ts';

/** A label stack (RFC 3032 §2.1): "MPLS (label 29, tc 0, [S], ttl 255) ". */
export function printMpls(d: Dissection, { at, length, end }: Extent): Finding {
  d.text += 'MPLS';
  let next = at;
  let entry = 0;
  do {
    if (length - (next - at) < 4) return malformed(d, ' (invalid)');
    if (next + 4 > end) return cutShort(d, 'mpls');
    entry = readU32(d.data, next);
    const bottom = entry & 0x100 ? ', [S]' : '';
    d.text += ` (label ${entry >>> 12}, tc ${(entry >>> 9) & 7}${bottom}, ttl ${entry & 0xff})`;
    next += 4;
  } while ((entry & 0x100) === 0);
  if (next >= end) return 'nothing';
  const inside = { at: next, length: length - (next - at), end };
  const version = payloadVersion(entry >>> 12, d.data[next]!);
  if (version === 0) return 'nothing';
  d.text += ' ';
  return version === 4 ? printIpv4(d, inside) : printIpv6(d, inside);
}

/** Two labels name their payload (RFC 3032 §2.1); behind any other its first octet must tell. */
function payloadVersion(label: number, firstOctet: number): 0 | 4 | 6 {
  if (label === 0 || label === 3) return 4;
  if (label === 2) return 6;
  if (firstOctet >= 0x45 && firstOctet <= 0x4f) return 4;
  return firstOctet >> 4 === 6 ? 6 : 0;
}
