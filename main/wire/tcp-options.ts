import { readU16, readU32, writeU16, writeU32 } from './octets.ts';
import { err, ok, type Result, unreachable } from './result.ts';
import type { SackBlock, TcpOption } from './segment.ts';
import { type SeqNum, seq } from './seq.ts';
import { FAST_OPEN_EXPERIMENT, OptionCode } from './tcp-option-code.ts';
import type { WireError } from './wire-error.ts';

/** A data offset of 15 words leaves 40 octets for options (RFC 9293 §3.1). */
export const MAX_OPTION_OCTETS = 40;

/**
 * Reads an options field. NOPs are kept, as they stood on the wire. The list ends with 'end' where an end-of-list octet
 * was; what follows it is padding and is not read. A known kind with an unknown length is kept as 'unknown'.
 */
export function decodeOptions(bytes: Uint8Array): Result<readonly TcpOption[], WireError> {
  const options: TcpOption[] = [];
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at]!;
    if (code === OptionCode.END) {
      options.push({ kind: 'end' });
      break;
    }
    if (code === OptionCode.NOP) {
      options.push({ kind: 'nop' });
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length) return err({ kind: 'bad-option', code, length });
    options.push(decodeOption(code, bytes.slice(at + 2, at + length)));
    at += length;
  }
  return ok(options);
}

function decodeOption(code: number, body: Uint8Array): TcpOption {
  switch (code) {
    case OptionCode.MSS:
      if (body.length === 2) return { kind: 'mss', octets: readU16(body, 0) };
      break;
    case OptionCode.WINDOW_SCALE:
      if (body.length === 1) return { kind: 'window-scale', shift: body[0]! };
      break;
    case OptionCode.SACK_PERMITTED:
      if (body.length === 0) return { kind: 'sack-permitted' };
      break;
    case OptionCode.SACK:
      if (body.length % 8 === 0) return { kind: 'sack', blocks: decodeBlocks(body) };
      break;
    case OptionCode.TIMESTAMPS:
      if (body.length === 8) return { kind: 'timestamps', value: readU32(body, 0), echo: readU32(body, 4) };
      break;
    case OptionCode.MD5:
      if (body.length === 16) return { kind: 'md5', digest: body };
      break;
    case OptionCode.USER_TIMEOUT:
      if (body.length === 2) return { kind: 'user-timeout', minutes: body[0]! >= 0x80, amount: readU16(body, 0) & 0x7fff };
      break;
    case OptionCode.FAST_OPEN:
      return { kind: 'fast-open', cookie: body, experimental: false };
    case OptionCode.EXPERIMENT_2:
      if (body.length >= 2 && readU16(body, 0) === FAST_OPEN_EXPERIMENT)
        return { kind: 'fast-open', cookie: body.slice(2), experimental: true };
      break;
  }
  return { kind: 'unknown', code, body };
}

function decodeBlocks(body: Uint8Array): SackBlock[] {
  const blocks: SackBlock[] = [];
  for (let at = 0; at < body.length; at += 8) blocks.push({ left: seqAt(body, at), right: seqAt(body, at + 4) });
  return blocks;
}

const seqAt = (bytes: Uint8Array, at: number): SeqNum => seq(readU32(bytes, at));

/** Octets the options take, before padding. */
export const optionsLength = (options: readonly TcpOption[]): number => options.reduce((sum, option) => sum + optionLength(option), 0);

function optionLength(option: TcpOption): number {
  switch (option.kind) {
    case 'end':
    case 'nop':
      return 1;
    case 'mss':
    case 'user-timeout':
      return 4;
    case 'window-scale':
      return 3;
    case 'sack-permitted':
      return 2;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'timestamps':
      return 10;
    case 'fast-open':
      return (option.experimental ? 4 : 2) + option.cookie.length;
    case 'md5':
      return 2 + option.digest.length;
    case 'unknown':
      return 2 + option.body.length;
    default:
      return unreachable(option);
  }
}

/** Options padded with zeros (end-of-list) to whole words, as the data offset demands. More than 40 octets is a bug of the caller. */
export function encodeOptions(options: readonly TcpOption[]): Uint8Array {
  const length = optionsLength(options);
  if (length > MAX_OPTION_OCTETS) throw new Error(`TCP options take ${length} octets; a header holds ${MAX_OPTION_OCTETS}`);
  const bytes = new Uint8Array((length + 3) & ~3);
  let at = 0;
  for (const option of options) {
    encodeOption(option, bytes, at);
    at += optionLength(option);
  }
  return bytes;
}

function encodeOption(option: TcpOption, bytes: Uint8Array, at: number): void {
  bytes[at] = optionCode(option);
  if (option.kind === 'end' || option.kind === 'nop') return; // one octet, no length
  bytes[at + 1] = optionLength(option);
  encodeBody(option, bytes, at + 2);
}

function optionCode(option: TcpOption): number {
  switch (option.kind) {
    case 'unknown':
      return option.code;
    case 'fast-open':
      return option.experimental ? OptionCode.EXPERIMENT_2 : OptionCode.FAST_OPEN;
    default:
      return CODE[option.kind];
  }
}

const CODE = {
  end: OptionCode.END,
  nop: OptionCode.NOP,
  mss: OptionCode.MSS,
  'window-scale': OptionCode.WINDOW_SCALE,
  'sack-permitted': OptionCode.SACK_PERMITTED,
  sack: OptionCode.SACK,
  timestamps: OptionCode.TIMESTAMPS,
  md5: OptionCode.MD5,
  'user-timeout': OptionCode.USER_TIMEOUT,
} as const;

function encodeBody(option: Exclude<TcpOption, { kind: 'end' | 'nop' }>, bytes: Uint8Array, at: number): void {
  switch (option.kind) {
    case 'mss':
      writeU16(bytes, at, option.octets);
      break;
    case 'window-scale':
      bytes[at] = option.shift;
      break;
    case 'sack-permitted':
      break;
    case 'sack':
      for (const [i, block] of option.blocks.entries()) {
        writeU32(bytes, at + 8 * i, block.left);
        writeU32(bytes, at + 8 * i + 4, block.right);
      }
      break;
    case 'timestamps':
      writeU32(bytes, at, option.value);
      writeU32(bytes, at + 4, option.echo);
      break;
    case 'fast-open':
      if (option.experimental) writeU16(bytes, at, FAST_OPEN_EXPERIMENT);
      bytes.set(option.cookie, at + (option.experimental ? 2 : 0));
      break;
    case 'md5':
      bytes.set(option.digest, at);
      break;
    case 'user-timeout':
      writeU16(bytes, at, (option.minutes ? 0x8000 : 0) | option.amount);
      break;
    case 'unknown':
      bytes.set(option.body, at);
      break;
    default:
      unreachable(option);
  }
}
