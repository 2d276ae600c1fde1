import { readU16, readU32 } from '../../wire/octets.ts';
import { type SeqNum, seq } from '../../wire/seq.ts';
import { FAST_OPEN_EXPERIMENT, OptionCode } from '../../wire/tcp-option-code.ts';
import { cutMark } from './dissection.ts';
import { hex } from './hex.ts';
import { mptcpText } from './mptcp.ts';
import { relativeTo } from './relative-seq.ts';

/** What the options' text depends on besides their octets. */
export interface OptionSurroundings {
  readonly flags: number;
  /** What SACK edges are relative to. */
  readonly sackBase: SeqNum;
  /** Whether the whole payload is in the capture: without it an MD5 digest could not be checked. */
  readonly payloadCaptured: boolean;
}

/** `whole` is false where the options could not be read to their end; the line stops there. */
export interface OptionsText {
  readonly text: string;
  readonly whole: boolean;
}

/** Kinds that only tcpdump's text names; the rest of this program keeps them as unknown. */
const Named = { ECHO: 6, ECHO_REPLY: 7, CC: 11, CC_NEW: 12, CC_ECHO: 13, SCPS: 20, AUTHENTICATION: 29 } as const;

const NAMES = new Map<number, string>([
  [OptionCode.END, 'eol'],
  [OptionCode.NOP, 'nop'],
  [OptionCode.MSS, 'mss'],
  [OptionCode.WINDOW_SCALE, 'wscale'],
  [OptionCode.SACK_PERMITTED, 'sackOK'],
  [OptionCode.SACK, 'sack'],
  [Named.ECHO, 'echo'],
  [Named.ECHO_REPLY, 'echoreply'],
  [OptionCode.TIMESTAMPS, 'TS'],
  [Named.CC, 'cc'],
  [Named.CC_NEW, 'ccnew'],
  [Named.CC_ECHO, ''],
  [OptionCode.MD5, 'md5'],
  [Named.SCPS, 'scps'],
  [OptionCode.USER_TIMEOUT, 'uto'],
  [Named.AUTHENTICATION, 'tcp-ao'],
  [OptionCode.MPTCP, 'mptcp'],
  [OptionCode.FAST_OPEN, 'tfo'],
  [OptionCode.EXPERIMENT_2, 'exp'],
]);

/** Octets of body the fixed-size options must have, whatever their length octet says. */
const BODY = new Map<number, number>([
  [OptionCode.END, 0],
  [OptionCode.NOP, 0],
  [OptionCode.SACK_PERMITTED, 0],
  [OptionCode.MSS, 2],
  [OptionCode.WINDOW_SCALE, 1],
  [OptionCode.TIMESTAMPS, 8],
  [OptionCode.MD5, 16],
  [OptionCode.USER_TIMEOUT, 2],
  [Named.ECHO, 4],
  [Named.ECHO_REPLY, 4],
  [Named.CC, 4],
  [Named.CC_NEW, 4],
  [Named.CC_ECHO, 4],
  [Named.SCPS, 2],
]);

/** Why an option's text broke off. */
type Break = 'bad' | 'cut';

interface OptionText {
  readonly text: string;
  readonly broken?: Break;
  /** Octets of body consumed; tcpdump goes on after what it read, not after what the length octet claimed. */
  readonly body: number;
}

/**
 * The options between data[start, start+length) in tcpdump's words, "[mss 1460,sackOK]" with the brackets. `end` is
 * where the captured octets end.
 */
export function optionsText(data: Uint8Array, start: number, length: number, end: number, around: OptionSurroundings): OptionsText {
  const stop = start + length;
  let protocol = 'tcp';
  let text = '[';
  let at = start;
  let separator = '';
  // Where tcpdump gives up it closes the bracket only when an option stands before, and differently for each reason.
  const bad = (): OptionsText => ({ text: `${text}[bad opt]${separator && ']'}`, whole: false });
  while (at < stop) {
    text += separator;
    if (at >= end) return { text: text + cutMark(protocol), whole: false };
    const code = data[at]!;
    const single = code === OptionCode.END || code === OptionCode.NOP;
    if (!single && at + 1 >= end) return { text: text + cutMark(protocol), whole: false };
    const claimed = single ? 1 : data[at + 1]!;
    if (!single && (claimed < 2 || claimed > stop - at)) return bad();
    const body = at + (single ? 1 : 2);
    const option = optionText(code, data, body, claimed - 2, { stop, end, around });
    text += `${NAMES.get(code) ?? `unknown-${code}`}${option.text}`;
    if (option.broken === 'bad') return bad();
    if (option.broken === 'cut') return { text: `${text}${cutMark(protocol)}${separator && '>'}`, whole: false };
    if (code === OptionCode.MPTCP) protocol = 'mptcp'; // the layer tcpdump names when a later option is cut off
    at = body + option.body;
    const read = option.body + (single ? 1 : 2);
    if (read !== claimed) text += `[len ${claimed}]`;
    separator = ',';
    if (code === OptionCode.END) break;
  }
  return { text: `${text}]`, whole: true };
}

interface Bounds {
  /** Where the header's options end. */
  readonly stop: number;
  /** Where the captured octets end. */
  readonly end: number;
  readonly around: OptionSurroundings;
}

const reach = (at: number, octets: number, { stop, end }: Bounds): Break | undefined =>
  at + octets > stop ? 'bad' : at + octets > end ? 'cut' : undefined;

