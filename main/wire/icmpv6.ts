import { type PseudoHeader, transportChecksum } from './checksum.ts';
import { IpProtocol } from './ip-protocol.ts';
import { readU16, readU32, roomFor, writeU16, writeU32 } from './octets.ts';
import { err, ok, type Result, unreachable } from './result.ts';
import { truncated, type WireError } from './wire-error.ts';

/** Codes of destination unreachable (RFC 4443 §3.1). */
export const Icmpv6Unreachable = { NO_ROUTE: 0, ADMINISTRATIVELY: 1, BEYOND_SCOPE: 2, ADDRESS: 3, PORT: 4 } as const;

/** An ICMPv6 message (RFC 4443). `original` is as much of the packet that caused it as fits. */
export type Icmpv6Message =
  | { readonly kind: 'echo-request' | 'echo-reply'; readonly identifier: number; readonly sequence: number; readonly data: Uint8Array }
  | { readonly kind: 'unreachable'; readonly code: number; readonly original: Uint8Array }
  | { readonly kind: 'packet-too-big'; readonly mtu: number; readonly original: Uint8Array }
  | { readonly kind: 'time-exceeded'; readonly code: number; readonly original: Uint8Array }
  | { readonly kind: 'other'; readonly type: number; readonly code: number; readonly rest: number; readonly body: Uint8Array };

const Type = { UNREACHABLE: 1, PACKET_TOO_BIG: 2, TIME_EXCEEDED: 3, ECHO_REQUEST: 128, ECHO_REPLY: 129 } as const;

export const ICMPV6_HEADER = 8;

/** Reads a message. The checksum is not judged: `transportChecksum` over the same octets gives 0 when it is right. */
export function decodeIcmpv6(bytes: Uint8Array): Result<Icmpv6Message, WireError> {
  if (bytes.length < ICMPV6_HEADER) return err(truncated('ICMPv6 header', ICMPV6_HEADER, bytes.length));
  const type = bytes[0]!;
  const code = bytes[1]!;
  const rest = readU32(bytes, 4);
  const body = bytes.subarray(ICMPV6_HEADER);
  if (type === Type.ECHO_REQUEST && code === 0) return ok(echo('echo-request', bytes, body));
  if (type === Type.ECHO_REPLY && code === 0) return ok(echo('echo-reply', bytes, body));
  if (type === Type.PACKET_TOO_BIG && code === 0) return ok({ kind: 'packet-too-big', mtu: rest, original: body });
  if (type === Type.UNREACHABLE && rest === 0) return ok({ kind: 'unreachable', code, original: body });
  if (type === Type.TIME_EXCEEDED && rest === 0) return ok({ kind: 'time-exceeded', code, original: body });
  return ok({ kind: 'other', type, code, rest, body });
}

const echo = (kind: 'echo-request' | 'echo-reply', bytes: Uint8Array, data: Uint8Array): Icmpv6Message => ({
  kind,
  identifier: readU16(bytes, 4),
  sequence: readU16(bytes, 6),
  data,
});

/** Writes a message with its checksum, which covers the addresses too (RFC 4443 §2.3), into `out` when it has room. */
export function encodeIcmpv6(message: Icmpv6Message, pseudoHeader: PseudoHeader, out?: Uint8Array): Uint8Array {
  const { type, code, rest, body } = icmpv6Parts(message);
  const bytes = roomFor(ICMPV6_HEADER + body.length, out);
  bytes[0] = type;
  bytes[1] = code;
  writeU16(bytes, 2, 0);
  writeU32(bytes, 4, rest);
  bytes.set(body, ICMPV6_HEADER);
  writeU16(bytes, 2, transportChecksum(pseudoHeader, IpProtocol.ICMPV6, bytes));
  return bytes;
}

/** The four parts every message has; `rest` are the four octets after the checksum. */
export function icmpv6Parts(message: Icmpv6Message): { type: number; code: number; rest: number; body: Uint8Array } {
  switch (message.kind) {
    case 'echo-request':
      return { type: Type.ECHO_REQUEST, code: 0, rest: ((message.identifier << 16) | message.sequence) >>> 0, body: message.data };
    case 'echo-reply':
      return { type: Type.ECHO_REPLY, code: 0, rest: ((message.identifier << 16) | message.sequence) >>> 0, body: message.data };
    case 'unreachable':
      return { type: Type.UNREACHABLE, code: message.code, rest: 0, body: message.original };
    case 'packet-too-big':
      return { type: Type.PACKET_TOO_BIG, code: 0, rest: message.mtu, body: message.original };
    case 'time-exceeded':
      return { type: Type.TIME_EXCEEDED, code: message.code, rest: 0, body: message.original };
    case 'other':
      return message;
    default:
      return unreachable(message);
  }
}
