import type { FrameBatch } from '../wire/frame-batch.ts';
import { Block, BYTE_ORDER_MAGIC, Option, padded } from './pcapng-format.ts';

/** An interface as a capture that we write describes it. */
export interface WrittenInterface {
  readonly linkType: number;
  readonly name?: string;
  readonly filter?: string;
  /** Octets kept of each frame; 0, the default, means no limit. */
  readonly snapLength?: number;
}

/** What is written beside a frame: its number within the batch gives a comment, or undefined. */
export type CommentOf = (i: number) => string | undefined;

const SECTION_FIXED = 16;
const INTERFACE_FIXED = 8;
const BLOCK_FRAME = 12;
const PACKET_FIXED = 20;
const NANOSECONDS = 9;
/** The last second whose nanoseconds fit 64 bits. */
const LAST_SECOND = 18_446_744_072;

/**
 * Turns batches into one pcapng section, little-endian, with times in nanoseconds. An interface is described when its
 * first frame comes: one for each number and link type, because in pcapng a link type belongs to an interface.
 */
export class PcapngEncoder {
  readonly #given: readonly WrittenInterface[];
  /** (interface number, link type) of the batches -> interface number in what we write. */
  readonly #written = new Map<number, number>();

  /** The `interfaces` are described in the header already; batches number them from 0 in this order. */
  constructor(interfaces: readonly WrittenInterface[] = []) {
    this.#given = interfaces;
  }

  /** The section header, and the interfaces known from the start. Comes first, once. */
  header(): Uint8Array {
    return Buffer.concat([sectionHeader(), ...this.#given.map((given, id) => this.#describe(id, given))]);
  }

  /** `comment` tells what stands beside a frame of the batch, if anything does. */
  encode(batch: FrameBatch, comment?: CommentOf): Uint8Array {
    const descriptions: Uint8Array[] = [];
    const remarks = Array.from({ length: comment ? batch.count : 0 }, (_, i) => remark(comment!(i)));
    let size = 0;
    for (let i = 0; i < batch.count; i++) {
      const id = batch.interfaceId[i]!;
      const linkType = batch.linkType[i]!;
      if (!this.#written.has(key(id, linkType))) descriptions.push(this.#describe(id, { ...this.#given[id], linkType }));
      size += BLOCK_FRAME + PACKET_FIXED + padded(batch.capturedLength[i]!) + (remarks[i]?.length ?? 0);
    }
    const packets = Buffer.alloc(size);
    const view = new DataView(packets.buffer, packets.byteOffset, size);
    let at = 0;
    for (let i = 0; i < batch.count; i++) at = this.#packet(batch, i, packets, view, at, remarks[i]);
    return descriptions.length > 0 ? Buffer.concat([...descriptions, packets]) : packets;
  }

  #packet(batch: FrameBatch, i: number, out: Uint8Array, view: DataView, at: number, options: Uint8Array | undefined): number {
    const captured = batch.capturedLength[i]!;
    const length = BLOCK_FRAME + PACKET_FIXED + padded(captured) + (options?.length ?? 0);
    view.setUint32(at, Block.enhancedPacket, true);
    view.setUint32(at + 4, length, true);
    view.setUint32(at + 8, this.#written.get(key(batch.interfaceId[i]!, batch.linkType[i]!))!, true);
    setTime(view, at + 12, batch.seconds[i]!, batch.nanoseconds[i]!);
    view.setUint32(at + 20, captured, true);
    view.setUint32(at + 24, batch.originalLength[i]!, true);
    const from = batch.offset[i]!;
    out.set(batch.data.subarray(from, from + captured), at + 28);
    if (options) out.set(options, at + 28 + padded(captured));
    view.setUint32(at + length - 4, length, true);
    return at + length;
  }

  #describe(id: number, { linkType, name, filter, snapLength = 0 }: WrittenInterface): Uint8Array {
    this.#written.set(key(id, linkType), this.#written.size);
    const fixed = Buffer.alloc(INTERFACE_FIXED);
    fixed.writeUInt16LE(linkType, 0);
    fixed.writeUInt32LE(snapLength, 4);
    return block(Block.interface, fixed, [
      ...(name ? [option(Option.ifName, Buffer.from(name))] : []),
      option(Option.ifTsResol, Buffer.from([NANOSECONDS])),
      // the leading 0 says: a filter expression, not a program
      ...(filter ? [option(Option.ifFilter, Buffer.from(`\0${filter}`))] : []),
    ]);
  }
}

const key = (interfaceId: number, linkType: number): number => interfaceId * 65_536 + linkType;

/** The options of a packet that has a comment. */
const remark = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : Buffer.concat([option(Option.comment, Buffer.from(text)), Buffer.alloc(4)]);

function sectionHeader(): Uint8Array {
  const fixed = Buffer.alloc(SECTION_FIXED);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(1, 4);
  fixed.fill(0xff, 8); // the section's length is not known while it grows
  return block(Block.sectionHeader, fixed, [option(Option.shbUserAppl, Buffer.from('TCP Workbench'))]);
}

function block(type: number, fixed: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat([fixed, ...options, Buffer.alloc(4)]); // four zeros: end of options
  const head = Buffer.alloc(8);
  const length = body.length + BLOCK_FRAME;
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, body, tail]);
}

/** A value longer than its 16-bit length can say is cut: it is a remark, not data. */
function option(code: number, value: Uint8Array): Uint8Array {
  const size = Math.min(value.length, 0xffff);
  const out = Buffer.alloc(4 + padded(size));
  out.writeUInt16LE(code, 0);
  out.writeUInt16LE(size, 2);
  out.set(value.subarray(0, size), 4);
  return out;
}

/** Writes seconds * 10^9 + nanoseconds as two 32-bit halves, in steps that each stay below 2^53. */
function setTime(view: DataView, at: number, seconds: number, nanoseconds: number): void {
  const bounded = Math.min(Math.max(seconds, 0), LAST_SECOND);
  const upper = Math.floor(bounded / 65_536) * 1e9; // counts 2^16 nanoseconds
  const lower = (bounded % 65_536) * 1e9 + nanoseconds;
  const low = (upper % 65_536) * 65_536 + lower;
  view.setUint32(at, Math.floor(upper / 65_536) + Math.floor(low / 2 ** 32), true);
  view.setUint32(at + 4, low % 2 ** 32, true);
}
