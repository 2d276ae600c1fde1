import type { FrameBatch } from '../wire/frame-batch.ts';
import { emptyLocated, locateTcp } from '../wire/locate.ts';
import { readU32 } from '../wire/octets.ts';
import type { SeqNum } from '../wire/seq.ts';
import { hasTcpHeader } from '../wire/tcp-view.ts';
import type { Captured } from './align/trace.ts';
import type { ChangeLog } from './change-log.ts';
import { Changed } from './changed.ts';
import type { Clock } from './clock.ts';
import type { ConnectionStore } from './connection-store.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import type { Finding } from './diagnosis/finding.ts';
import type { RowSet } from './filter/row-set.ts';
import { Reassembly } from './fragments/reassembly.ts';
import { IcmpNotes, quotedSegment } from './icmp-notes.ts';
import { Intake } from './intake.ts';
import type { NumberList } from './numbers.ts';
import { type PacketColumns, Shown, slot } from './packet-columns.ts';
import type { AnalysisSummary, ConnectionEvent, ConnectionRecord, RecordOptions, SegmentRow } from './record.ts';
import { Report } from './report/report.ts';
import { SharedMemory } from './shared-memory.ts';
import { newSighting, type Sighting } from './sighting.ts';
import { Stores } from './stores.ts';
import { Waiting } from './waiting.ts';

export interface AnalysisOptions {
  /** Changes the hash of the connection table, so that nobody can write a capture in which everything collides. */
  readonly seed?: number;
  /** Checks the checksum of every segment; like Wireshark not unless asked, since it reads every octet. */
  readonly checksums?: boolean;
  /** Puts every segment before the rules; else ordinary ones go past them (`ordinary.ts`), of which the same comes out. */
  readonly thorough?: boolean;
  /** The ordinary way ends, and the rules go on, when all that is kept takes so many octets: 4 GiB, or fewer. */
  readonly ordinaryOctets?: number;
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
 * packet, 16 for each event and change of state, some 300 for each connection, and no payload.
 */
export class Analysis {
  /** Frames seen, TCP or not. */
  packets = 0;
  /** Frames whose headers contradict themselves or are cut off. */
  malformed = 0;
  /** Frames that were not looked into, by their link type, which is none that is read. */
  readonly unreadLinks = new Map<number, number>();

  private readonly stores: Stores;
  private readonly located = emptyLocated();
  private readonly quoted = emptyLocated();
  private readonly sighting: Sighting;
  private readonly changed: Changed;
  private readonly waiting: Waiting;
  private readonly intake: Intake;
  private readonly reassembly = new Reassembly();
  private readonly icmp = new IcmpNotes();
  private readonly report: Report;
  private readonly diagnosis: Diagnosis;

  constructor(options: AnalysisOptions = {}) {
    const memory = options.thorough || options.checksums ? undefined : SharedMemory.create(options.ordinaryOctets);
    this.stores = new Stores(memory);
    const { columns, store, log, clock } = this.stores;
    this.sighting = newSighting(columns, clock);
    this.changed = new Changed(store, this.sighting.connection);
    this.waiting = new Waiting(store, this.sighting, this.changed);
    this.report = new Report(this.stores);
    this.intake = new Intake(this.stores, this.located, this.sighting, this.changed, this.waiting, options);
    this.diagnosis = new Diagnosis(columns, store, log, this.icmp, clock, this.reassembly);
  }

  get tcpPackets(): number {
    return this.intake.tcpPackets;
  }

  /** Segments that went past the rules. */
  get ordinaryPackets(): number {
    return this.intake.ordinaryPackets;
  }

  get connectionCount(): number {
    return this.stores.store.count;
  }

  get tables(): Tables {
    const { columns, store, log, clock } = this.stores;
    return { columns, store, log, clock, fragments: this.reassembly.frames };
  }

  /** Octets allocated: for the columns of packets, and for all that is kept of connections. */
  get memory(): { readonly packets: number; readonly connections: number } {
    const { columns, store, log, events, milestones } = this.stores;
    const { intake, waiting, changed, reassembly } = this;
    const kept: readonly { readonly memory: number }[] = [store, intake.table, log, events, milestones, waiting, changed, reassembly];
    return { packets: columns.memory, connections: kept.reduce((sum, { memory }) => sum + memory, 0) };
  }

