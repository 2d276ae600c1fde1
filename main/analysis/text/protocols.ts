import { IpProtocol } from '../../wire/ip-protocol.ts';
import type { Dissection, Extent, Finding } from './dissection.ts';
import { printGre } from './gre.ts';
import { printIpv4 } from './ipv4-prefix.ts';
import { printAuthentication } from './ipv6-extensions.ts';
import { printIpv6 } from './ipv6-prefix.ts';
import { type IpAround, printTcp } from './tcp-line.ts';

/** What IP carries: TCP, a tunnel that may hold TCP, or something this program has no words for. */
export function printProtocol(d: Dissection, first: number, ip: IpAround, start: Extent): Finding {
  let protocol = first;
  let inside = start;
  while (protocol === IpProtocol.AH) {
    const step = printAuthentication(d, inside.at, inside.end);
    if (typeof step === 'string') return step;
    protocol = d.data[inside.at]!;
    inside = { at: inside.at + step.advance, length: inside.length - step.advance, end: inside.end };
  }
  switch (protocol) {
    case IpProtocol.TCP:
      return printTcp(d, ip, inside);
    case IpProtocol.IPV4:
      return printIpv4(d, inside);
    case IpProtocol.IPV6:
      return printIpv6(d, inside);
    case IpProtocol.GRE:
      return printGre(d, inside);
    default:
      return 'nothing';
  }
}
