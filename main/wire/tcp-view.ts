import type { Located } from './locate.ts';
import { dataViewOf, readU32 } from './octets.ts';
import type { SeqNum } from './seq.ts';
import { OptionCode } from './tcp-option-code.ts';

/**
 * The fields of one TCP header, read in place. One view is reused for every segment, so that a long capture makes no
 * garbage; whoever wants to keep a field copies the number.
 */
export interface TcpView {
  srcPort: number;
  dstPort: number;
  seq: SeqNum;
  ack: SeqNum;
  /** A union of `Flag` bits, AE included. */
  flags: number;
  window: number;
  urgent: number;
  headerLength: number;
  /** Offset in `data` of the payload. */
  payload: number;
  /** Payload octets the IP header claims. */
  payloadLength: number;
  /** How many of them are in the capture. */
  capturedPayload: number;
  /** -1 when absent. */
  mss: number;
  /** -1 when absent; as sent, so it may exceed 14. */
  windowScale: number;
  sackPermitted: boolean;
  hasTimestamps: boolean;
  tsValue: number;
  tsEcho: number;
  sackCount: number;
  /** Left and right edges, pair by pair. */
  sack: Uint32Array;
  fastOpen: boolean;
  /** It carries an option of Multipath TCP that signals something (an address, a priority): any but a data sequence signal. */
  mptcpSignal: boolean;
  /** An option ran out of its header or had an impossible length; the others stand. Options merely not captured are not malformed. */
  optionsMalformed: boolean;
  /** Why `readTcp` gave false: a constant string. */
  reason: string;
}

/** 40 octets of options hold no more (RFC 2018 §3), but two SACK options of hostile making could; further blocks are dropped. */
const MOST_SACK_BLOCKS = 4;

/** The subtype of a data sequence signal (RFC 8684 §3.3). */
const MPTCP_DSS = 2;

const LARGEST = 2 ** 32 - 1;

/** Octets of the header without options (RFC 9293 §3.1). */
export const TCP_HEADER = 20;
/** How nearly everybody begins twelve octets of options: two of padding, then timestamps (RFC 7323, appendix A). */
export const ALIGNED_TIMESTAMPS = 0x0101080a;

/** What no header was read into yet. Its numbers of 32 bits are not small ones, or V8 would compile all that reads them anew at the first large one. */
export function emptyTcpView(): TcpView {
  return {
    srcPort: 0,
    dstPort: 0,
    seq: LARGEST as SeqNum,
    ack: LARGEST as SeqNum,
    flags: 0,
    window: 0,
    urgent: 0,
    headerLength: 0,
    payload: 0,
    payloadLength: 0,
    capturedPayload: 0,
    mss: -1,
    windowScale: -1,
    sackPermitted: false,
    hasTimestamps: false,
    tsValue: LARGEST,
    tsEcho: LARGEST,
    sackCount: 0,
    sack: new Uint32Array(2 * MOST_SACK_BLOCKS),
    fastOpen: false,
    mptcpSignal: false,
    optionsMalformed: false,
    reason: '',
  };
}

/**
 * Reads the located TCP header into `out`. False when the header is cut off or its data offset is impossible;
 * `out.reason` tells which, and `out` then holds what could be read (the ports at least, where they were captured).
 */
export function readTcp(data: Uint8Array, at: Located, out: TcpView): boolean {
  const { tcp, captured, tcpLength } = at;
  if (captured < TCP_HEADER || tcpLength < TCP_HEADER) return cutOff(data, at, out);
  const octets = dataViewOf(data);
  const ports = octets.getInt32(tcp);
  const offsetFlagsWindow = octets.getInt32(tcp + 12);
  const headerLength = (offsetFlagsWindow >>> 28) * 4;
  out.srcPort = ports >>> 16;
  out.dstPort = ports & 0xffff;
  out.seq = octets.getUint32(tcp + 4) as SeqNum;
  out.ack = octets.getUint32(tcp + 8) as SeqNum;
  out.flags = (offsetFlagsWindow >>> 16) & 0x1ff;
  out.window = offsetFlagsWindow & 0xffff;
  out.urgent = octets.getUint16(tcp + 18);
  out.headerLength = headerLength;
  out.payload = tcp + headerLength;
  out.payloadLength = Math.max(0, tcpLength - headerLength);
  out.capturedPayload = Math.max(0, captured - headerLength);
  clearOptions(out);
  if (headerLength === TCP_HEADER) return true;
  if (headerLength === TCP_HEADER + 12 && captured >= TCP_HEADER + 12 && octets.getInt32(tcp + TCP_HEADER) === ALIGNED_TIMESTAMPS) {
    readTimestamps(octets, tcp + TCP_HEADER + 2, out);
    return true;
  }
  if (headerLength < TCP_HEADER) return refuse(out, 'TCP data offset below 5');
  if (headerLength > tcpLength) return refuse(out, 'TCP data offset beyond the segment');
  readOptions(data, tcp + TCP_HEADER, tcp + headerLength, tcp + captured, out);
  return true;
}

