import { internetChecksum } from './checksum.ts';
import { readU16, readU32, roomFor, writeU16, writeU32 } from './octets.ts';
import { err, ok, type Result, unreachable } from './result.ts';
import { truncated, type WireError } from './wire-error.ts';

/** Codes of destination unreachable (RFC 792, RFC 1122 §3.2.2.1). */
export const IcmpUnreachable = { NETWORK: 0, HOST: 1, PROTOCOL: 2, PORT: 3, FRAGMENTATION_NEEDED: 4, ADMINISTRATIVELY: 13 } as const;

/** An ICMP message (RFC 792). `original` is the header and first octets of the packet that caused it. */
export type IcmpMessage =
  | { readonly kind: 'echo-request' | 'echo-reply'; readonly identifier: number; readonly sequence: number; readonly data: Uint8Array }
  | {
      readonly kind: 'unreachable';
      readonly code: number;
      /** Next-hop MTU, meaningful with FRAGMENTATION_NEEDED (RFC 1191 §4); 0 from routers older than that. */
      readonly mtu: number;
      readonly original: Uint8Array;
    }
  | { readonly kind: 'time-exceeded'; readonly code: number; readonly original: Uint8Array }
  | { readonly kind: 'other'; readonly type: number; readonly code: number; readonly rest: number; readonly body: Uint8Array };

const Type = { ECHO_REPLY: 0, UNREACHABLE: 3, ECHO_REQUEST: 8, TIME_EXCEEDED: 11 } as const;

export const ICMP_HEADER = 8;

/** Reads a message. The checksum is not judged: `internetChecksum` over the same octets gives 0 when it is right. */
export function decodeIcmp(bytes: Uint8Array): Result<IcmpMessage, WireError> {
  if (bytes.length < ICMP_HEADER) return err(truncated('ICMP header', ICMP_HEADER, bytes.length));
  const type = bytes[0]!;
  const code = bytes[1]!;
  const rest = readU32(bytes, 4);
  const body = bytes.subarray(ICMP_HEADER);
  if (type === Type.ECHO_REQUEST && code === 0) return ok(echo('echo-request', bytes, body));
  if (type === Type.ECHO_REPLY && code === 0) return ok(echo('echo-reply', bytes, body));
  if (type === Type.UNREACHABLE && rest <= 0xffff) return ok({ kind: 'unreachable', code, mtu: rest, original: body });
  if (type === Type.TIME_EXCEEDED && rest === 0) return ok({ kind: 'time-exceeded', code, original: body });
  return ok({ kind: 'other', type, code, rest, body });
}

const echo = (kind: 'echo-request' | 'echo-reply', bytes: Uint8Array, data: Uint8Array): IcmpMessage => ({
  kind,
  identifier: readU16(bytes, 4),
  sequence: readU16(bytes, 6),
  data,
});

/** Writes a message with its checksum, into `out` when it has room. */
export function encodeIcmp(message: IcmpMessage, out?: Uint8Array): Uint8Array {
  const { type, code, rest, body } = icmpParts(message);
  const bytes = roomFor(ICMP_HEADER + body.length, out);
  bytes[0] = type;
  bytes[1] = code;
  writeU16(bytes, 2, 0);
  writeU32(bytes, 4, rest);
  bytes.set(body, ICMP_HEADER);
  writeU16(bytes, 2, internetChecksum(bytes));
  return bytes;
}

/** The four parts every message has; `rest` are the four octets after the checksum. */
export function icmpParts(message: IcmpMessage): { type: number; code: number; rest: number; body: Uint8Array } {
  switch (message.kind) {
    case 'echo-request':
      return { type: Type.ECHO_REQUEST, code: 0, rest: ((message.identifier << 16) | message.sequence) >>> 0, body: message.data };
    case 'echo-reply':
      return { type: Type.ECHO_REPLY, code: 0, rest: ((message.identifier << 16) | message.sequence) >>> 0, body: message.data };
    case 'unreachable':
      return { type: Type.UNREACHABLE, code: message.code, rest: message.mtu, body: message.original };
    case 'time-exceeded':
      return { type: Type.TIME_EXCEEDED, code: message.code, rest: 0, body: message.original };
    case 'other':
      return message;
    default:
      return unreachable(message);
  }
}
