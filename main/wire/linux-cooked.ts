import { readU16, readU32, roomFor, writeU16, writeU32 } from './octets.ts';
import { err, ok, type Result } from './result.ts';
import { truncated, type WireError } from './wire-error.ts';

/** How a frame met the capturing host (sll_pkttype of packet(7)). */
export const PacketType = { HOST: 0, BROADCAST: 1, MULTICAST: 2, OTHER_HOST: 3, OUTGOING: 4 } as const;

/** What the `any` device of Linux gives instead of a link-layer header (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */
export interface CookedFrame {
  readonly packetType: number;
  /** ARPHRD_ number of the device. */
  readonly hardwareType: number;
  /** Sender's link-layer address, eight octets of which `addressLength` count. */
  readonly address: Uint8Array;
  readonly addressLength: number;
  readonly etherType: number;
  /** Version 2 alone tells the interface; undefined in version 1. */
  readonly interfaceIndex: number | undefined;
  readonly payload: Uint8Array;
}

export const SLL_HEADER = 16;
export const SLL2_HEADER = 20;

export function decodeCookedV1(bytes: Uint8Array): Result<CookedFrame, WireError> {
  if (bytes.length < SLL_HEADER) return err(truncated('Linux cooked header', SLL_HEADER, bytes.length));
  return ok({
    packetType: readU16(bytes, 0),
    hardwareType: readU16(bytes, 2),
    addressLength: readU16(bytes, 4),
    address: bytes.slice(6, 14),
    etherType: readU16(bytes, 14),
    interfaceIndex: undefined,
    payload: bytes.subarray(SLL_HEADER),
  });
}

export function decodeCookedV2(bytes: Uint8Array): Result<CookedFrame, WireError> {
  if (bytes.length < SLL2_HEADER) return err(truncated('Linux cooked v2 header', SLL2_HEADER, bytes.length));
  return ok({
    etherType: readU16(bytes, 0),
    interfaceIndex: readU32(bytes, 4),
    hardwareType: readU16(bytes, 8),
    packetType: bytes[10]!,
    addressLength: bytes[11]!,
    address: bytes.slice(12, 20),
    payload: bytes.subarray(SLL2_HEADER),
  });
}

/** Writes version 2 when the frame knows its interface, else version 1; into `out` when it has room. */
export function encodeCooked(frame: CookedFrame, out?: Uint8Array): Uint8Array {
  if (frame.interfaceIndex === undefined) {
    const bytes = roomFor(SLL_HEADER + frame.payload.length, out);
    writeU16(bytes, 0, frame.packetType);
    writeU16(bytes, 2, frame.hardwareType);
    writeU16(bytes, 4, frame.addressLength);
    bytes.set(frame.address, 6);
    writeU16(bytes, 14, frame.etherType);
    bytes.set(frame.payload, SLL_HEADER);
    return bytes;
  }
  const bytes = roomFor(SLL2_HEADER + frame.payload.length, out);
  writeU16(bytes, 0, frame.etherType);
  writeU16(bytes, 2, 0); // reserved
  writeU32(bytes, 4, frame.interfaceIndex);
  writeU16(bytes, 8, frame.hardwareType);
  bytes[10] = frame.packetType;
  bytes[11] = frame.addressLength;
  bytes.set(frame.address, 12);
  bytes.set(frame.payload, SLL2_HEADER);
  return bytes;
}
