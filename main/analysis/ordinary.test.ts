import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CaptureReader } from '../capture/capture-reader.ts';
import { captureFiles } from '../capture/testing/captures.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { LinkType } from '../wire/link-type.ts';
import { Analysis } from './analysis.ts';
import { Connection, type ConnectionStore } from './connection-store.ts';
import { WORDS } from './connection-words.ts';
import { type PacketColumns, slot } from './packet-columns.ts';
import { WORDS_SHIFT } from './row-words.ts';
import { batchOf, frames } from './testing/conversation.ts';
import { live } from './testing/engine-life.ts';
import { rough } from './testing/random-lives.ts';

function wordsOf(store: ConnectionStore, id: number): Int32Array {
  const connection = new Connection();
  store.seek(id, connection);
  return connection.words.slice(connection.at, connection.at + WORDS);
}

/** Conversations; ORDINARY_RUNS=50000 for a long look. */
const { ORDINARY_RUNS = '1500' } = process.env;
const RUNS = Number(ORDINARY_RUNS);

/** All words of a row, as they stand. */
function rowOf(columns: PacketColumns, row: number): Int32Array {
  const at = slot(row) << WORDS_SHIFT;
  return columns.page(row).words.slice(at, at + (1 << WORDS_SHIFT));
}

/** Everything an analysis can be asked, and the words it keeps. */
function all(analysis: Analysis, batches: readonly FrameBatch[]) {
  for (const batch of batches) analysis.add(batch);
  const { store, columns } = analysis.tables;
  return {
    rows: Array.from({ length: columns.count }, (_, row) => rowOf(columns, row)),
    summary: analysis.summary(),
    changed: analysis.takeChanged(),
    connections: Array.from({ length: store.count }, (_, id) => ({
      record: analysis.record(id),
      segments: analysis.segments(id, 0, 1e9),
      words: wordsOf(store, id),
    })),
  };
}

test('what is taken as ordinary leaves what the rules would leave: every capture', () => {
  for (const path of captureFiles()) {
    const batches: FrameBatch[] = [];
    const reader = new CaptureReader({ onBatch: (batch) => batches.push(batch) });
    reader.push(readFileSync(path));
    reader.finish();
    const name = basename(path);
    expect({ name, ...all(new Analysis(), batches) }).toEqual({ name, ...all(new Analysis({ thorough: true }), batches) });
  }
}, 60_000);

test('random lives, from their first packet and from any later one', () => {
  fc.assert(
    fc.property(rough, fc.nat({ max: 20 }), (life, missed) => {
      const batches = live(life).batches.slice(missed);
      expect(all(new Analysis(), batches)).toEqual(all(new Analysis({ thorough: true }), batches));
    }),
    { numRuns: 150 },
  );
});

/** A segment as its sender would send it next, or nearly so. */
interface Step {
  readonly forth: boolean;
  readonly flags: string;
  readonly length: number;
  /** How far sequence number and acknowledgement are from what would come next, or from all that ever came. */
  readonly seq: number | 'all';
  readonly ack: number | 'all';
  readonly rest: string;
  /** Seconds since the step before. */
  readonly after: number;
}

const SOON = 0.01;
const near = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  fc.constantFrom<number | 'all'>(-100, -1, 1, 100, 5000, 2 ** 31, 'all', 'all'),
);
const anything: fc.Arbitrary<Step> = fc.record({
  forth: fc.boolean(),
  flags: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('A', 'PA') },
    fc.constantFrom('S', 'SA', 'FA', 'R', 'RA', 'U', 'UA', 'F', 'P', 'SF', 'SFA', '-'),
  ),
  length: fc.constantFrom(0, 0, 1, 2, 50, 100),
  seq: near,
  ack: near,
  rest: fc.constantFrom(
    '',
    '',
    'win=100',
    'win=50',
    'win=1',
    'win=0',
    'options=0101080a0000000100000002',
    'options=0303070001010101',
    'options=ff',
  ),
  after: fc.constant(SOON),
});

