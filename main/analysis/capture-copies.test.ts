import { describe, expect, test } from 'vitest';
import { encodeEthernet, macAddressAt } from '../wire/ethernet.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { ip } from '../wire/ip-address.ts';
import { encodeIpv4 } from '../wire/ipv4.ts';
import { LinkType } from '../wire/link-type.ts';
import { encodeCooked, PacketType } from '../wire/linux-cooked.ts';
import { alignCaptures } from './align/alignment.ts';
import { Analysis } from './analysis.ts';
import { cut } from './fragments/testing/cut.ts';
import { batchOf, events, frames, life } from './testing/conversation.ts';

const LIFE = `
  0.000 > S 0
  0.010 < SA 0 1
  0.020 > A 1 1
  0.030 > PA 1 1 100
  0.031 > PA 101 1 100
  0.040 < A 1 201
  0.050 < PA 1 201 50
  0.060 > FA 201 51
  0.070 < FA 51 202
  0.080 > A 202 52
`;

/** One place where a packet is captured: what stands before it there, and what a way through a router changes. */
interface Place {
  readonly linkType: number;
  readonly interfaceId?: number;
  readonly wrap: (packet: Uint8Array) => Uint8Array;
  readonly hops?: number;
  /** There it comes in fragments of so many units of eight octets. */
  readonly cut?: number;
}

const mac = macAddressAt(Uint8Array.of(2, 0, 0, 0, 0, 1), 0);
const cooked = (interfaceIndex: number | undefined, packetType: number, hops = 0): Place => ({
  linkType: interfaceIndex === undefined ? LinkType.LINUX_SLL : LinkType.LINUX_SLL2,
  wrap: (payload) =>
    encodeCooked({ packetType, hardwareType: 1, address: new Uint8Array(8), addressLength: 6, etherType: 0x0800, interfaceIndex, payload }),
  hops,
});
const ethernet = (interfaceId: number, tag?: number, hops = 0): Place => ({
  linkType: LinkType.ETHERNET,
  interfaceId,
  wrap: (payload) =>
    encodeEthernet({
      dst: mac,
      src: mac,
      tags: tag === undefined ? [] : [{ tpid: 0x8100, priority: 0, dropEligible: false, id: tag }],
      etherType: 0x0800,
      payload,
    }),
  hops,
});
/** Behind an Ethernet header of its own and the octets of another kind of wrapping. */
const behind = (etherType: number, ...wrapping: readonly number[]): Place => ({
  linkType: LinkType.ETHERNET,
  wrap: (payload) => encodeEthernet({ dst: mac, src: mac, tags: [], etherType, payload: Uint8Array.of(...wrapping, ...payload) }),
});
const fabricPath = behind(0x8903, 0, 1, ...new Array<number>(12).fill(2), 0x08, 0x00);
const mpls = behind(0x8847, 0x00, 0x01, 0x01, 0xff);
const pppoe = behind(0x8864, 0x11, 0x00, 0x00, 0x01, 0x00, 0x2a, 0x00, 0x21);
const inTunnel: Place = {
  linkType: LinkType.RAW,
  wrap: (inner) =>
    encodeIpv4(
      {
        trafficClass: 0,
        identification: 9,
        dontFragment: true,
        moreFragments: false,
        fragmentOffset: 0,
        ttl: 64,
        protocol: 4,
        src: ip('192.0.2.1'),
        dst: ip('192.0.2.2'),
        options: new Uint8Array(0),
      },
      inner,
    ),
};
const bare: Place = { linkType: LinkType.RAW, wrap: (packet) => packet };

interface Packet {
  readonly seconds: number;
  readonly octets: Uint8Array;
  readonly place: Place;
}

