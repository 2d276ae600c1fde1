import { Block, BYTE_ORDER_MAGIC, MIN_BLOCK, Option, padded } from './pcapng-format.ts';
import { MAX_FRAME, type RecordParser, type RecordSink } from './record-parser.ts';
import { TickClock } from './tick-clock.ts';

/** No block that is read (others are skipped) is longer, in octets: a frame, its header, and generous options. */
const MAX_BLOCK = 16 << 20;
/** What fits the 16 bits of a frame's interface number. */
const MAX_INTERFACES = 0xffff;

/** Fixed fields, as octet offsets from the start of their block. */
const Section = { byteOrder: 8, major: 12, options: 24 } as const;
const Interface = { linkType: 8, snapLength: 12, options: 16 } as const;
const Packet = { interfaceId: 8, timeHigh: 12, timeLow: 16, captured: 20, original: 24, data: 28 } as const;
const SimplePacket = { original: 8, data: 12 } as const;
const Statistics = { interfaceId: 8, timeHigh: 12, timeLow: 16, options: 20 } as const;

const KNOWN: ReadonlySet<number> = new Set(Object.values(Block));

interface OpenInterface {
  readonly id: number;
  readonly linkType: number;
  readonly snapLength: number;
  readonly clock: TickClock;
}

export const isPcapng = (view: DataView, at: number): boolean => view.getUint32(at) === Block.sectionHeader;

