import { Flag } from '../../wire/segment.ts';
import { readMplsLabel } from './parse-expression.ts';
import { readTcpOptions } from './parse-tcp-options.ts';
import type { IcmpSpec, IpMarks, OuterHeader, PacketAction, Ports, TcpSpec, UdpSpec } from './script.ts';
import { Mistake, type TokenReader } from './token-reader.ts';

const U16 = 0xffff;
const U32 = 0xffff_ffff;

export function readPacket(reader: TokenReader): PacketAction {
  const { text, line, column } = reader.next();
  const direction = text === '<' ? 'in' : 'out';
  const around: OuterHeader[] = [];
  for (let header = readOuterHeader(reader); header; header = readOuterHeader(reader)) around.push(header);
  const ip = readIpMarks(reader, direction);
  if (reader.takeWord('encap')) {
    reader.keyword('psp');
    reader.keyword('spi');
    reader.integer('a security parameter index', 0, U32);
    around.push({ kind: 'psp' });
  }
  const body = readBody(reader, direction);
  return { kind: 'packet', direction, around, ip, body, line, column };
}

function readBody(reader: TokenReader, direction: 'in' | 'out'): TcpSpec | UdpSpec | IcmpSpec {
  if (reader.takeWord('udp')) return readUdp(reader);
  if (reader.takeWord('icmp')) return readIcmp(reader);
  return readTcp(reader, direction);
}

/** `ipv4 1.1.1.1 > 2.2.2.2:`, `ipv6 ...`, `gre:`, `mpls (label ...):` */
function readOuterHeader(reader: TokenReader): OuterHeader | undefined {
  if (reader.isWord('ipv4', 'ipv6')) {
    reader.nextRaw();
    readIpMarks(reader, 'out');
    const src = readAddress(reader);
    reader.mark('>');
    const dst = readAddress(reader);
    reader.mark(':');
    return { kind: 'ip', src, dst };
  }
  if (reader.isWord('gre', 'GREv0')) {
    reader.nextRaw();
    reader.takeMark(',');
    if (!reader.isMark(':')) readGre(reader);
    reader.mark(':');
    return { kind: 'gre' };
  }
  if (reader.takeWord('mpls')) {
    while (reader.isMark('(')) readMplsLabel(reader);
    reader.mark(':');
    return { kind: 'mpls' };
  }
  return undefined;
}

function readAddress(reader: TokenReader) {
  const { address } = reader.peek();
  if (address === undefined) return reader.expected('an IP address');
  reader.next();
  return address;
}

function readGre(reader: TokenReader): void {
  if (!reader.takeWord('Flags')) reader.keyword('flags');
  if (reader.takeMark('[')) {
    while (!reader.isMark(']')) {
      if (reader.peek().kind !== 'word' && !reader.isMark(',') && !reader.isMark('#')) reader.expected('a GRE flag');
      reader.next();
    }
    reader.mark(']');
  } else reader.integer('the GRE flags', 0, U16);
  for (const [field, most] of [
    ['sum', U16],
    ['off', U16],
    ['key', U32],
    ['seq', U32],
  ] as const) {
    reader.takeMark(',');
    reader.keyword(field);
    if (field === 'key') reader.takeMark('=');
    reader.integer(`the GRE ${field}`, 0, most);
  }
}

/** `[ect0]`, `(tos 0x10)`, `[ttl 64]`, `[ect1, flowlabel 0x1234]` */
function readIpMarks(reader: TokenReader, direction: 'in' | 'out'): IpMarks {
  const close = reader.isMark('[') ? ']' : reader.isMark('(') ? ')' : undefined;
  if (!close) return {};
  reader.next();
  const marks: { -readonly [K in keyof IpMarks]: IpMarks[K] } = {};
  do {
    if (reader.isWord('noecn', 'ect0', 'ect1', 'ect01', 'ce')) {
      const token = reader.nextRaw();
      marks.ecn = token.text as NonNullable<IpMarks['ecn']>;
      if (marks.ecn === 'ect01' && direction === 'in')
        throw new Mistake(token, 'ect01 stands for either, which can only be expected of a packet that goes out');
    } else if (reader.takeWord('tos')) marks.tos = reader.integer('the type of service', 0, 255);
    else if (reader.takeWord('ttl')) marks.ttl = reader.integer('a time to live', 0, 255);
    else if (reader.takeWord('flowlabel')) marks.flowLabel = reader.integer('a flow label', 0, 0xf_ffff);
    else reader.expected('one of noecn, ect0, ect1, ect01, ce, tos, ttl, flowlabel');
  } while (reader.takeMark(','));
  reader.mark(close);
  return marks;
}

