import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { LinkType } from '../../wire/link-type.ts';
import { type TextOptions, TextPrinter } from './text-printer.ts';

// The judge of this room is the real tcpdump: the same frames go through both, and every line about TCP must be the same.

const CAPTURES = resolve(import.meta.dirname, '../../../../shared/captures');
const scratch = mkdtempSync(join(tmpdir(), 'tcpwb-text-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** STP and LLC lines have flags too, but theirs are words. */
const isTcp = (line: string): boolean => /Flags \[([FSRP.UEW]+|none)\]/.test(line);

function tcpdumpLines(file: string, zone = 'UTC'): string[] {
  const { stdout } = spawnSync('tcpdump', ['-n', '-r', file], { env: { ...process.env, TZ: zone }, maxBuffer: 1 << 28 });
  return stdout.toString('latin1').split('\n').filter(isTcp);
}

/** What tcpdump says after the segment's length is about the application. A tunnel has a length of its own before it. */
const upToLength = (line: string): string => /^.*?Flags \[.*?, length \d+/.exec(line)?.[0] ?? line;

/** The frames of any capture file tcpdump reads, in one batch; tcpdump itself writes them out as plain pcap. */
function framesOf(file: string): FrameBatch {
  const { stdout } = spawnSync('tcpdump', ['-r', file, '--nano', '-w', '-'], { maxBuffer: 1 << 28 });
  const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const frames: { at: number; captured: number; original: number; seconds: number; nanoseconds: number }[] = [];
  for (let at = 24; at + 16 <= stdout.length; ) {
    const captured = view.getUint32(at + 8, true);
    const original = view.getUint32(at + 12, true);
    frames.push({ at: at + 16, captured, original, seconds: view.getUint32(at, true), nanoseconds: view.getUint32(at + 4, true) });
    at += 16 + captured;
  }
  const linkType = stdout.length >= 24 ? view.getUint32(20, true) & 0xffff : 0;
  return {
    count: frames.length,
    data: new Uint8Array(stdout),
    offset: Uint32Array.from(frames, (frame) => frame.at),
    capturedLength: Uint32Array.from(frames, (frame) => frame.captured),
    originalLength: Uint32Array.from(frames, (frame) => frame.original),
    seconds: Float64Array.from(frames, (frame) => frame.seconds),
    nanoseconds: Uint32Array.from(frames, (frame) => frame.nanoseconds),
    linkType: new Uint16Array(frames.length).fill(linkType),
    interfaceId: new Uint16Array(frames.length),
    position: Float64Array.from(frames, (frame) => frame.at),
  };
}

/** A pcap file of these frames, a millisecond apart; `cut` octets of each are captured. */
function captureOf(linkType: number, frames: readonly { readonly bytes: Uint8Array; readonly cut?: number }[]): string {
  const header = Buffer.from('4d3cb2a102000400000000000000000000000400', 'hex');
  const records = frames.map(({ bytes, cut = bytes.length }, i) => {
    const captured = Math.min(cut, bytes.length);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + Math.floor(i / 1000), 0);
    record.writeUInt32LE((i % 1000) * 1_000_000, 4);
    record.writeUInt32LE(captured, 8);
    record.writeUInt32LE(bytes.length, 12);
    return Buffer.concat([record, bytes.subarray(0, captured)]);
  });
  const link = Buffer.alloc(4);
  link.writeUInt32LE(linkType);
  const file = join(scratch, 'frames.pcap');
  writeFileSync(file, Buffer.concat([header, link, ...records]));
  return file;
}

function printedLines(file: string, options?: TextOptions): string[] {
  const lines: string[] = [];
  new TextPrinter(options).add(framesOf(file), (line) => lines.push(line));
  return lines;
}

const ourLines = (file: string, options?: TextOptions): string[] => printedLines(file, options).filter(isTcp);

function sameLines(file: string, options?: TextOptions): void {
  expect(ourLines(file, options)).toEqual(tcpdumpLines(file).map(upToLength));
}

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const behind = (hex: string, inner: Uint8Array): Uint8Array => Uint8Array.of(...octets(hex), ...inner);
const u16 = (n: number): string => n.toString(16).padStart(4, '0');

/** Ports 40000 > 9502, sequence 1000, acknowledgement 2000. */
function tcp(flags: number, options: Uint8Array = new Uint8Array(0), payload = 7): Uint8Array {
  const words = 5 + options.length / 4;
  return Uint8Array.of(
    ...octets(`9c40 251e 000003e8 000007d0 ${words.toString(16)}0 ${flags.toString(16).padStart(2, '0')} 0200 0000 0005`),
    ...options,
    ...new Uint8Array(payload).fill(0x61),
  );
}
const ipv4 = (inner: Uint8Array, protocol = '06'): Uint8Array =>
  behind(`4500 ${u16(20 + inner.length)} 0001 0000 40 ${protocol} 0000 0a000001 0a000002`, inner);
const ipv6 = (inner: Uint8Array, next = '06'): Uint8Array =>
  behind(`60000000 ${u16(inner.length)} ${next} 40 ${'00'.repeat(15)}01 20010db8${'00'.repeat(11)}02`, inner);
const MACS = '020000000001 020000000002';
const V4 = ipv4(tcp(0x18));
const V6 = ipv6(tcp(0x18));

test('the captures and tcpdump are here', () => {
  expect(existsSync(CAPTURES), `captures are expected in ${CAPTURES} (../shared/captures from the project's root)`).toBe(true);
  expect(execFileSync('tcpdump', ['--version']).toString()).toContain('tcpdump version 4.99');
});

describe('every capture', () => {
  const files = existsSync(CAPTURES) ? readdirSync(CAPTURES).filter((name) => /\.pcap(ng)?$/.test(name)) : [];
  // Its records count microseconds beyond a second, up to 2^31: no time in nanoseconds can say that.
  const impossibleTimes = 'tcpdump-timestamp_invalid_micro.pcap';

  test.each(files.filter((name) => name !== impossibleTimes))('%s', (name) => sameLines(join(CAPTURES, name)));

  test(`${impossibleTimes}, but for the times`, () => {
    const file = join(CAPTURES, impossibleTimes);
    const withoutTime = (line: string): string => line.replace(/^\S+ /, '');
    expect(ourLines(file).map(withoutTime)).toEqual(tcpdumpLines(file).map(upToLength).map(withoutTime));
  });
});

describe('every link layer and tunnel', () => {
  const hopByHop = ipv6(behind('06 00 0104 00000000', tcp(0x18)), '00');
  const routed = ipv6(behind(`06 02 00 00 00000000 20010db8${'00'.repeat(11)}07`, tcp(0x18)), '2b');
  const segmentRouted = ipv6(behind(`06 02 04 01 00010002 20010db8${'00'.repeat(11)}07`, tcp(0x18)), '2b');
  const firstFragment = ipv6(behind('06 00 0001 00000001', tcp(0x18)), '2c');
  const authenticated = behind('06 04 0000 00000100 00000001 000102030405060708090a0b', tcp(0x18));
  const rows: [string, number, Uint8Array][] = [
    ['Ethernet', LinkType.ETHERNET, behind(`${MACS} 0800`, V4)],
    ['VLAN', LinkType.ETHERNET, behind(`${MACS} 8100 200a 0800`, V4)],
    ['VLAN in VLAN', LinkType.ETHERNET, behind(`${MACS} 88a8 000a 8100 000b 86dd`, V6)],
    ['SNAP', LinkType.ETHERNET, behind(`${MACS} ${u16(8 + V4.length)} aaaa03 000000 0800`, V4)],
    ['LLC alone', LinkType.ETHERNET, behind(`${MACS} ${u16(3 + V4.length)} 060603`, V4)],
    ['PPPoE', LinkType.ETHERNET, behind(`${MACS} 8864 1100 0007 ${u16(2 + V4.length)} 0021`, V4)],
    ['PPPoE that claims too much', LinkType.ETHERNET, behind(`${MACS} 8864 1100 0007 0fff 0057`, V6)],
    ['MPLS', LinkType.ETHERNET, behind(`${MACS} 8847 0001d0ff 000123fe`, V4)],
    ['MPLS to IPv6', LinkType.ETHERNET, behind(`${MACS} 8847 000021ff`, V6)],
    ['IPv4 in IPv4', LinkType.RAW, ipv4(V4, '04')],
    ['IPv6 in IPv4', LinkType.RAW, ipv4(V6, '29')],
    ['IPv4 in IPv6', LinkType.RAW, ipv6(V4, '04')],
    ['GRE', LinkType.RAW, ipv4(behind('0000 0800', V4), '2f')],
    ['GRE with key and sequence', LinkType.RAW, ipv4(behind('3000 86dd 00000007 00000009', V6), '2f')],
    ['GRE with Ethernet', LinkType.RAW, ipv4(behind(`0000 6558 ${MACS} 0800`, V4), '2f')],
    ['PPTP', LinkType.RAW, ipv4(behind(`3081 880b ${u16(V4.length)} 0007 00000001 00000002 ff03 0021`, V4), '2f')],
    ['AH', LinkType.RAW, ipv4(authenticated, '33')],
    ['AH in IPv6', LinkType.RAW, ipv6(authenticated, '33')],
    ['hop-by-hop options', LinkType.RAW, hopByHop],
    ['routing header', LinkType.RAW, routed],
    ['segment routing header', LinkType.RAW, segmentRouted],
    ['first IPv6 fragment', LinkType.RAW, firstFragment],
    ['BSD loopback', LinkType.NULL, behind('02000000', V4)],
    ['macOS loopback', LinkType.NULL, behind('1e000000', V6)],
    ['OpenBSD loopback', LinkType.LOOP, behind('00000018', V6)],
    ['Linux cooked', LinkType.LINUX_SLL, behind('0000 0001 0006 0200000000010000 0800', V4)],
    ['Linux cooked v2 on lo', LinkType.LINUX_SLL2, behind('0800 0000 00000001 0304 00 06 0000000000000000', V4)],
    ['Linux cooked v2, sent', LinkType.LINUX_SLL2, behind('86dd 0000 7ffffff0 0001 04 06 0000000000000000', V6)],
    ['raw IPv4', LinkType.IPV4, V4],
    ['raw IPv6', LinkType.IPV6, V6],
    ['PPP', LinkType.PPP, behind('ff03 0021', V4)],
    ['PPP, compressed', LinkType.PPP, behind('57', V6)],
    ['PPP in HDLC framing', LinkType.PPP_HDLC, behind('ff03 0057', V6)],
    ['PPPoE alone', LinkType.PPP_ETHER, behind(`1100 0007 ${u16(2 + V4.length)} 0021`, V4)],
    ['FDDI', LinkType.FDDI, behind(`50 ${MACS} aaaa03 000000 0800`, V4)],
  ];
  test.each(rows)('%s', (_name, linkType, bytes) => {
    const file = captureOf(linkType, [{ bytes }]);
    expect(tcpdumpLines(file)).toHaveLength(1);
    sameLines(file, { interfaceName: (index) => (index === 1 ? 'lo' : undefined) });
  });

  test.each(rows)('%s, cut anywhere', (_name, linkType, bytes) => {
    const frames = Array.from({ length: bytes.length }, (_, cut) => ({ bytes, cut: cut + 1 }));
    sameLines(captureOf(linkType, frames), { interfaceName: (index) => (index === 1 ? 'lo' : undefined) });
  });
});

describe('every option', () => {
  const spell = (hex: string): Uint8Array =>
    octets(hex.padEnd(Math.ceil(hex.replaceAll(' ', '').length / 8) * 8 + hex.split(' ').length - 1, '0'));
  const rows: [string, string][] = [
    ['a Linux SYN', '020405b4 0402 080a 00000007 00000000 01 030307'],
    ['SACK', '01 01 0512 000007da 000007e4 00000800 00000900'],
    ['SACK of an odd length', '0507 0102030405'],
    ['Fast Open asks', '2202'],
    ['Fast Open answers', '220a 0102030405060708'],
    ['Fast Open with half a cookie', '2205 010203'],
    ['Fast Open as an experiment', 'fe08 f989 01020304'],
    ['Fast Open as an experiment, asking', 'fe04 f989'],
    ['another experiment', 'fe06 1234 5678'],
    ['MD5', '1312 000102030405060708090a0b0c0d0e0f'],
    ['TCP-AO', '1d10 0102 000102030405060708090a0b'],
    ['TCP-AO too short', '1d03 01'],
    ['user timeout', '1c04 8005'],
    ['user timeout, odd', '1c04 0005'],
    ['SCPS', '1404 0102'],
    ['echo and its reply', '0606 00000001 0706 00000002'],
    ['T/TCP', '0b06 00000001 0c06 00000002 0d06 00000003'],
    ['unknown', '4d06 01020304 4e02'],
    ['a length of one', '0201'],
    ['a length beyond the header', '02ff'],
    ['an MSS of three octets', '0203 05 01'],
    ['timestamps of a wrong length', '0808 000000010000 0002 0101'],
    ['MPTCP capable', '1e0c 0081 0102030405060708'],
    ['MPTCP capable, both keys', '1e14 0181 0102030405060708 090a0b0c0d0e0f10'],
    ['MPTCP capable of a later version', '1e0c 0581 0102030405060708'],
    ['MPTCP join', '1e0c 1103 01020304 05060708'],
    ['MPTCP join answered', '1e10 1003 0102030405060708 090a0b0c'],
    ['MPTCP join confirmed', `1e18 1000 ${'ab'.repeat(20)}`],
    ['MPTCP data sequence', '1e14 2005 00000001 00000002 00000003 0004 0005'],
    ['MPTCP data sequence, long', '1e1a 201f 0000000100000002 0000000300000004 00000005 0006'],
    ['MPTCP data sequence, too long', '1e08 2001 00000001'],
    ['MPTCP data sequence with a rest', '1e0a 2001 00000001 0000'],
    ['MPTCP address', '1e08 3405 0a000001'],
    ['MPTCP address, port, HMAC', '1e12 3005 0a000001 1f90 0102030405060708'],
    ['MPTCP IPv6 address and port', `1e16 3605 20010db8${'00'.repeat(11)}01 1f90`],
    ['MPTCP IPv6 address and HMAC', `1e1c 3105 20010db8${'00'.repeat(11)}01 0102030405060708`],
    ['MPTCP address of no version', '1e08 3f05 0a000001'],
    ['MPTCP addresses removed', '1e06 4001 0203'],
    ['MPTCP priority', '1e03 51 1e04 5007'],
    ['MPTCP fail', '1e0c 6000 0102030405060708'],
    ['MPTCP fast close', '1e0c 7000 0102030405060708'],
    ['MPTCP unknown', '1e04 9000'],
    ['MPTCP without a subtype', '1e02'],
  ];
  const flagSets = [0x02, 0x10, 0x12];
  test.each(rows)('%s', (_name, hex) => {
    const whole = flagSets.map((flags) => ({ bytes: ipv4(tcp(flags, spell(hex))) }));
    const longest = whole[0]!.bytes.length;
    const cut = Array.from({ length: longest - 20 }, (_, n) => ({ bytes: whole[n % 3]!.bytes, cut: longest - n }));
    const file = captureOf(LinkType.RAW, [...whole, ...cut]);
    expect(tcpdumpLines(file).length).toBeGreaterThan(3);
    sameLines(file);
  });
});

describe('frames nobody should send', () => {
  /** Options and flags at random, behind a header that reaches them. */
  const segment = fc
    .tuple(fc.nat(255), fc.uint8Array({ maxLength: 40 }), fc.nat(20), fc.constantFrom(1, 2, 3, 4, 5, 8, 19, 29, 30, 34, 254))
    .map(([flags, raw, payload, kind]) => {
      const options = Uint8Array.of(...raw.slice(0, raw.length & ~3));
      if (options.length > 1) options.set([kind, Math.min(options.length, 2 + (options[1]! % 20))]);
      return tcp(flags, options, payload);
    });
  const frame = fc
    .tuple(
      segment,
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 2 }),
      fc.option(fc.nat(120), { nil: 200, freq: 2 }),
    )
    .map(([inner, six, changes, cut]) => {
      const bytes = six ? ipv6(inner) : ipv4(inner);
      for (const [where, octet] of changes) if (where < bytes.length) bytes[where] = octet;
      return { bytes, cut: cut + 1 };
    });

  test('print as tcpdump prints them', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 300, maxLength: 600, size: 'max' }), (frames) => {
        sameLines(captureOf(LinkType.RAW, frames));
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  test('of headers in headers in headers end before our stack does', () => {
    const authentication = octets('3304 0000 00000100 00000001 000102030405060708090a0b');
    const headers = Uint8Array.from({ length: 65_000 }, (_, at) => authentication[at % authentication.length]!);
    const packets = octets(
      Array.from({ length: 3000 }, (_, i) => `4500${u16(60_000 - 20 * i)} 00010000 40040000 0a000001 0a000002`).join(''),
    );
    const file = captureOf(LinkType.RAW, [
      { bytes: ipv4(headers, '33') },
      { bytes: ipv6(headers, '33') },
      { bytes: packets },
      { bytes: V4 },
    ]);
    expect(ourLines(file)).toHaveLength(1);
  });

  test('get one line saying so and do not stop the run', () => {
    const cutShort = { bytes: V4, cut: 30 };
    const badLength = { bytes: behind('4500 0013', V4.slice(4)) };
    const badOffset = { bytes: Uint8Array.from(V4, (octet, at) => (at === 32 ? 0x40 : octet)) };
    const noIp = { bytes: behind('31', V4.slice(1)) };
    const lines = printedLines(captureOf(LinkType.RAW, [cutShort, badLength, badOffset, noIp, { bytes: V4 }]));
    expect(lines).toEqual([
      '22:13:20.000000 IP 10.0.0.1.40000 > 10.0.0.2.9502:  [|tcp]',
      '22:13:20.001000 IP bad-len 19',
      '22:13:20.002000 IP 10.0.0.1.40000 > 10.0.0.2.9502:  tcp 11 [bad hdr length 16 - too short, < 20]',
      '22:13:20.003000 unknown ip 3',
      '22:13:20.004000 IP 10.0.0.1.40000 > 10.0.0.2.9502: Flags [P.], seq 1000:1007, ack 2000, win 512, length 7',
    ]);
  });
});

describe('local time', () => {
  /** What a caller with a clock and a time zone hands in. */
  const offsetOf = (zone: string) => (seconds: number) => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(seconds * 1000).find((part) => part.type === 'timeZoneName')!.value;
    const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? ['', '+', '0', '0'];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  };

  test.each(['Asia/Shanghai', 'America/St_Johns', 'Asia/Kathmandu', 'UTC'])('%s', (zone) => {
    const file = captureOf(LinkType.RAW, [{ bytes: V4 }]);
    const lines = ourLines(file, { utcOffset: offsetOf(zone) });
    expect(lines).toEqual(tcpdumpLines(file, zone).map(upToLength));
  });
});
