import { describe, expect, test } from 'vitest';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { LinkType } from '../wire/link-type.ts';
import { encodeCooked, PacketType } from '../wire/linux-cooked.ts';
import { Analysis } from './analysis.ts';
import { batchOf, events, frames } from './testing/conversation.ts';

/**
 * Segments as they were captured, one a line: `PLACE ID SEGMENT`, the segment as `conversation.ts` writes it. A place is the number of an
 * interface and the direction, as in `2in`; `cooked1` captures do not tell the number. `-` stands for no identification.
 */
function captured(script: string, { cooked1 = false, first = 0 } = {}): FrameBatch {
  const lines = script
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/) as [string, string, ...string[]]);
  const source = frames(lines.map(([, , ...segment]) => segment.join(' ')).join('\n'), { client: first });
  const packets = lines.map(([place, id], i) => {
    const payload = source.data.slice(source.offset[i]!, source.offset[i]! + source.capturedLength[i]!);
    if (id !== '-') new DataView(payload.buffer).setUint16(4, Number(id));
    const packetType = place.endsWith('in') ? PacketType.HOST : PacketType.OUTGOING;
    const interfaceIndex = cooked1 ? undefined : Number.parseInt(place, 10);
    return {
      seconds: source.seconds[i]! + source.nanoseconds[i]! / 1e9,
      octets: encodeCooked({
        packetType,
        hardwareType: 1,
        address: new Uint8Array(8),
        addressLength: 6,
        etherType: 0x0800,
        interfaceIndex,
        payload,
      }),
    };
  });
  return { ...batchOf(packets), linkType: new Uint16Array(lines.length).fill(cooked1 ? LinkType.LINUX_SLL : LinkType.LINUX_SLL2) };
}

/** What the capture says, with the frame that each copy had first: `copy@3<1`. */
function said(script: string, options: Parameters<typeof captured>[1] = {}): string {
  const analysis = new Analysis();
  analysis.add(captured(script, options));
  const record = analysis.record(0);
  return record.events
    .map(({ kind, packet, refersTo }) => (kind === 'duplicate-capture' ? `copy@${packet}<${refersTo}` : `${kind}@${packet}`))
    .join(' ');
}

const WHOLE = '2in 700 0.000000 > PA 1 1 2500';
const PIECES = `
  3out 700 0.000010 > A 1 1 1000
  3out 701 0.000011 > A 1001 1 1000
  3out 702 0.000012 > PA 2001 1 500
`;
const stamped = (script: string, value: number) => script.replace(/$/gm, ` options=0101080a0000000${value}00000002`);
const JOINED = WHOLE.replace('0.000000', '0.000020');