/** Every segment of a script at each place in turn, 20 µs apart; `identified` as most hosts do, or with identification 0. */
function captured(script: string, places: readonly Place[], identified = true): FrameBatch {
  const source = frames(script);
  const packets: Packet[] = [];
  for (let i = 0; i < source.count; i++) {
    const octets = source.data.slice(source.offset[i]!, source.offset[i]! + source.capturedLength[i]!);
    if (identified) new DataView(octets.buffer).setUint16(4, 1000 + i);
    const seconds = source.seconds[i]! + source.nanoseconds[i]! / 1e9;
    places.forEach((place, n) => {
      const here = octets.slice();
      here[8] = here[8]! - (place.hops ?? 0);
      const parts = place.cut === undefined ? [here] : cut(here, [place.cut], identified ? 1000 + i : 0);
      for (const part of parts) packets.push({ seconds: seconds + n * 20e-6, octets: place.wrap(part), place });
    });
  }
  return {
    ...batchOf(packets),
    linkType: Uint16Array.from(packets, ({ place }) => place.linkType),
    interfaceId: Uint16Array.from(packets, ({ place }) => place.interfaceId ?? 0),
  };
}

function analysed(...batches: FrameBatch[]): Analysis {
  const analysis = new Analysis();
  for (const batch of batches) analysis.add(batch);
  return analysis;
}

const PLACES: readonly (readonly [string, readonly Place[]])[] = [
  ['in and out again through a router, cooked v2', [cooked(2, PacketType.HOST), cooked(3, PacketType.OUTGOING, 1)]],
  ['in and out again on one interface, cooked v1', [cooked(undefined, PacketType.HOST), cooked(undefined, PacketType.OUTGOING, 1)]],
  ['a bridge and its member, cooked v2', [cooked(2, PacketType.HOST), cooked(5, PacketType.HOST)]],
  [
    'a bridge and its member, cooked v1, which does not tell them apart',
    [cooked(undefined, PacketType.HOST), cooked(undefined, PacketType.HOST)],
  ],
  ['three interfaces', [cooked(2, PacketType.HOST), cooked(5, PacketType.HOST), cooked(7, PacketType.OUTGOING)]],
  ['two interfaces of a pcapng', [ethernet(0), ethernet(1)]],
  ['with a VLAN tag and without', [ethernet(0, 9), ethernet(0)]],
  ['without a VLAN tag and with', [ethernet(0), ethernet(0, 9)]],
  ['two VLANs and a router', [ethernet(0, 9), ethernet(0, 10, 1)]],
  ['within FabricPath and outside', [fabricPath, ethernet(0)]],
  ['outside FabricPath and within', [ethernet(0), fabricPath]],
  ['with an MPLS label and without', [mpls, ethernet(0)]],
  ['within PPPoE and outside', [pppoe, ethernet(0)]],
  ['in a tunnel and outside', [inTunnel, bare]],
  ['outside a tunnel and in it', [bare, inTunnel]],
];

describe.each(PLACES)('%s', (_name, places) => {
  const once = analysed(captured(LIFE, [places[0]!])).record(0);

  // Where a cooked header does not tell the places apart, the identification has to.
  const nameless = places.every(({ linkType, hops }) => linkType === LinkType.LINUX_SLL && !hops);
  test.each(nameless ? [true] : [true, false])(
    'nothing was sent twice, and each copy names its first (with an IP identification: %s)',
    (identified) => {
      const analysis = analysed(captured(LIFE, places, identified));
      const record = analysis.record(0);
      const copies = record.events.filter(({ kind }) => kind === 'duplicate-capture');
      expect(copies.map(({ packet, refersTo }) => [packet, refersTo])).toEqual(
        Array.from({ length: 10 }, (_, i) => places.slice(1).map((_place, n) => [i * places.length + n + 2, i * places.length + 1])).flat(),
      );
      expect(record.events.filter(({ kind }) => kind !== 'duplicate-capture').map(({ kind }) => kind)).toEqual(
        once.events.map(({ kind }) => kind),
      );
      expect(record.bytes).toEqual(once.bytes);
      expect(record.packets.client + record.packets.server).toBe(10 * places.length);
      const states = (spans: typeof record.states.client) => spans.map(({ state }) => state);
      expect(states(record.states.client)).toEqual(states(once.states.client));
      expect(states(record.states.server)).toEqual(states(once.states.server));
      expect(life(record.states.client)).not.toContain('?');
      const kinds = analysis.findings(0).map(({ kind }) => kind);
      expect(kinds).toContain('captured-twice');
      expect(kinds).not.toContain('retransmissions');
      expect(kinds).not.toContain('foreign-segments');
    },
  );
});

