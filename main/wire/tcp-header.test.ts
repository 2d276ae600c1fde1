import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transportChecksum } from './checksum.ts';
import { ip } from './ip-address.ts';
import { emptyLocated } from './locate.ts';
import { Flag, type Segment, type TcpOption } from './segment.ts';
import { seq } from './seq.ts';
import { decodeSegment, encodeSegment } from './tcp-header.ts';
import { decodeOptions, encodeOptions, MAX_OPTION_OCTETS, optionsLength } from './tcp-options.ts';
import { emptyTcpView, readTcp } from './tcp-view.ts';
import { describeWireError } from './wire-error.ts';

const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const octets = (maxLength: number) => fc.uint8Array({ maxLength });

/** Kinds that have no meaning of their own here. */
const strangeKind = fc.integer({ min: 35, max: 253 });

const option: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constant<TcpOption>({ kind: 'nop' }),
  u16.map((amount): TcpOption => ({ kind: 'mss', octets: amount })),
  fc.nat(255).map((shift): TcpOption => ({ kind: 'window-scale', shift })),
  fc.constant<TcpOption>({ kind: 'sack-permitted' }),
  fc.array(fc.record({ left: u32.map(seq), right: u32.map(seq) }), { maxLength: 4 }).map((blocks): TcpOption => ({ kind: 'sack', blocks })),
  fc.record({ value: u32, echo: u32 }).map((times): TcpOption => ({ kind: 'timestamps', ...times })),
  fc.record({ cookie: octets(16), experimental: fc.boolean() }).map((open): TcpOption => ({ kind: 'fast-open', ...open })),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((digest): TcpOption => ({ kind: 'md5', digest })),
  fc.record({ minutes: fc.boolean(), amount: fc.nat(0x7fff) }).map((patience): TcpOption => ({ kind: 'user-timeout', ...patience })),
  fc.record({ code: strangeKind, body: octets(20) }).map((unknown): TcpOption => ({ kind: 'unknown', ...unknown })),
);

/** As many of the options as fit a header, filled to whole words with NOPs so that nothing is added on the way. */
const fitting = fc.array(option, { maxLength: 6 }).map((wanted) => {
  const options: TcpOption[] = [];
  for (const one of wanted) if (optionsLength([...options, one]) <= MAX_OPTION_OCTETS) options.push(one);
  while (optionsLength(options) % 4 !== 0) options.push({ kind: 'nop' });
  return options;
});

const segment: fc.Arbitrary<Segment> = fc.record({
  srcPort: u16,
  dstPort: u16,
  seq: u32.map(seq),
  ack: u32.map(seq),
  flags: fc.nat(0x1ff),
  window: u16,
  urgent: u16,
  options: fitting,
  payload: octets(200),
});

const pseudoHeader = { src: ip('10.0.0.1'), dst: ip('10.0.0.2') };