describe('octets that were captured in other pieces before', () => {
  test('a large segment goes out in pieces', () => {
    expect(said(WHOLE + PIECES)).toBe('copy@2<1 copy@3<1 copy@4<1');
  });

  test('pieces that came in are joined', () => {
    expect(said(`${PIECES.trim()}\n${JOINED}`)).toBe('copy@4<1');
  });

  test('pieces are joined otherwise: neither place has the other’s', () => {
    expect(
      said(`
        2in  700 0.000000 > A 1 1 3000
        2in  703 0.000001 > A 3001 1 2000
        3out 700 0.000010 > A 1 1 2000
        3out 702 0.000011 > A 2001 1 3000
      `),
    ).toBe('copy@3<1 copy@4<1');
  });

  test('at three places: whole, in pieces, and whole again', () => {
    expect(said(`${WHOLE}${PIECES}${JOINED.replace('2in', '5out')}`)).toBe('copy@2<1 copy@3<1 copy@4<1 copy@5<1');
  });

  test('at three places: in pieces, whole, and in other pieces', () => {
    expect(
      said(`${PIECES.trim()}
        ${JOINED}
        5out 700 0.000030 > A 1 1 2000
        5out 702 0.000031 > PA 2001 1 500
      `),
    ).toBe('copy@4<1 copy@5<1 copy@6<3');
  });

  test('pieces may all have the identification of the whole, or there is none (IPv6)', () => {
    expect(said(WHOLE + PIECES.replace(/70[12]/g, '700'))).toBe('copy@2<1 copy@3<1 copy@4<1');
    expect(said((WHOLE + PIECES).replace(/70\d/g, '-'))).toBe('copy@2<1 copy@3<1 copy@4<1');
  });

  test('identifications and sequence numbers wrap', () => {
    const wrapped = (WHOLE + PIECES).replaceAll(' 700 ', ' 65535 ').replaceAll(' 701 ', ' 0 ').replaceAll(' 702 ', ' 1 ');
    expect(said(wrapped)).toBe('copy@2<1 copy@3<1 copy@4<1');
    expect(said(WHOLE + PIECES, { first: 2 ** 32 - 1500 })).toBe('copy@2<1 copy@3<1 copy@4<1');
    expect(said(`${PIECES.trim()}\n${JOINED}`, { first: 2 ** 32 - 1501 })).toBe('copy@4<1');
  });

  test('FIN stands on the last piece', () => {
    const closing = (WHOLE + PIECES).replace('PA 1 1 2500', 'FPA 1 1 2500').replace('PA 2001', 'FPA 2001');
    expect(said(closing)).toBe('copy@2<1 copy@3<1 copy@4<1');
  });

  test('on `any` of version 1, which does not tell interfaces, the identifications tell the pieces', () => {
    const bridged = (WHOLE + PIECES).replaceAll('3out', '2in');
    expect(said(bridged, { cooked1: true })).toBe('copy@2<1 copy@3<1 copy@4<1');
    expect(said(`${PIECES.replaceAll('3out', '2in').trim()}\n${JOINED}`, { cooked1: true })).toBe('copy@4<1');
  });

  test('the place is told by two interfaces of a pcapng, too, and the whole may come before the second one shows', () => {
    const batch = captured(WHOLE + PIECES);
    const raw = batchOf(
      Array.from({ length: batch.count }, (_, i) => ({
        seconds: batch.nanoseconds[i]! / 1e9,
        octets: batch.data.slice(batch.offset[i]! + 20, batch.offset[i]! + batch.capturedLength[i]!),
      })),
    );
    const analysis = new Analysis();
    analysis.add({ ...raw, interfaceId: Uint16Array.of(0, 1, 1, 1) });
    expect(events(analysis.record(0))).toBe('duplicate-capture@2 duplicate-capture@3 duplicate-capture@4');
  });
});

