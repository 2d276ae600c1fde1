import type { Subject } from '../subject.ts';
import { captured, exactly, type Field, inEach, type Reader, u16 } from './field.ts';

const address = (...offsets: readonly number[]): Reader => ({
  list: (s, out) => {
    const { ethernet } = s.layers;
    if (ethernet < 0) return;
    for (const offset of offsets) {
      const octets = exactly(s, ethernet + offset, 6);
      if (octets) out.add(octets);
    }
  },
});

/** Up to 1500 the field is the length of IEEE 802.3. */
const typeField =
  (isType: boolean) =>
  (s: Subject): number => {
    const value = s.layers.ethernet < 0 ? Number.NaN : u16(s, s.layers.ethernet + 12);
    return value > 1500 === isType ? value : Number.NaN;
  };

const tag = (shift: number, mask: number): Reader =>
  inEach(
    (l) => l.vlan,
    (s, at) => (u16(s, at) >>> shift) & mask,
  );

/** Ethernet and the tags of IEEE 802.1Q. */
export const ETHERNET_FIELDS: readonly Field[] = [
  {
    name: 'eth',
    kind: 'protocol',
    title: 'Ethernet: its header',
    frame: {
      list: (s, out) => {
        const header = s.layers.ethernet < 0 ? undefined : captured(s, s.layers.ethernet, s.layers.ethernet + 14);
        if (header) out.add(header);
      },
    },
    carrying: {
      list: (s, out) => {
        const frame = s.layers.ethernet < 0 ? undefined : captured(s, s.layers.ethernet, s.start + s.captured);
        if (frame) out.add(frame);
      },
    },
  },
  { name: 'eth.dst', kind: 'ether', title: 'destination', frame: address(0) },
  { name: 'eth.src', kind: 'ether', title: 'source', frame: address(6) },
  { name: 'eth.addr', kind: 'ether', title: 'source or destination', frame: address(0, 6) },
  { name: 'eth.type', kind: 'unsigned', bits: 16, title: 'EtherType', frame: { slots: [typeField(true)] } },
  { name: 'eth.len', kind: 'unsigned', bits: 16, title: 'length, in frames of IEEE 802.3', frame: { slots: [typeField(false)] } },
  { name: 'vlan', kind: 'label', title: 'a VLAN tag', frame: { has: (s) => s.layers.vlan.count > 0 } },
  { name: 'vlan.id', kind: 'unsigned', bits: 16, title: 'VLAN id', frame: tag(0, 0xfff) },
  { name: 'vlan.dei', kind: 'boolean', title: 'drop eligible', frame: tag(12, 1) },
  { name: 'vlan.priority', kind: 'unsigned', bits: 16, title: 'priority code point', frame: tag(13, 7) },
  {
    name: 'vlan.etype',
    kind: 'unsigned',
    bits: 16,
    title: 'EtherType behind the tag',
    frame: inEach(
      (l) => l.vlan,
      (s, at) => {
        const type = u16(s, at + 2);
        return type > 1500 ? type : Number.NaN;
      },
    ),
  },
];
