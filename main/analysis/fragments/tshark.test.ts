import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { writePcapng } from '../../capture/pcapng-writer.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { ip } from '../../wire/ip-address.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { encodeIpv4 } from '../../wire/ipv4.ts';
import { Analysis } from '../analysis.ts';
import { dissect } from '../filter/dissect.ts';
import { Subject } from '../filter/subject.ts';
import { slot } from '../packet-columns.ts';
import { batchOf, frames } from '../testing/conversation.ts';
import { asIpv6, carried, cut, piece } from './testing/cut.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tcpwb-fragments-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The packets of a script, with a payload in which no octet is its neighbour. */
function packets(script: string): Uint8Array[] {
  const { count, data, offset, capturedLength } = frames(script);
  return Array.from({ length: count }, (_, i) => {
    const packet = data.slice(offset[i], offset[i]! + capturedLength[i]!);
    for (let at = 20 + (packet[32]! >> 4) * 4; at < packet.length; at++) packet[at] = at * 7 + i;
    return packet;
  });
}

const [SYN, SYN_ACK, ACK, FIRST, SECOND] = packets(`
  0 > S 0 0
  0 < SA 0 1
  0 > A 1 1
  0 > PA 1 1 400
  0 > PA 401 1 300`) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const HANDSHAKE = [SYN, SYN_ACK, ACK];

type As = (octets: Uint8Array) => Uint8Array;

const captured = (octets: readonly Uint8Array[], apart = 0.001): FrameBatch =>
  batchOf(octets.map((packet, i) => ({ seconds: 1000 + i * apart, octets: packet })));

function ours(batch: FrameBatch): string[] {
  const analysis = new Analysis();
  analysis.add(batch);
  const { columns } = analysis.tables;
  return Array.from({ length: columns.count }, (_, row) => {
    const page = columns.page(row);
    const i = slot(row);
    return `frame ${page.frame(i)}: stream ${page.connection(i)} seq ${page.seq(i)} len ${page.length(i)}`;
  });
}