/** What a SYN may say: nothing, all that is usual, scales too large or alone, and what the rules have to look at. */
const announced = fc.constantFrom(
  '',
  'scale=1',
  'scale=20',
  'scale=1 win=100',
  'options=020405b40402080a000000010000000001030307',
  'options=020405b401030307',
  'options=0204058401010402',
  'options=020405b4220a0102030405060708',
  'options=02030000',
  'options=0304070101010101',
  'options=0101050a0000000100000002',
);
const usual = (forth: boolean, flags: string, length = 0, rest = ''): Step => ({ forth, flags, length, seq: 0, ack: 0, rest, after: SOON });
const strange = fc
  .tuple(anything, fc.constantFrom('F', 'P', '-', 'A', 'FA', 'S', 'SA', 'R'), fc.constantFrom(-1, 1, 100, 5000))
  .map(([one, flags, seq]): Step => ({ ...one, flags, seq }));
const between = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  strange.map((one) => [one]),
);
/** A handshake, and now and then something between its segments. */
const opening = fc
  .tuple(announced, announced, fc.constantFrom(SOON, 50, 70), between, between, fc.constantFrom<0 | 'all'>(0, 0, 'all'))
  .map(([syn, synAck, after, first, second, ack]) => [
    { ...usual(true, 'S', 0, syn), after },
    ...first,
    { ...usual(false, 'SA', 0, synAck), ack },
    ...second,
    { ...usual(true, 'A'), ack },
  ]);
/** Data, and its ACK, alone or with an answer. */
const transfer = fc
  .tuple(fc.boolean(), fc.constantFrom(1, 50, 100, 200, 1000), fc.boolean())
  .map(([forth, length, answered]) => [
    usual(forth, 'PA', length),
    ...(answered ? [usual(!forth, 'PA', length), usual(forth, 'A')] : [usual(!forth, 'A')]),
  ]);
/** One end after the other, with the ACK of the first FIN alone or not; or both at once. */
const close = fc
  .tuple(fc.boolean(), fc.constantFrom('apart', 'together', 'crossing'), fc.constantFrom(0, 0, 0, 7), fc.constantFrom('', '', 'win=0'))
  .map(([forth, how, length, rest]) => [
    usual(forth, 'FA', length),
    ...(how === 'apart' ? [usual(!forth, 'A', 0, rest)] : []),
    { ...usual(!forth, 'FA', length), ack: how === 'crossing' ? -1 : 0 },
    usual(forth, 'A', 0, rest),
    ...(how === 'crossing' ? [usual(!forth, 'A')] : []),
  ]);

/** Steps as they should come, and now and then one that is missing, comes twice or with other numbers. */
const moves = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: opening },
      { weight: 4, arbitrary: transfer },
      { weight: 2, arbitrary: close },
      anything.map((one) => [one]),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => parts.flat())
  .chain((steps) =>
    fc
      .array(fc.tuple(fc.nat({ max: 9 }), near), { minLength: steps.length, maxLength: steps.length })
      .map((fates) => steps.flatMap((step, i) => fated(step, ...fates[i]!))),
  );

function fated(step: Step, fate: number, by: number | 'all'): Step[] {
  if (fate === 0) return [];
  if (fate === 1) return [step, step];
  return [fate === 2 ? { ...step, ack: by } : fate === 3 ? { ...step, seq: by } : step];
}

/** The first comes after the handshake of its connection, if there is one; TIME-WAIT ends between some. */
function script(steps: readonly Step[], handshake: boolean, port: number, begin: number): string[] {
  const begun = handshake ? 1 : 0;
  const next = { client: begun, server: begun };
  const all = { client: begun, server: begun };
  const lines = handshake ? ['0 > S 0 scale=1', '0.01 < SA 0 1 scale=1', '0.02 > A 1 1'] : [];
  let time = begin;
  steps.forEach(({ forth, flags, length, seq, ack, rest, after }) => {
    const [own, peer] = forth ? (['client', 'server'] as const) : (['server', 'client'] as const);
    time += after;
    const from = seq === 'all' ? all[own] : next[own] + seq;
    const to = ack === 'all' ? all[peer] : next[peer] + ack;
    lines.push(`${time} ${forth ? '>' : '<'} ${flags} ${from} ${to} ${length} ${rest}`);
    const end = from + length + (/[SF]/.test(flags) ? 1 : 0);
    all[own] = Math.max(all[own], end);
    if (seq === 0) next[own] = end;
  });
  return lines.map((line) => `${line} port=${port}`);
}

/** How segments come: over IPv6 all, none or one connection's; behind a link layer; and one of them in its own way. */
interface Dress {
  readonly ipv6: 'none' | 'one' | 'all';
  readonly wrapped: '' | 'ethernet' | 'vlan';
  readonly odd: number;
  readonly how: 'router' | 'pieces' | 'fragment' | 'interface' | 'cut' | 'headless' | 'endless' | 'itself' | 'longer';
}

