import type { OptionSpec } from './script.ts';
import { Mistake, type TokenReader } from './token-reader.ts';

const U32 = 0xffff_ffff;
const ROOM = 40; // RFC 9293 §3.1

/** `<mss 1460,nop,wscale 8>`; `<...>` is undefined; none at all is an empty list. */
export function readTcpOptions(reader: TokenReader, direction: 'in' | 'out'): readonly OptionSpec[] | undefined {
  // The next line may begin with a `<` too, but an event begins with its time.
  if (!reader.isMark('<')) return [];
  const start = reader.next();
  if (reader.takeMark('...')) {
    if (direction === 'in') throw new Mistake(start, '`<...>` can only be expected of a packet that goes out');
    reader.mark('>');
    return undefined;
  }
  const options: OptionSpec[] = [];
  do options.push(readOption(reader));
  while (reader.takeMark(','));
  reader.mark('>');
  const octets = options.reduce((sum, option) => sum + octetsOf(option), 0);
  if (octets > ROOM) throw new Mistake(start, `these options take ${octets} octets; a TCP header has room for ${ROOM}`);
  return options;
}

function readOption(reader: TokenReader): OptionSpec {
  const { kind, text } = reader.raw();
  if (kind !== 'word') return reader.expected('a TCP option');
  switch (text) {
    case 'nop':
    case 'eol':
    case 'sackOK':
      reader.nextRaw();
      return { kind: text };
    case 'mss':
      reader.nextRaw();
      return { kind: 'mss', octets: reader.integer('a segment size', 0, 0xffff) };
    case 'wscale':
      reader.nextRaw();
      return { kind: 'wscale', shift: reader.integer('a window shift', 0, 255) };
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
      return { kind: 'md5', digest: reader.hexOctets('a digest') };
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

function readBlocks(reader: TokenReader): { left: number; right: number }[] {
  const blocks: { left: number; right: number }[] = [];
  do {
    const left = reader.integer('the first sequence number of a block', 0, U32);
    reader.mark(':');
    blocks.push({ left, right: reader.integer('the sequence number after a block', 0, U32) });
  } while (reader.peek().kind === 'integer');
  return blocks;
}

/** `TS val 100 ecr 0` */
function readTimestamps(reader: TokenReader): OptionSpec {
  reader.keyword('val');
  const value = reader.integer('a timestamp', 0, U32);
  reader.keyword('ecr');
  return { kind: 'timestamps', value, echo: reader.integer('a timestamp', 0, U32) };
}

const COUNTERS = ['e0b', 'e1b', 'ceb'];
const ACC_ECN_0 = 172; // RFC 9768 §3.2.3
const ACC_ECN_1 = 174;

/** `ECN e1b 1 ceb 0 e0b 1`: three counters of 24 bits, the first says which order they stand in. */
function readAccurateEcn(reader: TokenReader): OptionSpec {
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

function octetsOf(option: OptionSpec): number {
  switch (option.kind) {
    case 'nop':
    case 'eol':
      return 1;
    case 'mss':
      return 4;
    case 'wscale':
      return 3;
    case 'sackOK':
      return 2;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'timestamps':
      return 10;
    case 'fast-open':
      return (option.experimental ? 4 : 2) + option.cookie.length;
    case 'md5':
      return 2 + option.digest.length;
    default:
      return 2 + option.body.length;
  }
}
