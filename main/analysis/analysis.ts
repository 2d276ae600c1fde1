import type { FrameBatch } from '../wire/frame-batch.ts';
import { emptyLocated, locateTcp, type Verdict } from '../wire/locate.ts';
import { readU32 } from '../wire/octets.ts';
import { Flag } from '../wire/segment.ts';
import type { SeqNum } from '../wire/seq.ts';
import { tcpChecksumStatus } from '../wire/tcp-checksum.ts';
import { hasTcpHeader, readTcp } from '../wire/tcp-view.ts';
import type { Captured } from './align/trace.ts';
import { CaptureCopies } from './capture-copies.ts';
import { ChangeLog } from './change-log.ts';
import type { Clock } from './clock.ts';
import { complete } from './completeness.ts';
import { ConnectionStore, Life, NEVER } from './connection-store.ts';
import { Deadlines } from './deadlines.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import type { Finding } from './diagnosis/finding.ts';
import { EventLog } from './event-log.ts';
import { noteCopy, noteEvents } from './events/noting.ts';
import { numberFrom } from './events/numbering.ts';
import { judgeSequence } from './events/sequence.ts';
import type { RowSet } from './filter/row-set.ts';
import { type Flow, Known } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { Reassembly } from './fragments/reassembly.ts';
import { IcmpNotes, quotedSegment } from './icmp-notes.ts';
import { MARK } from './marks.ts';
import { Milestones } from './milestones.ts';
import { type NumberList, NumberQueue } from './numbers.ts';
import { goesOn } from './ordinary.ts';
import { PacketColumns, Shown, slot } from './packet-columns.ts';
import { keepRow } from './packet-row.ts';
import type { AnalysisSummary, ConnectionRecord, RecordOptions, SegmentRow } from './record.ts';
import { Report } from './report/report.ts';
import { senderIsClient } from './sides.ts';
import { newSighting, type Sighting } from './sighting.ts';
import { closesAt, waitsForTime } from './states/by-time.ts';
import { Claims } from './states/claims.ts';
import { inferStates } from './states/infer.ts';

export interface AnalysisOptions {
  /** Changes the hash of the connection table, so that nobody can write a capture in which everything collides. */
  readonly seed?: number;
  /** Checks the checksum of every segment; like Wireshark not unless asked, since it reads every octet. */
  readonly checksums?: boolean;
}

/** The analysis as a filter reads it: in place, without a copy. It goes on as frames come. */
export interface Tables {
  readonly columns: PacketColumns;
  readonly store: ConnectionStore;
  readonly log: ChangeLog;
  readonly clock: Clock;
  /** Numbers of the frames that are pieces of IP datagrams: `fragments/rereading.ts` puts them together again. */
  readonly fragments: NumberList;
}