const PLAIN: Dress = { ipv6: 'none', wrapped: '', odd: -1, how: 'router' };

function dressed(batch: FrameBatch, { ipv6, wrapped, odd, how }: Dress): FrameBatch {
  const packets = Array.from({ length: batch.count }).flatMap((_, i) => {
    const packet = batch.data.subarray(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!);
    if (i === odd && how === 'router') packet[8] = 63;
    if (i === odd && how === 'fragment') packet[6] = 0x20;
    if (i === odd && how === 'longer') packet[3]! += 40; // its IP header claims more than the frame had
    if (how === 'itself') packet.copyWithin(16, 12, 16).copyWithin(22, 20, 22);
    const over6 = ipv6 === 'all' || (ipv6 === 'one' && [packet[21], packet[23]].includes(40001 & 0xff));
    const pieces = over6 ? [overIpv6(packet)] : i >= odd && how === 'pieces' && packet.length > 20 + CUT ? inPieces(packet) : [packet];
    const seconds = batch.seconds[i]! + batch.nanoseconds[i]! / 1e9;
    return pieces.map((piece) => ({ seconds, octets: Uint8Array.of(...link(over6, wrapped), ...piece) }));
  });
  const dressed = batchOf(packets);
  const { capturedLength, originalLength, interfaceId, linkType } = dressed;
  if (odd in capturedLength && how === 'cut') capturedLength[odd]! -= 1;
  if (odd in capturedLength && how === 'headless') capturedLength[odd] = 50;
  if (odd in capturedLength && how === 'endless') originalLength[odd]! += 2 ** 31;
  if (odd in capturedLength && how === 'interface') interfaceId[odd] = 1;
  return { ...dressed, linkType: wrapped === '' ? linkType : linkType.fill(LinkType.ETHERNET) };
}

const link = (ipv6: boolean, wrapped: string): number[] =>
  wrapped === '' ? [] : [...new Array(12).fill(2), ...(wrapped === 'vlan' ? [0x81, 0, 0, 5] : []), ...(ipv6 ? [0x86, 0xdd] : [8, 0])];

/** Where a datagram is cut, behind its IP header. */
const CUT = 24;

/** Two IPv4 fragments. */
function inPieces(packet: Uint8Array): Uint8Array[] {
  const first = packet.slice(0, 20 + CUT);
  const second = Uint8Array.of(...packet.subarray(0, 20), ...packet.subarray(20 + CUT));
  first[6] = 0x20;
  first[3] = first.length;
  second[7] = CUT / 8;
  second[2] = second.length >> 8;
  second[3] = second.length & 0xff;
  return [first, second];
}

/** The last octets of the addresses differ, and those before them. */
const overIpv6 = (packet: Uint8Array): number[] => {
  const address = (host: number) => [0x20, 1, 0xd, 0xb8, 0, 0, 0, host, 0, 0, 0, 0, 0, 0, 0, 255 - host];
  const length = packet.length - 20;
  return [
    0x60,
    0,
    0,
    0,
    length >> 8,
    length & 0xff,
    6,
    packet[8]!,
    ...address(packet[15]!),
    ...address(packet[19]!),
    ...packet.subarray(20),
  ];
};

const byTime = (a: string, b: string) => Number.parseFloat(a) - Number.parseFloat(b);

test('conversations at the edge of what is ordinary', () => {
  const numbers = fc.constantFrom(0, 1000, 2 ** 31 - 60, 2 ** 32 - 60, 2 ** 32 - 1);
  const conversation = fc.tuple(fc.oneof(moves, fc.array(anything, { minLength: 1, maxLength: 30 })), fc.boolean());
  const dress = fc.record<Dress>({
    ipv6: fc.constantFrom('none', 'one', 'all'),
    wrapped: fc.constantFrom('', 'ethernet', 'vlan'),
    odd: fc.nat({ max: 40 }),
    how: fc.constantFrom('router', 'pieces', 'fragment', 'interface', 'cut', 'headless', 'endless', 'itself', 'longer'),
  });
  fc.assert(
    fc.property(
      conversation,
      conversation,
      fc.nat({ max: 40 }),
      numbers,
      numbers,
      dress,
      fc.nat({ max: 30 }),
      (one, other, apart, client, server, dress, cut) => {
        const lines = [...script(...one, 40000, 0.03), ...script(...other, 40001, 0.03 + apart / 100)].sort(byTime);
        const parts = [lines.slice(0, cut), lines.slice(cut)].filter(({ length }) => length > 0);
        const batches = parts.map((part) => dressed(frames(part.join('\n'), { client, server }), dress));
        expect(all(new Analysis(), batches)).toEqual(all(new Analysis({ thorough: true }), batches));
      },
    ),
    { numRuns: RUNS },
  );
}, 1e7);

