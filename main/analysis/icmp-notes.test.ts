import { expect, test } from 'vitest';
import { encodeIcmp, IcmpUnreachable } from '../wire/icmp.ts';
import { ip } from '../wire/ip-address.ts';
import { IpProtocol } from '../wire/ip-protocol.ts';
import { encodeIpv4, type Ipv4Header } from '../wire/ipv4.ts';
import { emptyLocated, locateTcp } from '../wire/locate.ts';
import { quotedSegment } from './icmp-notes.ts';
import { frames } from './testing/conversation.ts';

const HEADER: Ipv4Header = {
  trafficClass: 0,
  identification: 1,
  dontFragment: false,
  moreFragments: true,
  fragmentOffset: 0,
  ttl: 64,
  protocol: IpProtocol.TCP,
  src: ip('10.0.0.1'),
  dst: ip('10.0.0.2'),
  options: new Uint8Array(0),
};
const segment = frames('0 > S 0 0').data.subarray(20);

/** What an ICMP error says of a fragment of a segment at this offset. */
function quoted(fragmentOffset: number) {
  const original = encodeIpv4({ ...HEADER, fragmentOffset }, segment);
  const error = encodeIcmp({ kind: 'unreachable', code: IcmpUnreachable.HOST, mtu: 0, original });
  const octets = encodeIpv4({ ...HEADER, moreFragments: false, protocol: IpProtocol.ICMP }, error);
  const located = emptyLocated();
  expect(locateTcp(octets, 0, octets.length, 101, located)).toBe('not-tcp');
  return quotedSegment(octets, located, octets.length);
}

test('an error that quotes the first fragment is of its segment; what a later one has in the place of ports is none', () => {
  expect(quoted(0)).toMatchObject({ complaint: 'unreachable', tcp: 48 });
  expect(quoted(8)).toBeUndefined();
});
