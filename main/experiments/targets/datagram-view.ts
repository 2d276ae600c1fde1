import type { IcmpPacket, Packet } from '../../engine/network/packet.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import type { DatagramView } from './target.ts';

/** A packet of UDP or ICMP as a script sees it; undefined for what is neither, such as a fragment. */
export function datagramView(packet: Packet, from: string, to: string, time: number): DatagramView | undefined {
  const { src, dst, datagram, icmp } = packet;
  const ends = (srcPort: number, dstPort: number) => ({
    time,
    from,
    to,
    source: { address: src, port: srcPort },
    destination: { address: dst, port: dstPort },
  });
  if (datagram) return { ...ends(datagram.srcPort, datagram.dstPort), protocol: 'udp', length: datagram.payload.length };
  if (icmp) return { ...ends(0, 0), protocol: ipVersionOf(src) === 4 ? 'icmp' : 'icmpv6', ...messageView(icmp) };
  return undefined;
}

function messageView(icmp: IcmpPacket['icmp']): Pick<DatagramView, 'message' | 'code' | 'mtu' | 'length'> {
  const body = 'original' in icmp ? icmp.original : 'data' in icmp ? icmp.data : icmp.body;
  return {
    message: icmp.kind,
    length: body.length,
    ...('code' in icmp && { code: icmp.code }),
    ...('mtu' in icmp && icmp.mtu > 0 && { mtu: icmp.mtu }),
  };
}
