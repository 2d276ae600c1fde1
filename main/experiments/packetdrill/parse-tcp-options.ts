import type { SackBlock, TcpOption } from '../../wire/segment.ts';
import { seq } from '../../wire/seq.ts';
import { OptionCode } from '../../wire/tcp-option-code.ts';
import { MAX_OPTION_OCTETS, optionsLength } from '../../wire/tcp-options.ts';
import { Mistake, type TokenReader } from './token-reader.ts';

const U32 = 0xffff_ffff;

/** `<mss 1460,nop,wscale 8>`; `<...>` is undefined; none at all is an empty list. */
export function readTcpOptions(reader: TokenReader, direction: 'in' | 'out'): readonly TcpOption[] | undefined {
  // The next line may begin with a `<` too, but an event begins with its time.
  if (!reader.isMark('<')) return [];
  const start = reader.next();
  if (reader.takeMark('...')) {
    if (direction === 'in') throw new Mistake(start, '`<...>` can only be expected of a packet that goes out');
    reader.mark('>');
    return undefined;
  }
  const options: TcpOption[] = [];
  do options.push(readOption(reader));
  while (reader.takeMark(','));
  reader.mark('>');
  const octets = optionsLength(options);
  if (octets > MAX_OPTION_OCTETS)
    throw new Mistake(start, `these options take ${octets} octets; a TCP header has room for ${MAX_OPTION_OCTETS}`);
  return options;
}

function readOption(reader: TokenReader): TcpOption {
  const { kind, text } = reader.raw();
  if (kind !== 'word') return reader.expected('a TCP option');
  switch (text) {
    case 'nop':
      reader.nextRaw();
      return { kind: 'nop' };
    case 'eol':
      reader.nextRaw();
      return { kind: 'end' };
    case 'sackOK':
      reader.nextRaw();
      return { kind: 'sack-permitted' };
    case 'mss':
      reader.nextRaw();
      return { kind: 'mss', octets: reader.integer('a segment size', 0, 0xffff) };
    case 'wscale':
      reader.nextRaw();
      return { kind: 'window-scale', shift: reader.integer('a window shift', 0, 255) };
    case 'sack':
      reader.nextRaw();
      return { kind: 'sack', blocks: readBlocks(reader) };
    case 'TS':
      reader.nextRaw();
      return readTimestamps(reader);
    case 'FO':
    case 'FOEXP':
      reader.nextRaw();
      return { kind: 'fast-open', cookie: reader.hexOctets('a cookie'), experimental: text === 'FOEXP' };
    case 'md5':
      reader.nextRaw();
      return readDigest(reader);
    case 'ECN':
      reader.nextRaw();
      return readAccurateEcn(reader);
    case 'unknown':
      reader.nextRaw();
      return {
        kind: 'unknown',
        code: reader.integer('the number of an option', 0, 255),
        body: reader.hexOctets('the octets of an option'),
      };
    default:
      return reader.expected('a TCP option: one of mss, nop, eol, wscale, sackOK, sack, TS, FO, FOEXP, md5, ECN, unknown');
  }
}

/** A digest cut short is no digest, and goes out as it is written. */
function readDigest(reader: TokenReader): TcpOption {
  const digest = reader.hexOctets('a digest');
  return digest.length === 16 ? { kind: 'md5', digest } : { kind: 'unknown', code: OptionCode.MD5, body: digest };
}

function readBlocks(reader: TokenReader): SackBlock[] {
  const blocks: SackBlock[] = [];
  do {
    const left = seq(reader.integer('the first sequence number of a block', 0, U32));
    reader.mark(':');
    blocks.push({ left, right: seq(reader.integer('the sequence number after a block', 0, U32)) });
  } while (reader.peek().kind === 'integer');
  return blocks;
}

/** `TS val 100 ecr 0` */
function readTimestamps(reader: TokenReader): TcpOption {
  reader.keyword('val');
  const value = reader.integer('a timestamp', 0, U32);
  reader.keyword('ecr');
  return { kind: 'timestamps', value, echo: reader.integer('a timestamp', 0, U32) };
}

const COUNTERS = ['e0b', 'e1b', 'ceb'];
const ACC_ECN_0 = 172; // RFC 9768 §3.2.3
const ACC_ECN_1 = 174;

/** `ECN e1b 1 ceb 0 e0b 1`: three counters of 24 bits, the first says which order they stand in. */
function readAccurateEcn(reader: TokenReader): TcpOption {
  const first = reader.raw();
  const octets: number[] = [];
  while (reader.isWord(...COUNTERS)) {
    reader.nextRaw();
    const count = reader.integer('a count of octets', 0, 0xff_ffff);
    octets.push(count >> 16, (count >> 8) & 0xff, count & 0xff);
  }
  if (octets.length === 0 || octets.length > 9 || first.text === 'ceb')
    throw new Mistake(first, 'ECN begins with e0b or e1b, then ceb, then the other');
  return { kind: 'unknown', code: first.text === 'e0b' ? ACC_ECN_0 : ACC_ECN_1, body: Uint8Array.from(octets) };
}
