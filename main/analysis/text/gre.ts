import { EtherType } from '../../wire/ether-type.ts';
import { readU16, readU32 } from '../../wire/octets.ts';
import { cutShort, type Dissection, type Extent, type Finding } from './dissection.ts';
import { printIpv4 } from './ipv4-prefix.ts';
import { printIpv6 } from './ipv6-prefix.ts';
import { printEthernet, printPpp } from './link-prefix.ts';
import { printMpls } from './mpls.ts';

/** Transparent Ethernet bridging. */
const BRIDGED_ETHERNET = 0x6558;

/** Generic routing encapsulation: version 0 (RFC 2784, RFC 2890) and version 1 (RFC 2637, PPTP). */
export function printGre(d: Dissection, { at, length, end }: Extent): Finding {
  const { data } = d;
  if (at + 4 > end) return cutShort(d, 'gre');
  const flags = readU16(data, at);
  const type = readU16(data, at + 2);
  const version = flags & 7;
  if (version > 1 || (version === 0 && flags & 0x4000)) return 'nothing'; // RFC 2784 dropped source routes
  let next = at + 4;
  const fields: readonly (readonly [number, (field: number) => string])[] =
    version === 0
      ? [
          [0x8000, (field) => `, off 0x${(field & 0xffff).toString(16)}`],
          [0x2000, (field) => `, key=0x${field.toString(16)}`],
          [0x1000, (field) => `, seq ${field}`],
        ]
      : [
          [0x2000, (field) => `, call ${field & 0xffff}`],
          [0x1000, (field) => `, seq ${field}`],
          [0x0080, (field) => `, ack ${field}`],
        ];
  d.text += `GREv${version}`;
  for (const [bit, text] of fields) {
    if ((flags & bit) === 0) continue;
    if (next + 4 > end) return cutShort(d, 'gre');
    d.text += text(readU32(data, next));
    next += 4;
  }
  d.text += `, length ${length}: `;
  const inside = { at: next, length: length - (next - at), end };
  if (version === 1) return type === EtherType.PPP && (flags & 0x1000) !== 0 ? printPpp(d, inside) : 'nothing';
  switch (type) {
    case EtherType.IPV4:
      return printIpv4(d, inside);
    case EtherType.IPV6:
      return printIpv6(d, inside);
    case EtherType.MPLS:
      return printMpls(d, inside);
    case BRIDGED_ETHERNET:
      return printEthernet(d, inside);
    default:
      return 'nothing';
  }
}