const LIFE = `
  0 > S 0 0 options=020405b40402080a000000010000000001030307
  0.01 < SA 0 1 options=020405b40402080a000000010000000001030307
  0.02 > A 1 1
  0.03 > PA 1 1 100
  0.04 < PA 1 101 1000
  0.05 > A 101 1001`;

test.each([
  ['the end that closes first waits', '0.06 > FA 101 1001\n 0.07 < A 1001 102\n 0.08 < FA 1001 102\n 0.09 > A 102 1002'],
  ['both FINs follow each other', '0.06 < FA 1001 101\n 0.07 > FA 101 1002\n 0.08 < A 1002 102'],
])('a life without an accident goes past the rules, but for its first frame: %s', (_, close) => {
  const batch = frames(`0 > S 0 port=5\n${LIFE}\n${close}`);
  // With a tag only what goes on does: a tag makes the analysis ask whether it saw the packet before.
  for (const ipv6 of ['none', 'all'] as const)
    for (const wrapped of ['', 'ethernet', 'vlan'] as const) {
      const analysis = new Analysis();
      analysis.add(dressed(batch, { ...PLAIN, ipv6, wrapped }));
      expect(analysis.ordinaryPackets).toBe(analysis.tcpPackets - (wrapped === 'vlan' ? 2 : 1));
    }
  const analysis = new Analysis();
  analysis.add(batch);
  expect(analysis.record(1).states.client.at(-1)).toMatchObject({ state: close.startsWith('0.06 >') ? 'TIME-WAIT' : 'CLOSED' });
});

test('a datagram that was put together is read where it lies, not among the frames', () => {
  const opened = frames(
    ['1', '2'].map((port) => ['0 > S 0', '0 < SA 0 1', '0 > A 1 1'].map((line) => `${line} port=${port}`).join('\n')).join('\n'),
  );
  const begun = frames('0.05 > PA 1 1 12 port=2');
  // Where its TCP header will lie in memory of its own, there lies another's among the frames, with the same number.
  const [short, long, cut] = ['> PA 1 1 12 port=1', '> PA 13 1 50 port=1', '> PA 13 1 100 win=1000 port=2'].map(
    (line) => frames(`0.1 ${line}`).data,
  );
  const [first, second] = inPieces(cut!);
  const pieces = batchOf([first!, short!, long!, second!].map((octets) => ({ seconds: 0.1, octets })));
  const analysis = new Analysis();
  expect(all(analysis, [opened, begun, pieces])).toEqual(all(new Analysis({ thorough: true }), [opened, begun, pieces]));
  expect(analysis.segments(1, 4, 1)).toMatchObject([{ length: 100, rawWindow: 1000 }]);
});

test('what the rules add to a batch moves nothing of what goes past them', () => {
  const again = Array.from({ length: 2100 }, (_, i) => `${1 + i / 1000} > PA 1 1 100`).join('\n');
  const batches = [frames(`${LIFE}\n${again}\n${LIFE.replaceAll(/(?<=\S)$/gm, ' port=5')}`)];
  expect(all(new Analysis(), batches)).toEqual(all(new Analysis({ thorough: true }), batches));
});

test('where its memory is full the rules go on alone', () => {
  const lifeAt = (port: number) => LIFE.replaceAll(/(?<=\S)$/gm, ` port=${port}`);
  const batches = Array.from({ length: 8 }, (_, batch) =>
    frames(Array.from({ length: 200 }, (_, i) => lifeAt(1000 + 200 * batch + i)).join('\n')),
  );
  const limited = new Analysis({ ordinaryOctets: 5.2e6 });
  expect(all(limited, batches)).toEqual(all(new Analysis({ thorough: true }), batches));
  expect(limited.ordinaryPackets).toBeGreaterThan(2000);
  expect(limited.ordinaryPackets).toBeLessThan(limited.tcpPackets - 2000);
});