export class PcapngParser implements RecordParser {
  readonly format = 'pcapng';
  readonly #sink: RecordSink;
  #little = false;
  /** Interfaces of the current section: a new section numbers its own from 0. */
  #section: OpenInterface[] = [];
  #interfaces = 0;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  step(view: DataView, at: number, end: number, position: number): number | string {
    const next = this.#packets(view, at, end, position - at);
    return next > at ? next - at : this.#anyBlock(view, at, end, position);
  }

  /**
   * Takes the packets that are there as a whole, one behind the other, while there is room for them, and returns where it stopped.
   * Whatever else there is to a block is told elsewhere: code that had not run when this loop was compiled makes V8 compile it anew.
   */
  #packets(view: DataView, start: number, end: number, shift: number): number {
    const little = this.#little;
    const { frames } = this.#sink;
    let at = start;
    while (at + Packet.data < end && !frames.isFull) {
      if (view.getUint32(at, little) !== Block.enhancedPacket) break;
      const length = view.getUint32(at + 4, little);
      if (length > end - at || length < MIN_BLOCK || length % 4 !== 0 || view.getUint32(at + length - 4, little) !== length) break;
      if (!this.#packet(view, at, length, at + shift, view.getUint32(at + Packet.interfaceId, little))) break;
      at += length;
    }
    return at;
  }

  /** Takes one block, of whatever type. */
  #anyBlock(view: DataView, at: number, end: number, position: number): number | string {
    if (end - at < MIN_BLOCK) return -MIN_BLOCK;
    const type = view.getUint32(at, this.#little);
    if (type === Block.sectionHeader) {
      const little = view.getUint32(at + Section.byteOrder, true) === BYTE_ORDER_MAGIC;
      if (!little && view.getUint32(at + Section.byteOrder) !== BYTE_ORDER_MAGIC) return 'a section header without its byte-order mark';
      this.#little = little;
    }
    const length = view.getUint32(at + 4, this.#little);
    if (length < MIN_BLOCK || length % 4 !== 0) return `a block whose length is given as ${length} octets`;
    if (!KNOWN.has(type)) return length;
    if (length > MAX_BLOCK) return `a block of ${length} octets, where at most ${MAX_BLOCK} make sense`;
    if (end - at < length) return -length;
    if (view.getUint32(at + length - 4, this.#little) !== length) return 'a block whose two lengths differ';
    return this.#block(type, view, at, length, position) ?? length;
  }

  /** The body of one whole block; what is wrong with it, or nothing. */
  #block(type: number, view: DataView, at: number, length: number, position: number): string | undefined {
    switch (type) {
      case Block.sectionHeader:
        return this.#sectionHeader(view, at, length);
      case Block.interface:
        return this.#interface(view, at, length);
      case Block.enhancedPacket:
        return this.#packetOrFault(view, at, length, position, view.getUint32(at + Packet.interfaceId, this.#little));
      case Block.packet: // the interface number has 16 bits; the other 16 count drops
        return this.#packetOrFault(view, at, length, position, view.getUint16(at + Packet.interfaceId, this.#little));
      case Block.simplePacket:
        return this.#simplePacket(view, at, length, position);
      case Block.statistics:
        return this.#statistics(view, at, length);
    }
    return undefined;
  }

  #sectionHeader(view: DataView, at: number, length: number): string | undefined {
    if (length < Section.options + 4) return 'a section header that is too short';
    const major = view.getUint16(at + Section.major, this.#little);
    if (major !== 1) return `version ${major} of the pcapng format, where 1 is known`;
    this.#section = [];
    return undefined;
  }

  #interface(view: DataView, at: number, length: number): string | undefined {
    if (length < Interface.options + 4) return 'an interface description that is too short';
    if (this.#interfaces === MAX_INTERFACES) return `more than ${MAX_INTERFACES} interfaces`;
    let name: string | undefined;
    let filter: string | undefined;
    let resolution = 6;
    let offset = 0;
    this.#eachOption(view, at + Interface.options, at + length - 4, (code, from, size) => {
      if (code === Option.ifName) name = text(view, from, size);
      else if (code === Option.ifFilter && size > 1 && view.getUint8(from) === 0) filter = text(view, from + 1, size - 1);
      else if (code === Option.ifTsResol && size >= 1) resolution = view.getUint8(from);
      else if (code === Option.ifTsOffset && size >= 8) offset = Number(view.getBigInt64(from, this.#little));
    });
    const id = this.#interfaces++;
    const linkType = view.getUint16(at + Interface.linkType, this.#little);
    const snapLength = view.getUint32(at + Interface.snapLength, this.#little);
    this.#section.push({ id, linkType, snapLength, clock: new TickClock(resolution, offset) });
    this.#sink.onInterface({ id, linkType, snapLength, ...(name !== undefined && { name }), ...(filter !== undefined && { filter }) });
    return undefined;
  }

  /** Takes a packet, if nothing is wrong with it. */
  #packet(view: DataView, at: number, length: number, position: number, interfaceId: number): boolean {
    const little = this.#little;
    const from = this.#section[interfaceId];
    if (length < Packet.data + 4 || !from) return false;
    const captured = view.getUint32(at + Packet.captured, little);
    if (captured > MAX_FRAME || Packet.data + padded(captured) + 4 > length) return false;
    const original = view.getUint32(at + Packet.original, little);
    const { clock } = from;
    clock.set(view.getUint32(at + Packet.timeHigh, little), view.getUint32(at + Packet.timeLow, little));
    const frame = at + Packet.data;
    this.#sink.frames.add(frame, captured, original, clock.seconds, clock.nanoseconds, from.linkType, from.id, position + Packet.data);
    const options = frame + padded(captured);
    if (options < at + length - 4) this.#comments(view, options, at + length - 4);
    return true;
  }

  #packetOrFault(view: DataView, at: number, length: number, position: number, interfaceId: number): string | undefined {
    if (this.#packet(view, at, length, position, interfaceId)) return undefined;
    if (length < Packet.data + 4) return 'a packet block that is too short';
    if (!this.#section[interfaceId]) return `a packet of interface ${interfaceId}, which is not described`;
    const captured = view.getUint32(at + Packet.captured, this.#little);
    if (captured > MAX_FRAME) return `a frame of ${captured} octets, where at most ${MAX_FRAME} are possible`;
    return `a frame of ${captured} octets in a block of ${length}`;
  }

  #comments(view: DataView, from: number, end: number): void {
    this.#eachOption(view, from, end, (code, value, size) => {
      if (code === Option.comment) this.#sink.onComment(text(view, value, size));
    });
  }

  /** Has neither a time nor a captured length: the frame is cut by the interface's snapshot length, or not at all. */
  #simplePacket(view: DataView, at: number, length: number, position: number): string | undefined {
    if (length < SimplePacket.data + 4) return 'a simple packet block that is too short';
    const from = this.#section[0];
    if (!from) return 'a packet before any interface is described';
    const original = view.getUint32(at + SimplePacket.original, this.#little);
    const captured = from.snapLength > 0 ? Math.min(original, from.snapLength) : original;
    if (captured > MAX_FRAME) return `a frame of ${captured} octets, where at most ${MAX_FRAME} are possible`;
    if (SimplePacket.data + padded(captured) + 4 > length) return `a frame of ${captured} octets in a block of ${length}`;
    const frame = at + SimplePacket.data;
    this.#sink.frames.add(frame, captured, original, 0, 0, from.linkType, from.id, position + SimplePacket.data);
    return undefined;
  }

  #statistics(view: DataView, at: number, length: number): string | undefined {
    if (length < Statistics.options + 4) return 'an interface statistics block that is too short';
    const interfaceId = view.getUint32(at + Statistics.interfaceId, this.#little);
    const from = this.#section[interfaceId];
    if (!from) return `statistics of interface ${interfaceId}, which is not described`;
    from.clock.set(view.getUint32(at + Statistics.timeHigh, this.#little), view.getUint32(at + Statistics.timeLow, this.#little));
    const counts: { received?: number; droppedByInterface?: number; droppedByKernel?: number; delivered?: number } = {};
    this.#eachOption(view, at + Statistics.options, at + length - 4, (code, value, size) => {
      if (size < 8) return;
      const count = Number(view.getBigUint64(value, this.#little));
      if (code === Option.isbIfRecv) counts.received = count;
      else if (code === Option.isbIfDrop) counts.droppedByInterface = count;
      else if (code === Option.isbOsDrop) counts.droppedByKernel = count;
      else if (code === Option.isbUsrDeliv) counts.delivered = count;
    });
    this.#sink.onStatistics({ interfaceId: from.id, seconds: from.clock.seconds, nanoseconds: from.clock.nanoseconds, ...counts });
    return undefined;
  }

  /** Options are advice: one that overruns its block ends them without spoiling the block. */
  #eachOption(view: DataView, at: number, end: number, visit: (code: number, from: number, size: number) => void): void {
    while (at + 4 <= end) {
      const code = view.getUint16(at, this.#little);
      const size = view.getUint16(at + 2, this.#little);
      if (code === Option.end || at + 4 + size > end) return;
      visit(code, at + 4, size);
      at += 4 + padded(size);
    }
  }
}

/** Some writers end their strings with a NUL. */
function text(view: DataView, from: number, size: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + from, size)).replace(/\0+$/, '');
}
