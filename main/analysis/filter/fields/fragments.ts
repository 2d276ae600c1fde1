import type { Field, Reader } from './field.ts';
import { bits, inEach, u8, u16, u32 } from './field.ts';

/** What follows from the datagrams of one IP version that a frame completed. */
const completed = (ipVersion: number, values: (frames: readonly number[], octets: number) => readonly number[]): Reader => ({
  list: (s, out) => {
    for (const whole of s.wholes ?? [])
      if (whole.ipVersion === ipVersion) for (const value of values(whole.frames, whole.end - whole.at)) out.add(value);
  },
});

const reassembled = (ipVersion: 4 | 6, prefix: string): readonly Field[] => [
  {
    name: `${prefix}.fragment`,
    kind: 'frame',
    title: 'a frame that brought a fragment of the datagram completed here',
    frame: completed(ipVersion, (frames) => frames),
  },
  {
    name: `${prefix}.fragment.count`,
    kind: 'unsigned',
    bits: 32,
    title: 'fragments of the datagram completed here',
    frame: completed(ipVersion, ({ length }) => [length]),
  },
  {
    name: `${prefix}.reassembled.length`,
    kind: 'unsigned',
    bits: 32,
    title: 'octets that the datagram completed here carries',
    frame: completed(ipVersion, (_, octets) => [octets]),
  },
];

const each = (read: Parameters<typeof inEach>[1]): Reader => inEach((layers) => layers.fragmentHeader, read);

/** The fragment header of IPv6 (RFC 8200 §4.5), and the datagrams of either version that fragments made whole. */
export const FRAGMENT_FIELDS: readonly Field[] = [
  ...reassembled(4, 'ip'),
  ...reassembled(6, 'ipv6'),
  { name: 'ipv6.fraghdr', kind: 'label', title: 'fragment header', frame: { has: (s) => s.layers.fragmentHeader.count > 0 } },
  {
    name: 'ipv6.fraghdr.offset',
    kind: 'unsigned',
    bits: 16,
    title: 'fragment offset, in units of eight octets',
    frame: each((s, at) => bits(u16(s, at + 2), 3, 0x1fff)),
  },
  { name: 'ipv6.fraghdr.more', kind: 'boolean', title: 'more fragments', frame: each((s, at) => bits(u8(s, at + 3), 0, 1)) },
  { name: 'ipv6.fraghdr.ident', kind: 'unsigned', bits: 32, title: 'identification', frame: each((s, at) => u32(s, at + 4)) },
];
