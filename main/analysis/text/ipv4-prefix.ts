import { ipv4AddressAt } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { readU16 } from '../../wire/octets.ts';
import { cutShort, DEEPEST_NESTING, type Dissection, type Extent, type Finding, malformed } from './dissection.ts';
import { printProtocol } from './protocols.ts';

/** "IP " and what tcpdump says before it comes to TCP. `extent.length` is what the link layer left for IP. */
export function printIpv4(d: Dissection, { at, length, end }: Extent): Finding {
  if (++d.nesting > DEEPEST_NESTING) return 'nothing';
  const { data } = d;
  if (at >= end) return cutShort(d, 'ip');
  const version = data[at]! >> 4;
  if (version !== 4) return malformed(d, version === 6 ? 'IP6, wrong link-layer encapsulation (invalid)' : `IP${version} (invalid)`);
  d.text += 'IP ';
  if (at + 20 > end) return cutShort(d, 'ip');
  if (length < 20) return malformed(d, `truncated-ip ${length}`);
  const headerLength = (data[at]! & 0x0f) * 4;
  if (headerLength < 20) return malformed(d, `bad-hlen ${headerLength}`);
  const totalLength = readU16(data, at + 2);
  if (length < totalLength) d.text += `truncated-ip - ${totalLength - length} bytes missing! `;
  if (totalLength < headerLength) return malformed(d, `bad-len ${totalLength}`);
  const fragment = readU16(data, at + 6);
  if ((fragment & 0x1fff) !== 0) return 'nothing'; // a later fragment has no TCP header to show
  const protocol = data[at + 9]!;
  const addressesPrinted = protocol !== IpProtocol.TCP;
  if (addressesPrinted) d.text += `${ipv4AddressAt(data, at + 12)} > ${ipv4AddressAt(data, at + 16)}: `;
  const packetEnd = Math.min(end, at + totalLength);
  if (at + headerLength > packetEnd) {
    d.text += ` [remaining caplen(${packetEnd - at}) < header length(${headerLength})]`;
    return cutShort(d, 'ip');
  }
  const inside = { at: at + headerLength, length: totalLength - headerLength, end: packetEnd };
  return printProtocol(d, protocol, { version: 4, src: at + 12, dst: at + 16, addressesPrinted }, inside);
}