function optionText(code: number, data: Uint8Array, at: number, claimed: number, bounds: Bounds): OptionText {
  const fixed = BODY.get(code);
  if (fixed !== undefined) {
    const broken = reach(at, fixed, bounds);
    return broken ? { text: '', body: 0, broken } : { text: fixedText(code, data, at, bounds.around), body: fixed };
  }
  switch (code) {
    case OptionCode.SACK:
      return sackText(data, at, claimed, bounds);
    case Named.AUTHENTICATION:
      return authenticationText(data, at, claimed, bounds);
    case OptionCode.MPTCP:
    case OptionCode.FAST_OPEN:
    case OptionCode.EXPERIMENT_2: {
      const broken = reach(at, claimed, bounds);
      return broken ? { text: '', body: 0, broken } : variableText(code, data, at, claimed, bounds.around.flags);
    }
    default:
      return { ...octetsText(data, at, claimed, bounds, claimed > 0 ? ' 0x' : ''), body: claimed };
  }
}

function fixedText(code: number, data: Uint8Array, at: number, around: OptionSurroundings): string {
  switch (code) {
    case OptionCode.MSS:
      return ` ${readU16(data, at)}`;
    case OptionCode.WINDOW_SCALE:
      return ` ${data[at]}`;
    case OptionCode.TIMESTAMPS:
      return ` val ${readU32(data, at)} ecr ${readU32(data, at + 4)}`;
    case OptionCode.MD5: {
      // tcpdump checks digests against a secret given with -M; here there is none.
      const why = around.payloadCaptured ? 'shared secret not supplied with -M' : 'snaplen too short';
      return ` ${why}, can't check - ${hex(data, at, at + 16)}`;
    }
    case OptionCode.USER_TIMEOUT: {
      // tcpdump takes the lowest bit for the granularity, where RFC 5482 §3 puts it in the highest.
      const field = readU16(data, at);
      return ` 0x${field.toString(16)} ${field & 1 ? (field >> 1) * 60 : field >> 1}`;
    }
    case Named.SCPS:
      return ` cap ${hex(data, at, at + 1)} id ${data[at + 1]}`;
    case Named.ECHO:
    case Named.ECHO_REPLY:
    case Named.CC:
    case Named.CC_NEW:
    case Named.CC_ECHO:
      return ` ${readU32(data, at)}`;
    default:
      return '';
  }
}

function sackText(data: Uint8Array, at: number, claimed: number, bounds: Bounds): OptionText {
  if (claimed % 8 !== 0) return { text: ' invalid sack', body: claimed };
  let text = ` ${claimed / 8} `;
  for (let i = 0; i < claimed; i += 8) {
    const broken = reach(at, i + 8, bounds);
    if (broken) return { text, body: 0, broken };
    const left = relativeTo(bounds.around.sackBase, seq(readU32(data, at + i)));
    const right = relativeTo(bounds.around.sackBase, seq(readU32(data, at + i + 4)));
    text += `{${left}:${right}}`;
  }
  return { text, body: claimed };
}

/** TCP-AO (RFC 5925 §2.2): at least the two key numbers. */
function authenticationText(data: Uint8Array, at: number, claimed: number, bounds: Bounds): OptionText {
  if (claimed < 2) return { text: ' (invalid)', body: claimed };
  const first = reach(at, 1, bounds);
  if (first) return { text: '', body: 0, broken: first };
  const keyId = ` keyid ${data[at]}`;
  const second = reach(at, 2, bounds);
  if (second) return { text: keyId, body: 0, broken: second };
  const keys = `${keyId} rnextkeyid ${data[at + 1]}`;
  if (claimed === 2) return { text: keys, body: claimed };
  const mac = octetsText(data, at + 2, claimed - 2, bounds, ' mac 0x');
  return { ...mac, text: keys + mac.text, body: claimed };
}

/** As many of the octets as are there. */
function octetsText(data: Uint8Array, at: number, length: number, bounds: Bounds, lead: string): OptionText {
  const broken = reach(at, length, bounds);
  return { text: lead + hex(data, at, Math.min(at + length, bounds.end)), body: length, ...(broken && { broken }) };
}

/** Options whose whole body is known to be captured. */
function variableText(code: number, data: Uint8Array, at: number, length: number, flags: number): OptionText {
  if (code === OptionCode.MPTCP) {
    const { text, valid } = mptcpText(data, at, length, flags);
    return { text, body: length, ...(!valid && { broken: 'bad' as const }) };
  }
  if (code === OptionCode.FAST_OPEN) return { text: ` ${cookieText(data, at, length)}`, body: length };
  if (length < 2) return { text: '', body: 0, broken: 'bad' };
  const experiment = readU16(data, at);
  const named = experiment === FAST_OPEN_EXPERIMENT;
  return { text: named ? `-tfo${cookieText(data, at + 2, length - 2)}` : `-${hex(data, at, at + 2)}`, body: length };
}

/** RFC 7413 §4.1.1: a cookie has 4 to 16 octets, an even number; none asks for one. */
function cookieText(data: Uint8Array, at: number, length: number): string {
  if (length === 0) return ' cookiereq';
  return length % 2 !== 0 || length < 4 || length > 16 ? ' (invalid)' : ` cookie ${hex(data, at, at + length)}`;
}