  add(batch: FrameBatch): void {
    const { located, waiting, intake } = this;
    const { clock } = this.stores;
    intake.begin(batch);
    for (let i = 0; i < batch.count; i++) {
      const from = i;
      i = intake.pass(from, batch.count, this.packets);
      this.packets += i - from;
      if (i === batch.count) return;
      this.packets++;
      clock.tick(batch.seconds[i]!, batch.nanoseconds[i]!);
      if (clock.passed >= waiting.next) waiting.pass();
      const start = batch.offset[i]!;
      const length = batch.capturedLength[i]!;
      const verdict = locateTcp(batch.data, start, length, batch.linkType[i]!, located, batch.originalLength[i]!);
      const wireEnd = start + batch.originalLength[i]!;
      if (located.fragment) this.takeFragment(batch, i);
      else if (verdict === 'tcp' && hasTcpHeader(batch.data, located)) intake.take(batch, i, this.packets, wireEnd);
      else if (verdict === 'tcp' || verdict === 'malformed') this.malformed++;
      else if (verdict === 'not-tcp' && located.ipVersion !== 0) this.hearIcmp(batch, i);
      else if (verdict === 'unsupported-link') this.passOver(batch.linkType[i]!);
    }
  }

  /**
   * Tells that time has come this far (seconds since 1970, as capture times), though no packet did: a live capture sits
   * idle while a TIME-WAIT ends.
   */
  advance(seconds: number, nanoseconds: number): void {
    const { clock } = this.stores;
    clock.pass(seconds, nanoseconds);
    if (clock.passed >= this.waiting.next) this.waiting.pass();
  }

  /** All about a connection; it costs what there is to tell, not what was captured. */
  record(id: number, options: RecordOptions = {}): ConnectionRecord {
    return this.report.record(id, options);
  }

  /** A connection's events, oldest first, made one by one: a record with all of them may be too large. */
  events(id: number): Iterable<ConnectionEvent> {
    return this.report.eventsOf(id);
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
    return this.changed.take(most);
  }

  /** Connections that changed and were not taken. */
  get changedCount(): number {
    return this.changed.count;
  }

  private passOver(linkType: number): void {
    this.unreadLinks.set(linkType, (this.unreadLinks.get(linkType) ?? 0) + 1);
  }

  /** A segment in fragments is read with the frame that brings the last of them. */
  private takeFragment(batch: FrameBatch, i: number): void {
    const read = this.reassembly.take(batch, i, this.packets, this.located);
    if (!read || read.verdict === 'not-tcp') return;
    if (read.verdict !== 'tcp' || !hasTcpHeader(read.batch.data, this.located)) {
      this.malformed++;
      return;
    }
    const { columns } = this.stores;
    const row = columns.count;
    this.intake.take(read.batch, 0, this.packets, read.wholes.at(-1)!.end);
    columns.page(row).show(slot(row), Shown.FRAGMENTS);
  }

  /** An ICMP error belongs to the connection whose segment it quotes. */
  private hearIcmp(batch: FrameBatch, i: number): void {
    const { data } = batch;
    const { table } = this.intake;
    const said = quotedSegment(data, this.located, batch.offset[i]! + batch.capturedLength[i]!);
    if (!said) return;
    this.quoted.ip = said.ip;
    this.quoted.ipVersion = said.ipVersion;
    this.quoted.tcp = said.tcp;
    const id = table.find(data, this.quoted);
    if (id < 0) return;
    this.icmp.add(id, {
      complaint: said.complaint,
      frame: this.packets,
      seconds: batch.seconds[i]!,
      nanoseconds: batch.nanoseconds[i]!,
      mtu: said.mtu,
      seq: readU32(data, said.tcp + 4) as SeqNum,
      fromSecond: table.fromSecond,
    });
    this.changed.add(this.sighting.connection);
  }
}