describe('what is sent again', () => {
  const again = `
    2in  703 0.004000 > A 1001 1 1000
    3out 703 0.004010 > A 1001 1 1000
  `;

  test('is a retransmission once, wherever it passes', () => {
    const kinds = 'copy@2<1 copy@3<1 copy@4<1 retransmission@5 copy@6<5';
    expect(said(WHOLE + PIECES + again)).toBe(kinds);
    expect(said((WHOLE + PIECES + again).replace(/70\d/g, '-'))).toBe(kinds);
  });

  test('is one also where the first was captured at both places, and only one of them captures it again', () => {
    const kinds = 'copy@2<1 copy@3<1 copy@4<1 retransmission@5';
    for (const place of ['2in ', '3out']) {
      const only = again.split('\n').find((line) => line.includes(place))!;
      expect(said(WHOLE + PIECES + only), place).toBe(kinds);
      expect(said((WHOLE + PIECES + only).replace(/70\d/g, '-')), place).toBe(kinds);
    }
  });

  test('is no copy of what was lost between the places: its identification is another', () => {
    const lost = `${WHOLE}
      3out 700 0.000010 > A 1 1 1000
      3out 702 0.000012 > PA 2001 1 500
    `;
    expect(said(`${lost}${again}`)).toBe('copy@2<1 copy@3<1 retransmission@4 copy@5<4');
    // The first place did not capture it again.
    expect(said(`${lost}\n${again.trim().split('\n')[1]}`)).toBe('copy@2<1 copy@3<1 retransmission@4');
  });

  test('comes later than a queue takes, where identification or timestamps tell a copy', () => {
    const queued = (seconds: number, id: string) => said(stamped(`2in ${id} 0 > A 1 1 2000\n3out ${id} ${seconds} > A 1 1 1000`, 1));
    expect(queued(0.9, '700')).toBe('copy@2<1');
    expect(queued(1.1, '700')).not.toContain('copy');
    expect(queued(0.04, '-')).toBe('copy@2<1');
    expect(queued(0.06, '-')).not.toContain('copy');
  });

  test('is told by its timestamps where it has no identification, and by what it acknowledges', () => {
    const first = stamped(WHOLE, 1);
    const other = '3out - 0.002 > A 1001 1 1000';
    expect(said(`${first.replace('700', '-')}\n${stamped(other, 1)}`)).toBe('copy@2<1');
    expect(said(`${first.replace('700', '-')}\n${stamped(other, 2)}`)).not.toContain('copy');
    expect(said(`${WHOLE.replace('700', '-')}\n${other.replace('1001 1 ', '1001 9 ')}`)).not.toContain('copy');
    expect(said(`${WHOLE.replace('700', '-')}\n${other} win=99`)).not.toContain('copy');
  });

  test('has an identification that does not count up piece by piece', () => {
    expect(said(`${WHOLE}\n3out 702 0.002 > A 1001 1 1000`), 'a pack of two pieces of 500').toBe('copy@2<1');
    expect(said(`${WHOLE}\n3out 703 0.002 > A 1001 1 1000`)).not.toContain('copy');
    expect(said(`${WHOLE}\n3out 703 0.002 > PA 2001 1 500`), 'the last one').not.toContain('copy');
    expect(said(`${WHOLE}\n3out 704 0.002 > A 1001 1 900`)).not.toContain('copy');
  });

  test('is no copy where only some of it was captured here since, in whichever part of the numbers', () => {
    const script = `
      2in  - 0.000 > PA 1 1 2500
      3out - 0.001 > A 1 1 1000
      3out - 0.002 > A 1 1 2000
    `;
    // Octets are looked up by blocks of 16 KiB: with the second number one begins behind what was captured here.
    for (const first of [0, 16384 - 1001]) expect(said(script, { first })).toMatch(/^copy@2<1 (?!copy)/);
  });

  test('comes later than forwarding takes', () => {
    expect(said(`${WHOLE.replace('700', '-')}\n3out - 0.006 > A 1001 1 1000`)).not.toContain('copy');
    expect(said(`${WHOLE}\n3out 701 0.060 > A 1001 1 1000`)).not.toContain('copy');
  });

  test('a last piece alone, sent again where places are not told apart', () => {
    const bridged = `
      2in 700 0.000000 > PA 1 1 2100
      2in 700 0.000010 > A 1 1 1000
      2in 701 0.000011 > A 1001 1 1000
    `;
    expect(said(`${bridged} 2in 702 0.004000 > PA 2001 1 100`, { cooked1: true })).toBe('copy@2<1 copy@3<1 copy@4<1');
    // Counted from the whole it might be the fourth of 500 octets each.
    expect(said(`${bridged} 2in 704 0.004000 > PA 2001 1 100`, { cooked1: true })).toBe('copy@2<1 copy@3<1 retransmission@4');
  });

  test('a look-up is never long: of a thousand tiny pieces what came before them is not found', () => {
    const tiny = (count: number) => Array.from({ length: count }, (_, i) => `2in - 0.001 > A ${3001 + i} 1 1`).join('\n');
    const late = '3out - 0.002 > A 1001 1 1000';
    const whole = '2in - 0 > A 1 1 2500';
    expect(said([whole, tiny(100), late].join('\n'))).toMatch(/ copy@102<1$/);
    expect(said([whole, tiny(1000), late].join('\n'))).not.toContain('copy');
  });

  test('octets of which some are new were not captured before', () => {
    expect(said(`${WHOLE}\n3out 702 0.000010 > A 2001 1 1000`)).not.toContain('copy');
  });
});
