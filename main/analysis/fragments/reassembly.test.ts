import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { ip } from '../../wire/ip-address.ts';
import { encodeIpv4 } from '../../wire/ipv4.ts';
import { encodeIpv6 } from '../../wire/ipv6.ts';
import { emptyLocated, locateTcp } from '../../wire/locate.ts';
import { Analysis } from '../analysis.ts';
import { readFilter } from '../filter/filter.ts';
import { Selection } from '../filter/selection.ts';
import { Follower } from '../follow/follow.ts';
import { batchOf, frames, type Timed } from '../testing/conversation.ts';
import { LIVES } from '../testing/lives.ts';
import { Reassembly } from './reassembly.ts';
import { asIpv6, carried, cut, piece } from './testing/cut.ts';

const packetsOf = (script: string): Timed[] => {
  const { count, data, offset, capturedLength, seconds, nanoseconds } = frames(script);
  return Array.from({ length: count }, (_, i) => ({
    seconds: seconds[i]! + nanoseconds[i]! / 1e9,
    octets: data.slice(offset[i], offset[i]! + capturedLength[i]!).map((octet, at) => (at < 40 ? octet : at * 7 + i)),
  }));
};

/** A frame that holds nothing of interest, in the place of a fragment. */
const OTHER = Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 99, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);

/** Filters that look at the octets of a segment. */
const FILTERS = [
  'tcp.port == 9502 && tcp.flags.syn == 1',
  'tcp.payload contains 0e:15',
  'tcp.checksum.status != 0',
  'tcp.options.wscale.shift > 0',
  'tcp.hdr_len == 20',
];

function passing(batch: FrameBatch, analysis: Analysis, text: string): number[] {
  const filter = readFilter(text);
  if (!filter.ok) throw new Error(`${text}: ${filter.error.message}`);
  const selection = new Selection(filter.value, analysis.tables);
  selection.add(batch);
  return [...selection.frames()];
}

/** What both sides said, octet for octet. */
function said(batch: FrameBatch, analysis: Analysis, id: number): string[] {
  const pieces: string[] = [];
  const follower = new Follower(analysis.tables, id, (piece) =>
    pieces.push(`${piece.from} ${piece.frame}: ${piece.kind === 'octets' ? piece.octets.join(' ') : `${piece.count} missing`}`),
  );
  follower.add(batch);
  follower.end();
  return pieces;
}

/** All that is said of a capture, but for where its octets lie. */
function told(packets: readonly Timed[], most = Number.POSITIVE_INFINITY): unknown {
  const batch = snapped(batchOf(packets), most);
  const analysis = new Analysis({ checksums: true });
  analysis.add(batch);
  const ids = Array.from({ length: analysis.connectionCount }, (_, id) => id);
  const filtered = FILTERS.map((filter) => passing(batch, analysis, filter));
  const connections = ids.map((id) => ({
    record: analysis.record(id),
    segments: analysis.segments(id, 0, analysis.segmentCount(id)).map(({ position: _p, capturedLength: _c, ...segment }) => segment),
    findings: analysis.findings(id).filter(({ kind }) => kind !== 'fragments'),
    said: said(batch, analysis, id),
  }));
  return { filtered, connections };
}

const analysed = (packets: readonly Timed[]): Analysis => {
  const analysis = new Analysis({ checksums: true });
  analysis.add(batchOf(packets));
  return analysis;
};

const script = fc.constantFrom(...LIVES).map((life) => life.script);
const units = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });

