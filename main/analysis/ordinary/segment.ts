import { SYN, TIMESTAMPS } from './codes.ts';
import * as at from './layout.ts';
import { be16, be32 } from './memory.ts';
import { clearOptions, readOptions } from './options.ts';

// The segment at hand: what its headers say, read once.
export let frame: i32 = 0;
export let packet: i32 = 0;
export let seq: i32 = 0;
export let ack: i32 = 0;
/** Control bits, and TIMESTAMPS of what a row shows. */
export let flags: i32 = 0;
export let window: i32 = 0;
export let length: i32 = 0;
export let tsValue: i32 = 0;
export let tsEcho: i32 = 0;
export let hops: i32 = 0;
export let ipId: i32 = 0;

const TCP_HEADER = 20;
const WITH_TIMESTAMPS = 32;
const ALIGNED_TIMESTAMPS = 0x0101080a;

/**
 * Reads the segment whose TCP header is at `tcp`, of frame `i` of the batch. False where it has what the rules have to look at: options other
 * than timestamps and those of a SYN, or a header that was not captured.
 */
export function read(i: i32, ip: i32, version: i32, tcp: i32, tcpLength: i32, captured: i32, wireEnd: i32): bool {
  if (tcpLength < TCP_HEADER || captured < TCP_HEADER) return false;
  const offsetFlagsWindow = be32(tcp + 12);
  const headerLength = (offsetFlagsWindow >>> 28) * 4;
  if (headerLength < TCP_HEADER || headerLength > tcpLength || headerLength > captured) return false;
  frame = i;
  packet = load<i32>(at.ROWS);
  flags = (offsetFlagsWindow >>> 16) & 0x1ff;
  window = offsetFlagsWindow & 0xffff;
  seq = be32(tcp + 4);
  ack = be32(tcp + 8);
  tsValue = 0;
  tsEcho = 0;
  clearOptions();
  if (headerLength === WITH_TIMESTAMPS && be32(tcp + TCP_HEADER) === ALIGNED_TIMESTAMPS) timestamps(tcp + TCP_HEADER + 4);
  else if (headerLength !== TCP_HEADER && ((flags & SYN) === 0 || !readOptions(tcp + TCP_HEADER, tcp + headerLength))) return false;
  // No segment holds more than its frame did on the wire.
  length = max(0, min(tcpLength, wireEnd - tcp) - headerLength);
  hops = load<u8>(version === 4 ? ip + 8 : ip + 7);
  ipId = version === 4 ? be16(ip + 4) : 0;
  return true;
}

/** Their two values lie at `address`. */
export function timestamps(address: i32): void {
  flags |= TIMESTAMPS;
  tsValue = be32(address);
  tsEcho = be32(address + 4);
}
