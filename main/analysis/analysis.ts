import type { FrameBatch } from '../wire/frame-batch.ts';
import { emptyLocated, locateTcp } from '../wire/locate.ts';
import { Flag } from '../wire/segment.ts';
import { readTcp } from '../wire/tcp-view.ts';
import { ChangeLog } from './change-log.ts';
import type { Clock } from './clock.ts';
import { complete } from './completeness.ts';
import { ConnectionStore, Life } from './connection-store.ts';
import { numberFrom } from './events/numbering.ts';
import { judgeSequence } from './events/sequence.ts';
import { Known } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { MARK } from './marks.ts';
import { NumberList } from './numbers.ts';
import { FROM_SECOND, PacketColumns, slot } from './packet-columns.ts';
import type { AnalysisSummary, ConnectionRecord, SegmentRow } from './record.ts';
import { Report } from './report/report.ts';
import { senderIsClient } from './sides.ts';
import { newSighting } from './sighting.ts';
import { Claims } from './states/claims.ts';
import { inferStates } from './states/infer.ts';

export interface AnalysisOptions {
  /** Changes the hash of the connection table, so that nobody can write a capture in which everything collides. */
  readonly seed?: number;
}

/** Octets of a TCP header without options. */
const FIXED_HEADER = 20;

/**
 * Frames to connections, as they come. Feed it batches; ask at any time. It keeps some 56 octets for each TCP packet and
 * some 300 for each connection, and no payload.
 */
export class Analysis {
  /** Frames seen, TCP or not. */
  packets = 0;
  tcpPackets = 0;
  /** Frames whose headers contradict themselves or are cut off. */
  malformed = 0;

  private readonly columns = new PacketColumns();
  private readonly store = new ConnectionStore();
  private readonly log = new ChangeLog();
  private readonly claims = new Claims(this.log);
  private readonly table: FlowTable;
  private readonly report: Report;
  private readonly clock: Clock;
  private readonly located = emptyLocated();
  private readonly sighting = newSighting();
  private readonly changed = new NumberList();

  constructor(options: AnalysisOptions = {}) {
    this.table = new FlowTable(this.store, options.seed ?? 0);
    this.report = new Report(this.columns, this.store, this.log);
    this.clock = this.report.clock;
  }

  get connectionCount(): number {
    return this.store.count;
  }

  /** Octets allocated for columns and tables. */
  get memory(): number {
    return this.columns.memory + this.store.memory + this.log.memory;
  }

  add(batch: FrameBatch): void {
    const { located } = this;
    for (let i = 0; i < batch.count; i++) {
      this.packets++;
      this.clock.tick(batch.seconds[i]!, batch.nanoseconds[i]!);
      const start = batch.offset[i]!;
      const length = batch.capturedLength[i]!;
      const verdict = locateTcp(batch.data, start, length, batch.linkType[i]!, located, batch.originalLength[i]!);
      if (verdict === 'tcp' && this.read(batch.data, start + batch.originalLength[i]!)) this.take(batch, i);
      else if (verdict === 'tcp' || verdict === 'malformed') this.malformed++;
    }
  }

  record(id: number): ConnectionRecord {
    return this.report.record(id);
  }

  /** `count` segments of a connection from its `from`th, counted from 0. */
  segments(id: number, from: number, count: number): SegmentRow[] {
    return this.report.segments(id, from, count);
  }

  summary(): AnalysisSummary {
    return this.report.summary(this.packets, this.tcpPackets, this.malformed);
  }

  /** The connections that changed since the last call. */
  takeChanged(): number[] {
    const ids = this.changed.drain();
    for (const id of ids) {
      this.store.seek(id, this.sighting.connection);
      this.sighting.connection.clear(Life.CHANGED);
    }
    return ids;
  }

  /** Reads the header. Of a first fragment the fixed header is enough; no segment holds more than its frame did on the wire. */
  private read(data: Uint8Array, wireEnd: number): boolean {
    const { view } = this.sighting;
    const whole = readTcp(data, this.located, view);
    if (!whole && !(this.located.fragment && this.located.captured >= FIXED_HEADER && view.headerLength >= FIXED_HEADER)) return false;
    view.payloadLength = whole ? Math.max(0, Math.min(view.payloadLength, wireEnd - view.payload)) : 0;
    return true;
  }