describe('a segment', () => {
  test('survives the wire, and its checksum holds there', () => {
    fc.assert(
      fc.property(segment, (sent) => {
        const bytes = encodeSegment(sent, pseudoHeader);
        expect(transportChecksum(pseudoHeader, 6, bytes)).toBe(0);
        expect(decodeSegment(bytes)).toEqual({ ok: true, value: sent });
      }),
    );
  });

  test('is written into a buffer that has room for it, old contents and all', () => {
    const buffer = new Uint8Array(100).fill(0xee);
    const sent: Segment = {
      srcPort: 1,
      dstPort: 2,
      seq: seq(3),
      ack: seq(4),
      flags: Flag.SYN,
      window: 5,
      urgent: 0,
      options: [],
      payload: Uint8Array.of(9),
    };
    const bytes = encodeSegment(sent, pseudoHeader, buffer);
    expect(bytes.buffer).toBe(buffer.buffer);
    expect(bytes).toEqual(encodeSegment(sent, pseudoHeader));
  });

  test('keeps what no rule allows: SYN and FIN together, a shift above 14', () => {
    const odd: Segment = {
      srcPort: 0,
      dstPort: 0,
      seq: seq(0),
      ack: seq(0),
      window: 0,
      urgent: 0,
      payload: new Uint8Array(0),
      flags: Flag.SYN | Flag.FIN,
      options: [{ kind: 'window-scale', shift: 200 }, { kind: 'nop' }],
    };
    expect(decodeSegment(encodeSegment(odd, pseudoHeader))).toEqual({ ok: true, value: odd });
  });

  test.each([
    ['19 octets', Buffer.alloc(19), 'TCP header needs 20 octets and 19 are there'],
    ['data offset 4', Buffer.alloc(20).fill(0x40, 12, 13), 'impossible TCP data offset: 16'],
    ['data offset 6 in 20 octets', Buffer.alloc(20).fill(0x60, 12, 13), 'TCP options needs 24 octets and 20 are there'],
    [
      'an MSS that runs over the end',
      Buffer.from('0000000000000000000000006000000000000000 01010204'.replace(' ', ''), 'hex'),
      'option 2 has the impossible length 4',
    ],
  ])('says what is wrong with %s', (_name, bytes, words) => {
    const result = decodeSegment(bytes);
    expect(result.ok ? 'decoded' : describeWireError(result.error)).toBe(words);
  });

  test('of hostile octets is a value or an error, never a throw; and the view agrees with it', () => {
    const view = emptyTcpView();
    fc.assert(
      fc.property(
        fc.oneof(
          octets(80),
          segment.map((s) => encodeSegment(s, pseudoHeader)),
        ),
        fc.nat(),
        fc.nat(255),
        (bytes, where, octet) => {
          if (bytes.length > 0) bytes[where % Math.min(bytes.length, 64)] = octet;
          const decoded = decodeSegment(bytes);
          const read = readTcp(bytes, { ...emptyLocated(), tcp: 0, tcpLength: bytes.length, captured: bytes.length }, view);
          if (!decoded.ok) {
            expect(read && !view.optionsMalformed).toBe(false);
            return;
          }
          expect(read).toBe(true);
          const { srcPort, dstPort, seq, ack, flags, window, urgent, payload } = decoded.value;
          expect(view).toMatchObject({ srcPort, dstPort, seq, ack, flags, window, urgent });
          expect(bytes.subarray(view.payload, view.payload + view.payloadLength)).toEqual(payload);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the view of a SYN as Linux sends it', () => {
  const view = emptyTcpView();
  const syn = encodeSegment(
    {
      srcPort: 40000,
      dstPort: 9502,
      seq: seq(0xfffffff0),
      ack: seq(0),
      flags: Flag.SYN,
      window: 64240,
      urgent: 0,
      payload: new Uint8Array(0),
      options: [
        { kind: 'mss', octets: 1460 },
        { kind: 'sack-permitted' },
        { kind: 'timestamps', value: 7, echo: 0 },
        { kind: 'nop' },
        { kind: 'window-scale', shift: 7 },
      ],
    },
    pseudoHeader,
  );
  const at = { ...emptyLocated(), tcpLength: syn.length, captured: syn.length };

  test('has its options', () => {
    expect(readTcp(syn, at, view)).toBe(true);
    expect(view).toMatchObject({
      mss: 1460,
      windowScale: 7,
      sackPermitted: true,
      hasTimestamps: true,
      tsValue: 7,
      tsEcho: 0,
      headerLength: 40,
    });
  });

  test('does not remember them for the next segment', () => {
    readTcp(syn, at, view);
    const bare = syn.slice(0, 20);
    bare[12] = 0x50;
    expect(readTcp(bare, { ...at, tcpLength: 20, captured: 20 }, view)).toBe(true);
    expect(view).toMatchObject({ mss: -1, windowScale: -1, sackPermitted: false, hasTimestamps: false, sackCount: 0, fastOpen: false });
  });

  test('reads what the snapshot length left, and counts what it cut', () => {
    expect(readTcp(syn, { ...at, tcpLength: 1000, captured: 24 }, view)).toBe(true);
    expect(view).toMatchObject({ mss: 1460, windowScale: -1, payloadLength: 960, capturedPayload: 0, optionsMalformed: false });
    expect(readTcp(syn, { ...at, captured: 37 }, view)).toBe(true);
    expect(view).toMatchObject({ hasTimestamps: true, windowScale: -1, optionsMalformed: false });
    expect(readTcp(syn, { ...at, captured: 19 }, view)).toBe(false);
    expect(view).toMatchObject({ srcPort: 40000, dstPort: 9502, reason: 'TCP header cut off by the snapshot length' });
  });

  test('refuses a header that goes on behind its segment', () => {
    expect(readTcp(syn, { ...at, tcpLength: 24, captured: 24 }, view)).toBe(false);
    expect(view.reason).toBe('TCP data offset beyond the segment');
  });

  test('reads SACK blocks in pairs', () => {
    const blocks = [
      { left: seq(10), right: seq(20) },
      { left: seq(0xfffffff0), right: seq(5) },
    ];
    const ack: Segment = {
      srcPort: 1,
      dstPort: 2,
      seq: seq(0),
      ack: seq(0),
      flags: Flag.ACK,
      window: 0,
      urgent: 0,
      payload: new Uint8Array(0),
      options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'sack', blocks }],
    };
    const bytes = encodeSegment(ack, pseudoHeader);
    readTcp(bytes, { ...at, tcpLength: bytes.length, captured: bytes.length }, view);
    expect(view.sackCount).toBe(2);
    expect([...view.sack.subarray(0, 4)]).toEqual([10, 20, 0xfffffff0, 5]);
  });
});

describe('options', () => {
  test('are padded to whole words with end-of-list', () => {
    expect([...encodeOptions([{ kind: 'window-scale', shift: 7 }])]).toEqual([3, 3, 7, 0]);
    expect(decodeOptions(Uint8Array.of(3, 3, 7, 0))).toEqual({ ok: true, value: [{ kind: 'window-scale', shift: 7 }, { kind: 'end' }] });
  });

  test('beyond 40 octets are a bug of the caller', () => {
    expect(() => encodeOptions([{ kind: 'unknown', code: 99, body: new Uint8Array(39) }])).toThrow('41 octets');
  });

  test('of a known kind with a strange length are kept as they stood', () => {
    expect(decodeOptions(Uint8Array.of(2, 3, 5))).toEqual({ ok: true, value: [{ kind: 'unknown', code: 2, body: Uint8Array.of(5) }] });
  });
});