/**
 * Frames to connections, as they come. Feed it batches; ask at any time. It keeps 64 octets for each TCP
 * packet, 16 for each event and change of state, some 310 for each connection, and no payload.
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
  private readonly events = new EventLog();
  private readonly milestones = new Milestones();
  private readonly deadlines = new Deadlines();
  private readonly claims: Claims;
  private readonly table: FlowTable;
  private readonly report: Report;
  private readonly diagnosis: Diagnosis;
  private readonly clock: Clock;
  private readonly copies = new CaptureCopies(this.columns);
  private readonly icmp = new IcmpNotes();
  private readonly reassembly = new Reassembly();
  private readonly located = emptyLocated();
  private readonly quoted = emptyLocated();
  private readonly sighting: Sighting;
  private readonly changed = new NumberQueue();
  private readonly checksums: boolean;

  constructor(options: AnalysisOptions = {}) {
    this.checksums = options.checksums ?? false;
    this.report = new Report(this.columns, this.store, this.log, this.events, this.milestones);
    this.clock = this.report.clock;
    this.sighting = newSighting(this.columns, this.clock);
    this.table = new FlowTable(this.store, this.sighting.connection, options.seed ?? 0);
    this.diagnosis = new Diagnosis(this.columns, this.store, this.log, this.icmp, this.clock, this.reassembly);
    this.claims = new Claims(this.log, this.columns, this.clock);
  }

  get connectionCount(): number {
    return this.store.count;
  }

  get tables(): Tables {
    const { columns, store, log, clock } = this;
    return { columns, store, log, clock, fragments: this.reassembly.frames };
  }

  /** Octets allocated: for the columns of packets, and for all that is kept of connections. */
  get memory(): { readonly packets: number; readonly connections: number } {
    const { columns, store, table, log, events, milestones, deadlines, changed, reassembly } = this;
    const kept: readonly { readonly memory: number }[] = [store, table, log, events, milestones, deadlines, changed, reassembly];
    return { packets: columns.memory, connections: kept.reduce((sum, { memory }) => sum + memory, 0) };
  }

  add(batch: FrameBatch): void {
    const { located } = this;
    for (let i = 0; i < batch.count; i++) {
      this.packets++;
      this.clock.tick(batch.seconds[i]!, batch.nanoseconds[i]!);
      if (this.clock.passed >= this.deadlines.next) this.closeByTime();
      const start = batch.offset[i]!;
      const length = batch.capturedLength[i]!;
      const verdict = locateTcp(batch.data, start, length, batch.linkType[i]!, located, batch.originalLength[i]!);
      const wireEnd = start + batch.originalLength[i]!;
      if (located.fragment) this.takeFragment(batch, i, verdict, wireEnd);
      else if (verdict === 'tcp' && hasTcpHeader(batch.data, located)) this.take(batch, i, wireEnd);
      else if (verdict === 'tcp' || verdict === 'malformed') this.malformed++;
      else if (verdict === 'not-tcp' && located.ipVersion !== 0) this.hearIcmp(batch, i);
    }
  }

  /**
   * Tells that time has come this far (seconds since 1970, as capture times), though no packet did: a live capture sits
   * idle while a TIME-WAIT ends.
   */
  advance(seconds: number, nanoseconds: number): void {
    this.clock.pass(seconds, nanoseconds);
    if (this.clock.passed >= this.deadlines.next) this.closeByTime();
  }

  /** All about a connection; it costs what there is to tell, not what was captured. */
  record(id: number, options: RecordOptions = {}): ConnectionRecord {
    return this.report.record(id, options);
  }

  /**
   * What a colleague would say of a connection. It is read from the columns when asked for, at the cost of its packets; asked
   * again soon, of those that came since.
   */
  findings(id: number): Finding[] {
    return this.diagnosis.of(id);
  }

  /** What concerns no single connection: ports, TIME-WAIT, floods. It costs a look at each connection. */
  captureFindings(): Finding[] {
    return this.diagnosis.ofCapture();
  }

  /** Who a connection is and what was captured of it, for finding both in another capture. */
  get captured(): Captured {
    return this.diagnosis;
  }

  /** How many segments a connection has. */
  segmentCount(id: number): number {
    return this.report.segmentCount(id);
  }

  /** `count` segments of a connection from its `from`th, counted from 0; of those in `only` where that is given. */
  segments(id: number, from: number, count: number, only?: RowSet): SegmentRow[] {
    return this.report.segments(id, from, count, only);
  }

  summary(): AnalysisSummary {
    return this.report.summary(this.packets, this.tcpPackets, this.malformed);
  }

  /** The connections that changed and were not taken since, by packets or by time alone; at most so many, in order of their change. */
  takeChanged(most = Number.POSITIVE_INFINITY): number[] {
    const ids: number[] = [];
    while (ids.length < most) {
      const id = this.changed.shift();
      if (id === undefined) break;
      this.store.seek(id, this.sighting.connection);
      this.sighting.connection.clear(Life.CHANGED);
      ids.push(id);
    }
    return ids;
  }

  /** Connections that changed and were not taken. */
  get changedCount(): number {
    return this.changed.length;
  }

  /** A segment in fragments is read with the frame that brings the last of them; a first fragment that was cut off, for what it has. */
  private takeFragment(batch: FrameBatch, i: number, verdict: Verdict, wireEnd: number): void {
    const read = this.reassembly.take(batch, i, this.packets, this.located);
    if (read === 'cut') this.takeReassembled(batch, i, verdict, wireEnd);
    if (typeof read === 'string') return;
    const { count } = this.columns;
    this.takeReassembled(read.batch, 0, read.verdict, read.wholes.at(-1)!.end);
    if (this.columns.count > count) this.columns.page(count).show(slot(count), Shown.FRAGMENTS);
  }

  private takeReassembled(batch: FrameBatch, i: number, verdict: Verdict, wireEnd: number): void {
    if (verdict === 'tcp' && hasTcpHeader(batch.data, this.located)) this.take(batch, i, wireEnd);
    else if (verdict !== 'not-tcp') this.malformed++;
  }

  /** An ICMP error belongs to the connection whose segment it quotes. */
  private hearIcmp(batch: FrameBatch, i: number): void {
    const { data } = batch;
    const said = quotedSegment(data, this.located, batch.offset[i]! + batch.capturedLength[i]!);
    if (!said) return;
    this.quoted.ip = said.ip;
    this.quoted.ipVersion = said.ipVersion;
    this.quoted.tcp = said.tcp;
    const id = this.table.find(data, this.quoted);
    if (id < 0) return;
    this.icmp.add(id, {
      complaint: said.complaint,
      frame: this.packets,
      seconds: batch.seconds[i]!,
      nanoseconds: batch.nanoseconds[i]!,
      mtu: said.mtu,
      seq: readU32(data, said.tcp + 4) as SeqNum,
      fromSecond: this.table.fromSecond,
    });
    this.change();
  }

  /** Takes a located segment of a frame that ended at `wireEnd` on the wire. */
  private take(batch: FrameBatch, i: number, wireEnd: number): void {
    const { columns, sighting, located, table, clock } = this;
    const { connection } = sighting;
    this.tcpPackets++;
    const packet = columns.add();
    const id = table.find(batch.data, located);
    let packets = 0;
    if (this.copies.isCopy(batch, i, located, packet, clock.now, id) && id >= 0) packets = this.takeCopy(batch, i, wireEnd, packet);
    else if (id >= 0 && !this.checksums && !table.toItself)
      packets = goesOn(batch, i, wireEnd, located, connection, table.fromSecond, columns, packet, this.packets);
    if (packets === 0) packets = this.judge(batch, i, wireEnd, packet, id < 0);
    this.milestones.pass(connection.id, packets - 1, packet);
    this.change();
  }

  /** Reads the segment's header, for all that look at it. No segment holds more than its frame did on the wire. */
  private look(data: Uint8Array, wireEnd: number, packet: number): void {
    const { view } = this.sighting;
    readTcp(data, this.located, view);
    view.payloadLength = Math.max(0, Math.min(view.payloadLength, wireEnd - view.payload));
    this.sighting.packet = packet;
    this.sighting.time = this.clock.now;
  }

  /** Asks the rules what the segment shows, and gives how many packets its connection has. */
  private judge(batch: FrameBatch, i: number, wireEnd: number, packet: number, isFirst: boolean): number {
    const { sighting } = this;
    this.look(batch.data, wireEnd, packet);
    let marks = isFirst ? this.open() : this.resume();
    numberFrom(sighting);
    marks = judgeSequence(sighting, marks | this.infer());
    if (this.checksums && tcpChecksumStatus(batch.data, this.located) === 'bad') marks |= MARK['bad-checksum'];
    complete(sighting, isFirst);
    if (marks !== 0) this.note(marks);
    const packets = this.keep(batch, i, marks);
    if (waitsForTime(sighting.sender) || waitsForTime(sighting.receiver)) this.awaitTime();
    return packets;
  }

  /** A copy that the capture made says nothing of either end: it counts as a packet captured, and not as octets sent. */
  private takeCopy(batch: FrameBatch, i: number, wireEnd: number, packet: number): number {
    const marks = MARK['duplicate-capture'];
    this.look(batch.data, wireEnd, packet);
    this.report.count(marks);
    noteCopy(this.sighting, this.copies.original, this.events);
    return this.keep(batch, i, marks);
  }

  private note(marks: number): void {
    this.report.count(marks);
    noteEvents(this.sighting, marks, this.events);
  }

  /** The connection at hand is told of by `takeChanged`. */
  private change(): void {
    const { connection } = this.sighting;
    if (connection.has(Life.CHANGED)) return;
    connection.set(Life.CHANGED);
    this.changed.push(connection.id);
  }

  /** Sees to it that the connection at hand is looked at again when one of its ends closes by time alone. */
  private awaitTime(): void {
    const { columns, clock, deadlines } = this;
    const { connection, sender, receiver } = this.sighting;
    for (const flow of [sender, receiver]) {
      const due = closesAt(columns, clock, connection, flow);
      // What is due later than something waited for already is found when that has come.
      if (due <= clock.passed || due >= connection.due) continue;
      connection.due = due;
      deadlines.push(due, connection.id);
    }
  }

  private closedSince(due: number, flow: Flow): boolean {
    const at = closesAt(this.columns, this.clock, this.sighting.connection, flow);
    return at >= due && at <= this.clock.passed;
  }

  /** Time has come to where some connections were to be looked at again. */
  private closeByTime(): void {
    const { clock, deadlines, sighting, store } = this;
    const { connection, sender, receiver } = sighting;
    while (deadlines.next <= clock.passed) {
      const due = deadlines.next;
      store.seek(deadlines.pop(), connection);
      if (due !== connection.due) continue; // something sooner had come up, and this was looked at then
      connection.due = NEVER;
      connection.flow(false, sender);
      connection.flow(true, receiver);
      this.awaitTime();
      if (this.closedSince(due, sender) || this.closedSince(due, receiver)) this.change();
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
    if (senderIsClient(view.flags, view.srcPort, view.dstPort) === fromSecond) connection.set(Life.CLIENT_SECOND);
    connection.flow(fromSecond, sender);
    connection.flow(!fromSecond, receiver);
    sender.open();
    receiver.open();
    table.enter(connection);
    return 0;
  }

  /** Goes on with a connection, or starts the next one on its 4-tuple when this is a SYN with a new number. */
  private resume(): number {
    const { connection, sender, receiver, view } = this.sighting;
    const fromSecond = this.table.fromSecond;
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
    if (connection.due !== NEVER) connection.set(Life.SUPERSEDED);
    this.open();
    connection.complete(1);
    return MARK['reused-ports'];
  }

  private keep(batch: FrameBatch, i: number, marks: number): number {
    return keepRow(this.columns, this.sighting, marks, batch, i, this.packets, this.located, this.table.fromSecond);
  }
}