test('however segments are cut, in whatever order their pieces come and however often, they are read as if they had come whole', () => {
  fc.assert(
    fc.property(
      script,
      fc.array(units, { minLength: 30, maxLength: 30 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
      (text, sizes, six, chance) => {
        const random = () => chance.next().value as number;
        const inPieces: Timed[] = [];
        const whole: typeof inPieces = [];
        packetsOf(text).forEach(({ seconds, octets }, i) => {
          const packet = six ? asIpv6(octets) : octets;
          const pieces = cut(packet, sizes[i % sizes.length]!, i);
          const [last, ...early] = pieces
            .map((one) => ({ one, key: random() }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
          for (let n = random() % 3; n > 0 && early.length > 0; n--)
            early.splice(random() % early.length, 0, early[random() % early.length]!);
          for (const one of [...early, last!]) inPieces.push({ seconds, octets: one });
          for (const _ of early) whole.push({ seconds, octets: OTHER });
          whole.push({ seconds, octets: packet });
        });
        expect(told(inPieces)).toEqual(told(whole));
      },
    ),
    { numRuns: 150 },
  );
});

const [whole] = packetsOf('1000 > PA 1 1 400').map(({ octets }) => octets) as [Uint8Array];
const other = whole.map((octet, at) => (at === 30 || at === 300 ? octet ^ 1 : octet));

/** The lengths of the segments found, one fragment a millisecond. */
function lengths(fragments: readonly Uint8Array[], apart = 0.001): string {
  const analysis = analysed(fragments.map((octets, i) => ({ seconds: 1000 + i * apart, octets })));
  const rows = analysis.connectionCount === 0 ? [] : analysis.segments(0, 0, analysis.segmentCount(0));
  return rows.map(({ frame, length }) => `${length} at ${frame}`).join(', ');
}

test('the pieces must agree: what receivers would read in different ways is not read at all', () => {
  const part = (from: number, to: number, packet = whole, more?: boolean) => piece(packet, from, to, 7, more);
  expect(lengths([part(0, 240), part(240, 420)])).toBe('400 at 2');
  expect(lengths([part(0, 240), part(160, 420)])).toBe('400 at 2');
  expect(lengths([part(0, 320), part(240, 420, other)])).toBe('');
  expect(lengths([part(0, 320), part(240, 320, other), part(320, 420)])).toBe('');
  expect(lengths([part(0, 240), part(240, 400, whole, false), part(240, 420)])).toBe('380 at 2'); // what came after belongs to another
  expect(lengths([part(240, 400, whole, false), part(240, 420), part(0, 240)])).toBe(''); // two ends
  expect(lengths([part(240, 420), part(240, 320, whole, false), part(0, 240)])).toBe(''); // an end before the end
  expect(lengths([part(0, 240), part(160, 240, whole, false)])).toBe(''); // an end where more was to come
});

test('no two pieces of an IPv6 datagram may overlap (RFC 5722), though one may come twice', () => {
  const six = asIpv6(whole);
  const part = (from: number, to: number) => piece(six, from, to, 7);
  expect(lengths([part(0, 240), part(160, 420)])).toBe('');
  expect(lengths([part(0, 240), part(160, 320), part(240, 420)])).toBe('');
  expect(lengths([part(0, 240), part(0, 240), part(240, 420)])).toBe('400 at 3');
});

test('a piece is waited for a minute', () => {
  const pieces = [piece(whole, 0, 240, 7), piece(whole, 240, 420, 7)];
  expect(lengths(pieces, 59)).toBe('400 at 2');
  expect(lengths(pieces, 61)).toBe('');
  const [head, tail] = [piece(other, 0, 240, 8), piece(other, 240, 420, 8)];
  const times = [0, 1, 2, 50, 70];
  const analysis = analysed([head, pieces[0]!, head, tail, pieces[1]!].map((octets, i) => ({ seconds: 1000 + times[i]!, octets })));
  expect(analysis.segments(0, 0, 9).map(({ frame }) => frame)).toEqual([4]);
});

test('captured twice one by one, a datagram is one; what is left over of its copies joins no later one of the same identification', () => {
  const [head, tail] = [piece(whole, 0, 240, 7), piece(whole, 240, 420, 7)];
  expect(lengths([head, tail, head, tail])).toBe('400 at 2, 400 at 4');
  const [nextHead, nextTail] = [piece(other, 0, 240, 7), piece(other, 240, 420, 7)];
  expect(lengths([head, head, tail, tail, nextHead, nextTail])).toBe('400 at 3, 400 at 6');
});

/** A capture of which only so many octets of each packet were kept. */
const snapped = (batch: FrameBatch, most: number): FrameBatch => ({
  ...batch,
  capturedLength: batch.capturedLength.map((n) => Math.min(n, most)),
});

test('cut by the snapshot length, segments are read from their fragments as from themselves', () => {
  fc.assert(
    fc.property(script, fc.integer({ min: 6, max: 40 }), fc.boolean(), (text, units, lastFirst) => {
      const inPieces: Timed[] = [];
      const all: Timed[] = [];
      for (const { seconds, octets } of packetsOf(text)) {
        const pieces = cut(octets, [units], all.length);
        for (const one of lastFirst ? pieces.reverse() : pieces) inPieces.push({ seconds, octets: one });
        for (const _ of pieces.slice(1)) all.push({ seconds, octets: OTHER });
        all.push({ seconds, octets });
      }
      expect(told(inPieces, 60)).toEqual(told(all, 60));
    }),
    { numRuns: 30 },
  );
});

test('what was captured of a datagram ends where something is missing', () => {
  const reassembly = new Reassembly();
  const located = emptyLocated();
  const taken = (octets: Uint8Array, captured: number) => {
    const batch = snapped(batchOf([{ seconds: 1000, octets }]), captured);
    locateTcp(batch.data, 0, captured, 101, located, octets.length);
    return reassembly.take(batch, 0, 1, located)?.wholes.map(({ at, end, captured: to }) => [end - at, to - at]);
  };
  expect(taken(piece(whole, 240, 420, 7), 50)).toBeUndefined();
  expect(taken(piece(whole, 0, 160, 7), 180)).toBeUndefined();
  expect(taken(piece(whole, 160, 240, 7), 53)).toEqual([[420, 193]]);
  expect(taken(piece(whole, 240, 420, 8), 20)).toBeUndefined();
  expect(taken(piece(whole, 0, 240, 8), 260)).toEqual([[420, 240]]);
});

const LONELY = {
  trafficClass: 0,
  identification: 0,
  dontFragment: false,
  moreFragments: true,
  ttl: 64,
  protocol: 6,
  src: ip('10.0.0.1'),
  dst: ip('10.0.0.2'),
  options: new Uint8Array(0),
};

const inTunnel = (packet: Uint8Array, version: number): Uint8Array =>
  version === 4
    ? encodeIpv4({ ...LONELY, moreFragments: false, fragmentOffset: 0, protocol: packet[0]! >> 4 === 4 ? 4 : 41 }, packet)
    : encodeIpv6({ ...OUTER6, protocol: packet[0]! >> 4 === 4 ? 4 : 41 }, packet);
const OUTER6 = { trafficClass: 0, flowLabel: 0, hopLimit: 64, src: ip('2001:db8::3'), dst: ip('2001:db8::4'), extensions: [] };

test('fragments without end take no more memory than allowed', () => {
  const analysis = new Analysis();
  const pieces = [piece(whole, 0, 8, 0, true), piece(asIpv6(whole), 0, 8, 0, true)];
  const far = new Uint8Array(20_000).fill(1);
  far.set(encodeIpv4({ ...LONELY, fragmentOffset: 40_000 }, far.subarray(20)));
  let most = 0;
  for (let n = 0; n < 40; n++) {
    const octets = Array.from({ length: 1000 }, (_, i) => {
      const kind = i % 3;
      const packet = kind < 2 ? pieces[kind]!.slice() : far.slice();
      packet.set([n, i >> 8, i], kind === 1 ? 45 : 17); // its identification, or its destination
      return { seconds: 1000, octets: packet };
    });
    analysis.add(batchOf(octets));
    most = Math.max(most, analysis.memory.connections);
  }
  expect(most).toBeLessThan(8 << 20);
  expect(analysis.summary()).toMatchObject({ packets: 40_000, tcpPackets: 0, malformed: 0 });
});

const hostile = fc.record({
  from: fc.nat(60),
  units: fc.integer({ min: 0, max: 60 }),
  identification: fc.constantFrom(1, 1, 1, 2),
  more: fc.boolean(),
  /** Around it, from within: 4 and 6 a tunnel, 1 a fragment of it. */
  wraps: fc.array(fc.constantFrom(4, 6, 1), { maxLength: 6 }),
  six: fc.boolean(),
  damage: fc.option(fc.tuple(fc.nat(120), fc.nat(255)), { freq: 4 }),
});

test('whatever fragments say, all is bounded, and who reads the capture again finds the segments that the analysis found', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 25 }), (heap) => {
      const packets = heap.map(({ from, units, identification, more, wraps, six, damage }, i) => {
        let packet = piece(six ? asIpv6(whole) : whole, Math.min(from, 52) * 8, Math.min(420, (from + units) * 8), identification, more);
        for (const wrap of wraps) packet = wrap === 1 ? piece(packet, 0, carried(packet), 9, false) : inTunnel(packet, wrap);
        if (damage && damage[0] < packet.length) packet[damage[0]] = damage[1];
        return { seconds: 1000 + i * 0.02, octets: packet };
      });
      const batch = batchOf(packets);
      const analysis = new Analysis();
      analysis.add(batch);
      const filter = readFilter('tcp');
      if (!filter.ok) throw new Error(filter.error.message);
      const again = new Selection({ ...filter.value, needsOctets: true }, analysis.tables);
      again.add(batch);
      expect(again.rows.count).toBe(analysis.tcpPackets);
      found += analysis.tcpPackets;
    }),
    { numRuns: 1500 },
  );
  expect(found).toBeGreaterThan(300);
});