test('a capture of both interfaces is aligned with one of a single interface', () => {
  const [both, one] = [captured(LIFE, [ethernet(0), ethernet(1)]), captured(LIFE, [ethernet(0)])];
  const alignment = alignCaptures(analysed(both).captured, analysed(one).captured);
  expect(alignment?.matches.map(alignment.judge)).toMatchObject([
    { pairs: 10, directions: { client: { lost: 0, notCaptured: 0 }, server: { lost: 0, notCaptured: 0 } } },
  ]);
});

test('a copy is known though its first came in another batch, and others between', () => {
  const pair = '0.0000 > A 1 1 100\n0.0001 > PA 101 1 100';
  const [plain, wrapped] = [
    captured(pair, [ethernet(0)]),
    captured(pair.replace('0.0000', '0.0002').replace('0.0001', '0.0003'), [fabricPath]),
  ];
  expect(events(analysed(plain, wrapped).record(0))).toBe('duplicate-capture@3 duplicate-capture@4');
  expect(events(analysed(plain, captured('0.2000 > A 1 1 100', [fabricPath])).record(0))).toBe('retransmission@3');
});

test('what is sent again is no copy: it has another identification, or comes to the same place', () => {
  const again = `
    0.000 > A 1 1 100
    0.250 > A 1 1 100
    0.500 > A 1 1 100
  `;
  const kinds = (batch: FrameBatch) => events(analysed(batch).record(0));
  expect(kinds(captured(again, [cooked(2, PacketType.HOST)], false))).toBe('retransmission@2 retransmission@3');
  expect(kinds(captured(again, [cooked(2, PacketType.HOST), cooked(3, PacketType.OUTGOING, 1)]))).toBe(
    'duplicate-capture@2 retransmission@3 duplicate-capture@4 retransmission@5 duplicate-capture@6',
  );
});

test('duplicate ACKs in a burst stay what they are, each with its copy', () => {
  const burst = `
    0.0000 < A 1 1
    0.0001 < A 1 1
    0.0002 < A 1 1
    0.0003 < A 1 1
  `;
  expect(events(analysed(captured(burst, [cooked(2, PacketType.HOST), cooked(3, PacketType.OUTGOING)], false)).record(0))).toBe(
    'duplicate-capture@2 duplicate-ack@3 duplicate-capture@4 duplicate-ack@5 duplicate-capture@6 duplicate-ack@7 duplicate-capture@8',
  );
});

test('a segment that a network doubled comes to the same place twice: it is sent twice', () => {
  const twice = '0.0000 > A 1 1 100';
  const place = cooked(2, PacketType.HOST);
  expect(events(analysed(captured(twice, [place, place])).record(0))).toBe('retransmission@2');
});

describe('a packet that came in fragments', () => {
  const once = '0.0000 > A 1 1 100';
  const whole = cooked(2, PacketType.HOST);
  const inTwo = { ...cooked(3, PacketType.OUTGOING, 1), cut: 8 };
  const rows = (batch: FrameBatch) => {
    const analysis = analysed(batch);
    return `${analysis.segments(0, 0, 9).map(({ frame }) => frame)} ${events(analysis.record(0))}`.trim();
  };

  test.each([true, false])('is known where it was captured whole, and in other fragments (with an IP identification: %s)', (identified) => {
    expect(rows(captured(once, [whole, inTwo], identified))).toBe('1,3 duplicate-capture@3');
    expect(rows(captured(once, [inTwo, whole], identified))).toBe('2,3 duplicate-capture@3');
    expect(rows(captured(once, [{ ...whole, cut: 5 }, inTwo], identified))).toBe('3,5 duplicate-capture@5');
  });

  test('is one where each fragment was captured twice before the next', () => {
    const { data, offset, capturedLength, ...batch } = captured(once, [inTwo, { ...inTwo, interfaceId: 1 }]);
    const order = [0, 2, 1, 3];
    const inOrder = <T extends Uint32Array>(column: T) => column.map((_, i) => column[order[i]!]!);
    expect(rows({ ...batch, data, offset: inOrder(offset), capturedLength: inOrder(capturedLength) })).toBe('3');
  });

  test('is no copy of another one with its own identification', () => {
    expect(rows(captured(`${once}\n0.001 > A 1 1 100`, [inTwo]))).toBe('2,4 retransmission@4');
  });
});
