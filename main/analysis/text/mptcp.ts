import { ipv4AddressAt, ipv6AddressAt } from '../../wire/ip-address.ts';
import { readU16, readU32 } from '../../wire/octets.ts';
import { Flag } from '../../wire/segment.ts';
import { hex } from './hex.ts';

/** `valid` is false where the length cannot be one of its subtype's: tcpdump then calls the whole option bad. */
export interface MptcpText {
  readonly text: string;
  readonly valid: boolean;
}

const INVALID: MptcpText = { text: '', valid: false };
const valid = (text: string): MptcpText => ({ text, valid: true });

/**
 * A Multipath TCP option (RFC 6824 §3, RFC 8684 §3) in tcpdump's words. `at` points behind its kind and length, and all
 * `length` octets are there.
 */
export function mptcpText(data: Uint8Array, at: number, length: number, flags: number): MptcpText {
  if (length < 1) return INVALID;
  const total = length + 2; // lengths below are those of the RFCs, kind and length octet included
  const subtype = SUBTYPES[data[at]! >> 4] ?? UNKNOWN;
  const { text, valid } = subtype.text(data, at, total, flags);
  return { text: ` ${total} ${subtype.name}${text}`, valid };
}

interface Subtype {
  readonly name: string;
  readonly text: (data: Uint8Array, at: number, total: number, flags: number) => MptcpText;
}

const UNKNOWN: Subtype = { name: 'unknown', text: () => valid('') };

const SUBTYPES: readonly Subtype[] = [
  { name: 'capable', text: capable },
  { name: 'join', text: join },
  { name: 'dss', text: dataSequence },
  { name: 'add-addr', text: addAddress },
  { name: 'rem-addr', text: removeAddress },
  { name: 'prio', text: priority },
  { name: 'fail', text: (data, at, total) => (total === 12 ? valid(` seq ${decimal64(data, at + 2)}`) : INVALID) },
  { name: 'fast-close', text: (data, at, total) => (total === 12 ? valid(` key 0x${hex64(data, at + 2)}`) : INVALID) },
];

const u64 = (data: Uint8Array, at: number): bigint => (BigInt(readU32(data, at)) << 32n) | BigInt(readU32(data, at + 4));
const hex64 = (data: Uint8Array, at: number): string => u64(data, at).toString(16);
const decimal64 = (data: Uint8Array, at: number): string => u64(data, at).toString();

const isSyn = (flags: number): boolean => (flags & Flag.SYN) !== 0;
const isAck = (flags: number): boolean => (flags & Flag.ACK) !== 0;

function capable(data: Uint8Array, at: number, total: number, flags: number): MptcpText {
  const opening = (total === 12 || total === 4) && isSyn(flags);
  const completing = (total === 20 || total === 22) && isAck(flags) && !isSyn(flags);
  if (!opening && !completing) return INVALID;
  const version = data[at]! & 0x0f;
  if (version > 1) return valid(` Unknown Version (${version})`);
  const checksum = (data[at + 1]! & 0x80) !== 0 ? ' csum' : '';
  const receiver = total >= 20 ? `,0x${hex64(data, at + 10)}` : '';
  const keys = total === 4 ? '' : ` {0x${hex64(data, at + 2)}${receiver}}`;
  return valid(` v${version}${checksum}${keys}`);
}

function join(data: Uint8Array, at: number, total: number, flags: number): MptcpText {
  const backup = (data[at]! & 0x01) !== 0 ? ' backup' : '';
  const address = `${backup} id ${data[at + 1]}`;
  if (total === 12 && isSyn(flags)) {
    const token = readU32(data, at + 2).toString(16);
    return valid(`${address} token 0x${token} nonce 0x${readU32(data, at + 6).toString(16)}`);
  }
  if (total === 16 && isSyn(flags) && isAck(flags))
    return valid(`${address} hmac 0x${hex64(data, at + 2)} nonce 0x${readU32(data, at + 10).toString(16)}`);
  if (total === 24 && isAck(flags)) return valid(` hmac 0x${hex(data, at + 2, at + 22)}`);
  return INVALID;
}

/** Data sequence signal (RFC 8684 §3.3): what the flags announce must fill the option exactly. */
function dataSequence(data: Uint8Array, at: number, total: number, flags: number): MptcpText {
  if (total < 4 || isSyn(flags)) return INVALID;
  const bits = data[at + 1]!;
  const end = at + total - 2;
  let next = at + 2;
  let text = bits & 0x10 ? ' fin' : '';
  const stop = (): MptcpText => ({ text, valid: false });
  if (bits & 0x01) {
    const octets = bits & 0x02 ? 8 : 4;
    text += ' ack ';
    if (next + octets > end) return stop();
    text += octets === 8 ? decimal64(data, next) : readU32(data, next);
    next += octets;
  }
  if (bits & 0x04) {
    const octets = bits & 0x08 ? 8 : 4;
    text += ' seq ';
    if (next + octets > end) return stop();
    text += octets === 8 ? decimal64(data, next) : readU32(data, next);
    next += octets;
    if (next + 4 > end) return stop();
    text += ` subseq ${readU32(data, next)}`;
    next += 4;
    if (next + 2 > end) return stop();
    text += ` len ${readU16(data, next)}`;
    next += 2;
    if (next + 2 <= end) {
      text += ` csum 0x${readU16(data, next).toString(16)}`;
      next += 2;
    }
  }
  return { text, valid: next === end };
}

/** The low nibble says which version wrote it and what it means there. */
const ADDRESS_KINDS = new Map<number, string>([
  [0x6, 'v0-ip6'],
  [0x4, 'v0-ip4'],
  [0x1, 'v1-echo'],
  [0x0, 'v1'],
]);

/** An address, then a port and a truncated HMAC where the length leaves room for them. */
function addAddress(data: Uint8Array, at: number, total: number): MptcpText {
  const addressOctets = [8, 10, 16, 18].includes(total) ? 4 : [20, 22, 28, 30].includes(total) ? 16 : 0;
  if (addressOctets === 0) return INVALID;
  const rest = total - 4 - addressOctets;
  const kind = ADDRESS_KINDS.get(data[at]! & 0x0f) ?? '[bad version/echo]';
  const address = addressOctets === 4 ? ipv4AddressAt(data, at + 2) : ipv6AddressAt(data, at + 2);
  const behind = at + 2 + addressOctets;
  const port = rest === 2 || rest === 10 ? `:${readU16(data, behind)}` : '';
  const hmac = rest >= 8 ? ` hmac 0x${hex64(data, behind + rest - 8)}` : '';
  return valid(` ${kind} id ${data[at + 1]} ${address}${port}${hmac}`);
}

function removeAddress(data: Uint8Array, at: number, total: number): MptcpText {
  if (total < 4) return INVALID;
  return valid(` id ${Array.from(data.subarray(at + 1, at + total - 2)).join(' ')}`);
}

function priority(data: Uint8Array, at: number, total: number): MptcpText {
  if (total !== 3 && total !== 4) return INVALID;
  const backup = (data[at]! & 0x01) !== 0 ? ' backup' : ' non-backup';
  return valid(`${backup}${total === 4 ? ` id ${data[at + 1]}` : ''}`);
}