  private take(batch: FrameBatch, i: number): void {
    const { sighting, located } = this;
    const { view, connection, sender } = sighting;
    this.tcpPackets++;
    sighting.packet = this.columns.add();
    sighting.time = this.clock.now;

    const id = this.table.find(batch.data, located, view.srcPort, view.dstPort);
    let marks = id < 0 ? this.open() : this.resume(id);
    const isFirst = id < 0;
    numberFrom(sighting);
    marks |= this.infer();
    marks = judgeSequence(sighting, marks);
    complete(sighting, isFirst);
    sender.packets++;
    sender.bytes += view.payloadLength;
    this.report.count(marks);
    this.write(batch, i, marks);
    if (!connection.has(Life.CHANGED)) {
      connection.set(Life.CHANGED);
      this.changed.push(connection.id);
    }
  }

  /** A socket connected to itself is one endpoint, which receives what it sends. */
  private infer(): number {
    const { sighting, table, claims } = this;
    if (!table.toItself) return inferStates(sighting, claims);
    const { connection, receiver } = sighting;
    connection.flow(table.fromSecond, receiver);
    const marks = inferStates(sighting, claims);
    connection.flow(!table.fromSecond, receiver);
    return marks;
  }

  /** Starts a connection for the 4-tuple the table looked up last. */
  private open(): number {
    const { table } = this;
    const { view, connection, sender, receiver } = this.sighting;
    const fromSecond = table.fromSecond;
    this.store.add(connection);
    connection.name(table.first, table.second, table.ports, table.ipv6);
    if (senderIsClient(view.flags, view.srcPort, view.dstPort) === fromSecond) connection.set(Life.CLIENT_SECOND);
    connection.flow(fromSecond, sender);
    connection.flow(!fromSecond, receiver);
    sender.open();
    receiver.open();
    table.enter(connection.id);
    return 0;
  }

  /** Goes on with a connection, or starts the next one on its 4-tuple when this is a SYN with a new number. */
  private resume(id: number): number {
    const { connection, sender, receiver, view } = this.sighting;
    const fromSecond = this.table.fromSecond;
    this.store.seek(id, connection);
    connection.flow(fromSecond, sender);
    connection.flow(!fromSecond, receiver);
    if ((view.flags & Flag.SYN) === 0 || !sender.has(Known.BASE)) return 0;
    const synAck = (view.flags & Flag.ACK) !== 0;
    if (view.seq === sender.base) {
      // Sent again: what a RST with a number of its own did to the numbering is forgotten.
      if (!synAck) sender.nextSeq = sender.contiguous;
      return 0;
    }
    if (synAck) {
      sender.base = view.seq;
      return MARK['reused-ports'];
    }
    connection.set(Life.SUPERSEDED);
    this.open();
    connection.complete(1);
    return MARK['reused-ports'];
  }

  private write(batch: FrameBatch, i: number, marks: number): void {
    const { columns } = this;
    const { packet, view, connection } = this.sighting;
    const page = columns.page(packet);
    const row = slot(packet);
    page.frame[row] = this.packets;
    page.seconds[row] = batch.seconds[i]!;
    page.nanoseconds[row] = batch.nanoseconds[i]!;
    page.connection[row] = connection.id;
    page.seq[row] = view.seq;
    page.ack[row] = view.ack;
    page.flags[row] = view.flags | (this.table.fromSecond ? FROM_SECOND : 0);
    page.window[row] = view.window;
    page.length[row] = view.payloadLength;
    page.marks[row] = marks;
    page.position[row] = batch.position[i]!;
    page.capturedLength[row] = batch.capturedLength[i]!;
    if (connection.firstPacket < 0) connection.firstPacket = packet;
    else columns.link(connection.lastPacket, packet);
    connection.lastPacket = packet;
  }
}