/** `8080 > 1234` */
function readPorts(reader: TokenReader): Ports | undefined {
  if (!(reader.peek().kind === 'integer' && reader.isMark('>', 1))) return undefined;
  const src = reader.integer('a port', 0, U16);
  reader.mark('>');
  return { src, dst: reader.integer('a port', 0, U16) };
}

function readTcp(reader: TokenReader, direction: 'in' | 'out'): TcpSpec {
  const ports = readPorts(reader);
  const { flags, ace } = readFlags(reader);
  const { seq, length } = readRange(reader);
  const hasAck = reader.takeWord('ack');
  const ack = hasAck ? reader.integer('an acknowledgment number', 0, U32) : 0;
  const window = reader.takeWord('win') ? reader.integer('a window size', 0, U16) : undefined;
  const urgent = reader.takeWord('urg') ? reader.integer('an urgent pointer', 0, U16) : 0;
  return { kind: 'tcp', ports, flags, ace, seq, length, ack, window, urgent, options: readTcpOptions(reader, direction) };
}

const LETTERS: Readonly<Record<string, number>> = {
  F: Flag.FIN,
  S: Flag.SYN,
  R: Flag.RST,
  P: Flag.PSH,
  '.': Flag.ACK,
  U: Flag.URG,
  E: Flag.ECE,
  W: Flag.CWR,
  A: Flag.AE,
};

/** `S`, `P.`, `.`, `FP.`, `-` for none, `P.5` with AccECN's counter. */
function readFlags(reader: TokenReader): { flags: number; ace: number | undefined } {
  const start = reader.raw();
  let letters = '';
  if (reader.takeMark('-')) return { flags: 0, ace: undefined };
  if (reader.peek().kind === 'word') letters = reader.next().text;
  if (reader.peek().kind === 'float') letters += reader.next().text;
  else if (reader.takeMark('.')) letters += '.';
  if (letters === '') reader.expected('TCP flags, such as `S`, `P.` or `.`');
  const counter = /\.([0-7])$/.exec(letters);
  const named = counter ? letters.slice(0, -1) : letters;
  let flags = 0;
  for (const letter of named) {
    const flag = LETTERS[letter];
    if (flag === undefined)
      throw new Mistake(start, `\`${letter}\` is no TCP flag; there are ${Object.keys(LETTERS).join(' ')}, and - for none`);
    flags |= flag;
  }
  return { flags, ace: counter ? Number(counter[1]) : undefined };
}

/** `1:1001(1000)`: the end must be the beginning and the length. */
function readRange(reader: TokenReader): { seq: number; length: number } {
  const seq = reader.integer('a sequence number', 0, U32);
  reader.mark(':');
  const end = reader.raw();
  const to = reader.integer('the sequence number after the last octet', 0, 2 * U32);
  reader.mark('(');
  const length = reader.integer('the octets of payload', 0, U16);
  reader.mark(')');
  if (to !== seq + length) throw new Mistake(end, `${seq}:${to} is ${to - seq} octets, not ${length}`);
  return { seq, length };
}

function readUdp(reader: TokenReader): UdpSpec {
  const ports = readPorts(reader);
  reader.mark('(');
  const length = reader.integer('the octets of payload', 0, U16);
  reader.mark(')');
  return { kind: 'udp', ports, length };
}

/** `icmp unreachable frag_needed mtu 1400 [1:1001(1000)]` */
function readIcmp(reader: TokenReader): IcmpSpec {
  const type = reader.word('a type of ICMP message');
  const code = reader.peek().kind === 'word' && !reader.isWord('mtu', 'id') ? reader.word('a code') : undefined;
  const mtu = reader.takeWord('mtu') ? reader.integer('an MTU', 0, U32) : undefined;
  const id = reader.takeWord('id') ? reader.integer('an identifier', 0, U16) : undefined;
  return { kind: 'icmp', type, code, mtu, id, about: readAbout(reader) };
}

function readAbout(reader: TokenReader): IcmpSpec['about'] {
  if (!reader.takeMark('[')) return undefined;
  let about: IcmpSpec['about'];
  if (reader.isWord('udp', 'raw')) {
    const protocol = reader.nextRaw().text as 'udp' | 'raw';
    reader.mark('(');
    about = { protocol, seq: 0, length: reader.integer('the octets of payload', 0, U16) };
    reader.mark(')');
  } else about = { protocol: 'tcp', ...readRange(reader) };
  reader.mark(']');
  return about;
}