/** The values of some fields in each frame that has a segment. */
function tshark(batch: FrameBatch, names: readonly string[]): string[][] {
  const path = join(scratch, 'fragments.pcapng');
  writeFileSync(path, writePcapng([batch]));
  const fields = names.flatMap((field) => ['-e', field]);
  const told = execFileSync('tshark', ['-n', '-r', path, '-Y', 'tcp', '-T', 'fields', ...fields], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return String(told)
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}

const theirs = (batch: FrameBatch): string[] =>
  tshark(batch, ['frame.number', 'tcp.stream', 'tcp.seq_raw', 'tcp.len']).map(
    ([frame, stream, seq, length]) => `frame ${frame}: stream ${stream} seq ${seq} len ${length}`,
  );

const reversed = (pieces: readonly Uint8Array[]): Uint8Array[] => [...pieces].reverse();
const zipped = (a: readonly Uint8Array[], b: readonly Uint8Array[]): Uint8Array[] =>
  a.flatMap((one, i) => (b[i] ? [one, b[i]] : [one])).concat(b.slice(a.length));
const inTunnel = (packet: Uint8Array): Uint8Array =>
  encodeIpv4(
    {
      trafficClass: 0,
      identification: 9,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 64,
      protocol: packet[0]! >> 4 === 4 ? IpProtocol.IPV4 : IpProtocol.IPV6,
      src: ip('192.0.2.1'),
      dst: ip('192.0.2.2'),
      options: new Uint8Array(0),
    },
    packet,
  );

const SCENES: readonly [string, (as: As, id: number) => Uint8Array[]][] = [
  ['in order', (as, id) => cut(as(FIRST), [10], id)],
  ['the last first', (as, id) => reversed(cut(as(FIRST), [10], id))],
  ['as small as can be', (as, id) => cut(as(FIRST), [1], id)],
  ['a SYN, its header in three', (as, id) => cut(as(SYN), [1], id)],
  ['one of them twice', (as, id) => cut(as(FIRST), [10], id).flatMap((part, i) => (i === 1 ? [part, part] : [part]))],
  ['each of them twice', (as, id) => cut(as(FIRST), [10], id).flatMap((part) => [part, part])],
  ['one of them missing', (as, id) => [...cut(as(FIRST), [10], id).filter((_, i) => i !== 1), as(SECOND)]],
  ['the first missing', (as, id) => cut(as(FIRST), [10], id).slice(1)],
  ['the first alone', (as, id) => cut(as(FIRST), [10], id).slice(0, 1)],
  ['two at a time', (as, id) => zipped(cut(as(FIRST), [10], id), cut(as(SECOND), [10], id + 1))],
  ['two at a time, the second whole first', (as, id) => zipped(reversed(cut(as(FIRST), [3], id)), cut(as(SECOND), [20], id + 1))],
  ['one identification, one after the other', (as, id) => [...cut(as(FIRST), [10], id), ...cut(as(SECOND), [10], id)]],
  ['a fragment of a fragment', (as, id) => [piece(as(FIRST), 0, 160, id), piece(as(FIRST), 160, 240, id), piece(as(FIRST), 240, 420, id)]],
  ['something behind the end', (as, id) => [piece(as(FIRST), 240, 420, id), piece(as(FIRST), 0, 240, id), piece(as(SECOND), 0, 80, id)]],
  ['in a tunnel, what it carries cut', (as, id) => cut(as(FIRST), [10], id).map(inTunnel)],
  ['in a tunnel, the tunnel cut', (as, id) => cut(inTunnel(as(FIRST)), [10], id)],
  ['in a tunnel, both cut', (as, id) => cut(as(FIRST), [30], id).flatMap((part, i) => cut(inTunnel(part), [8], id + 1 + i))],
];

/** Fields of fragments and of segments, by which octets are told to be the same. */
const FIELDS = [
  ...['ip.fragment', 'ip.fragment.count', 'ip.reassembled.length', 'ip.frag_offset', 'ip.id', 'ip.len', 'ip.proto'],
  ...['ipv6.fragment', 'ipv6.fragment.count', 'ipv6.reassembled.length', 'ipv6.plen', 'ipv6.nxt'],
  ...['ipv6.fraghdr.offset', 'ipv6.fraghdr.ident'],
  ...['frame.len', 'tcp.srcport', 'tcp.seq_raw', 'tcp.flags', 'tcp.hdr_len', 'tcp.window_size_value', 'tcp.checksum', 'tcp.len'],
];

/** What frames with a segment have in these fields. */
function fieldsOf(batch: FrameBatch): string[] {
  const analysis = new Analysis();
  analysis.add(batch);
  const { columns } = analysis.tables;
  const subject = new Subject(analysis.tables);
  const lines: string[] = [];
  for (let i = 0; i < batch.count; i++) {
    subject.nextFrame(batch, i);
    if (lines.length >= columns.count || columns.frame(lines.length) !== subject.number) continue;
    subject.seekRow(lines.length);
    const present = dissect(subject);
    lines.push(
      FIELDS.map((field) =>
        inOrder(
          field,
          present.filter(({ name }) => name === field).map(({ value }) => Number(value)),
        ),
      ).join(' '),
    );
  }
  return lines;
}

const theirFields = (batch: FrameBatch): string[] =>
  tshark(batch, FIELDS).map((values) =>
    values.map((value, i) => inOrder(FIELDS[i]!, value === '' ? [] : value.split(',').map(Number))).join(' '),
  );

/** Fragments are told in the order of what they hold by one, in that of their frames by the other. */
const inOrder = (field: string, values: number[]): string => (field.endsWith('.fragment') ? values.sort((a, b) => a - b) : values).join();

const EACH = 16;

describe.each([
  ['IPv4', (packet: Uint8Array) => packet],
  ['IPv6', asIpv6],
] as const)('%s: the same segments at the same frames as tshark shows', (_, as) => {
  const scenes = SCENES.map(([, scene], i) => [...scene(as, i * EACH), as(SECOND)]);
  const batch = captured([...HANDSHAKE.map(as), ...scenes.flat()]);
  const their = theirs(batch);
  const our = ours(batch);

  test.each(SCENES.map(([name], i) => [name, i] as const))('%s', (_name, scene) => {
    const first = HANDSHAKE.length + scenes.slice(0, scene).flat().length;
    const within = (line: string) => Number(/\d+/.exec(line)![0]) > first && Number(/\d+/.exec(line)![0]) <= first + scenes[scene]!.length;
    expect(our.filter(within)).toEqual(their.filter(within));
    expect(our.filter(within).length).toBeGreaterThan(0);
  });

  test('and their fields', () => {
    expect(fieldsOf(batch)).toEqual(theirFields(batch));
  });
});

/** Some pieces of a packet, any of them, in any order; they need not make a whole. */
const pieces = fc.array(fc.record({ from: fc.nat(52), units: fc.integer({ min: 1, max: 53 }) }), { minLength: 1, maxLength: 12 });

test('the same on 2000 random heaps of pieces, which overlap, come again, or never make a whole', () => {
  const heaps = fc.sample(fc.record({ pieces, key: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }) }), { numRuns: 2000, seed: 8900 });
  const octets = heaps.flatMap(({ pieces, key }, heap) => {
    const packet = heap % 2 === 0 ? FIRST : SECOND;
    const length = carried(packet);
    return pieces
      .filter(({ from }) => from * 8 < length)
      .map(({ from, units }, i) => ({
        // Heaps lie beside each other, a dozen at a time.
        at: heap + (key[i]! % 12),
        octets: piece(packet, from * 8, Math.min(length, (from + units) * 8), heap),
      }));
  });
  const batch = captured(
    octets.sort((a, b) => a.at - b.at).map(({ octets }) => octets),
    0.1,
  );
  expect(ours(batch)).toEqual(theirs(batch));
  expect(ours(batch).length).toBeGreaterThan(200);
});