/** `readTcp` would not give false. */
export function hasTcpHeader(data: Uint8Array, { tcp, tcpLength, captured }: Located): boolean {
  if (tcpLength < TCP_HEADER || captured < TCP_HEADER) return false;
  const headerLength = (data[tcp + 12]! >> 4) * 4;
  return headerLength >= TCP_HEADER && headerLength <= tcpLength;
}

/** What is there of a header that is not there as a whole. */
function cutOff(data: Uint8Array, { tcp, captured, tcpLength }: Located, out: TcpView): boolean {
  out.seq = out.ack = 0 as SeqNum;
  out.flags = out.window = out.urgent = out.headerLength = 0;
  out.payload = out.payloadLength = out.capturedPayload = 0;
  out.srcPort = captured < 4 ? 0 : (data[tcp]! << 8) | data[tcp + 1]!;
  out.dstPort = captured < 4 ? 0 : (data[tcp + 2]! << 8) | data[tcp + 3]!;
  clearOptions(out);
  return refuse(out, tcpLength < TCP_HEADER ? 'TCP segment shorter than a TCP header' : 'TCP header cut off by the snapshot length');
}

/** The segment is of no use: it has no payload. */
function refuse(out: TcpView, reason: string): boolean {
  out.payload = out.payloadLength = out.capturedPayload = 0;
  out.reason = reason;
  return false;
}

function clearOptions(out: TcpView): void {
  out.mss = out.windowScale = -1;
  out.sackPermitted = out.hasTimestamps = out.fastOpen = out.mptcpSignal = out.optionsMalformed = false;
  out.tsValue = out.tsEcho = out.sackCount = 0;
  out.reason = '';
}

function readTimestamps(octets: DataView, at: number, out: TcpView): void {
  out.hasTimestamps = true;
  out.tsValue = octets.getUint32(at + 2);
  out.tsEcho = octets.getUint32(at + 6);
}

/** Options between the fixed header and the data offset (RFC 9293 §3.1); those that were not captured are passed over. */
function readOptions(data: Uint8Array, start: number, headerEnd: number, capturedEnd: number, out: TcpView): void {
  let at = start;
  while (at < headerEnd && at < capturedEnd) {
    const code = data[at]!;
    if (code === OptionCode.END) return;
    if (code === OptionCode.NOP) {
      at++;
      continue;
    }
    if (at + 1 >= capturedEnd && at + 1 < headerEnd) return;
    const length = at + 1 < headerEnd ? data[at + 1]! : 0;
    if (length < 2 || at + length > headerEnd) {
      out.optionsMalformed = true;
      return;
    }
    if (at + length > capturedEnd) return;
    readOption(code, data, at, length, out);
    at += length;
  }
}

function readOption(code: number, data: Uint8Array, at: number, length: number, out: TcpView): void {
  switch (code) {
    case OptionCode.MSS:
      if (length === 4) out.mss = (data[at + 2]! << 8) | data[at + 3]!;
      else out.optionsMalformed = true;
      return;
    case OptionCode.WINDOW_SCALE:
      if (length === 3) out.windowScale = data[at + 2]!;
      else out.optionsMalformed = true;
      return;
    case OptionCode.SACK_PERMITTED:
      if (length === 2) out.sackPermitted = true;
      else out.optionsMalformed = true;
      return;
    case OptionCode.SACK:
      readSack(data, at, length, out);
      return;
    case OptionCode.TIMESTAMPS:
      if (length === 10) readTimestamps(dataViewOf(data), at, out);
      else out.optionsMalformed = true;
      return;
    case OptionCode.MPTCP:
      if (length >= 3 && data[at + 2]! >> 4 !== MPTCP_DSS) out.mptcpSignal = true;
      return;
    case OptionCode.FAST_OPEN:
      out.fastOpen = true;
      return;
    case OptionCode.EXPERIMENT_2:
      if (length >= 4 && data[at + 2] === 0xf9 && data[at + 3] === 0x89) out.fastOpen = true;
      return;
  }
}

function readSack(data: Uint8Array, at: number, length: number, out: TcpView): void {
  if (length < 10 || (length - 2) % 8 !== 0) {
    out.optionsMalformed = true;
    return;
  }
  for (let edge = at + 2; edge < at + length && out.sackCount < MOST_SACK_BLOCKS; edge += 8) {
    out.sack[2 * out.sackCount] = readU32(data, edge);
    out.sack[2 * out.sackCount + 1] = readU32(data, edge + 4);
    out.sackCount++;
  }
}
