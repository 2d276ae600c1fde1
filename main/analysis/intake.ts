import type { FrameBatch } from '../wire/frame-batch.ts';
import type { Located } from '../wire/locate.ts';
import { Flag } from '../wire/segment.ts';
import { tcpChecksumStatus } from '../wire/tcp-checksum.ts';
import { readTcp } from '../wire/tcp-view.ts';
import type { AnalysisOptions } from './analysis.ts';
import { CaptureCopies } from './capture-copies.ts';
import type { Changed } from './changed.ts';
import type { Clock } from './clock.ts';
import { Complete, complete } from './completeness.ts';
import { Life, NEVER } from './connection-store.ts';
import { noteCopy, noteEvents } from './events/noting.ts';
import { numberFrom } from './events/numbering.ts';
import { judgeSequence } from './events/sequence.ts';
import { Known } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { MARK } from './marks.ts';
import type { Milestones } from './milestones.ts';
import { Ordinary } from './ordinary.ts';
import type { PacketColumns } from './packet-columns.ts';
import { keepRow } from './packet-row.ts';
import { senderIsClient } from './sides.ts';
import type { Sighting } from './sighting.ts';
import { waitsForTime } from './states/by-time.ts';
import { Claims } from './states/claims.ts';
import { inferStates } from './states/infer.ts';
import type { Stores } from './stores.ts';
import type { Waiting } from './waiting.ts';

/** The way of a segment: to its connection, past the rules, into its row. */
export class Intake {
  /** Of the segment taken last; 4-tuples are looked up in it. */
  readonly table: FlowTable;
  private readonly stores: Stores;
  private readonly columns: PacketColumns;
  private readonly milestones: Milestones;
  private readonly clock: Clock;
  private readonly located: Located;
  private readonly sighting: Sighting;
  private readonly changed: Changed;
  private readonly waiting: Waiting;
  private readonly claims: Claims;
  private readonly copies: CaptureCopies;
  private readonly checksums: boolean;
  /** There is none where every segment is to be put before the rules. */
  private readonly ordinary: Ordinary | undefined;

  /** Segments are read where `located` says, and put before the rules as `sighting`. */
  constructor(stores: Stores, located: Located, sighting: Sighting, changed: Changed, waiting: Waiting, options: AnalysisOptions) {
    this.stores = stores;
    this.columns = stores.columns;
    this.milestones = stores.milestones;
    this.clock = stores.clock;
    this.located = located;
    this.sighting = sighting;
    this.changed = changed;
    this.waiting = waiting;
    this.table = new FlowTable(stores.store, sighting.connection, options.seed ?? 0, stores.memory);
    this.ordinary = stores.memory && new Ordinary(stores.memory, stores, this.table, sighting, changed, waiting);
    this.claims = new Claims(stores.log, stores.columns, stores.clock);
    this.copies = new CaptureCopies(stores.columns, sighting.connection);
    this.checksums = options.checksums ?? false;
  }

  get tcpPackets(): number {
    return this.columns.count;
  }

  /** Segments that went past the rules. */
  get ordinaryPackets(): number {
    return this.ordinary?.taken ?? 0;
  }

  /** A batch is about to be taken. */
  begin(batch: FrameBatch): void {
    this.ordinary?.load(batch);
  }

  /** Takes ordinary frames of the batch from number `from` on, and gives the number of the first that is not. `frame`: those of the capture before. */
  pass(from: number, count: number, frame: number): number {
    return this.ordinary && !this.copies.watches ? this.ordinary.run(from, count, frame) : from;
  }

  /** Takes the located segment of frame `i` of a batch, number `frame` of the capture, which ended at `wireEnd` on the wire. */
  take(batch: FrameBatch, i: number, frame: number, wireEnd: number): void {
    const { columns, sighting, located, table, clock } = this;
    const { connection } = sighting;
    const packet = columns.count;
    const id = table.find(batch.data, located);
    let packets = 0;
    if (this.copies.isCopy(batch, i, located, packet, clock.now, id, table.fromSecond) && id >= 0)
      packets = this.takeCopy(batch, i, frame, wireEnd, columns.add());
    else if (id >= 0 && !table.toItself && this.ordinary) packets = this.ordinary.take(batch, i, frame, wireEnd, located, id);
    if (packets === 0) packets = this.judge(batch, i, frame, wireEnd, columns.add(), id < 0);
    this.milestones.pass(connection.id, packets - 1, packet);
    this.changed.add(connection);
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
  private judge(batch: FrameBatch, i: number, frame: number, wireEnd: number, packet: number, isFirst: boolean): number {
    const { sighting } = this;
    this.look(batch.data, wireEnd, packet);
    let marks = isFirst ? this.open() : this.resume();
    numberFrom(sighting);
    marks = judgeSequence(sighting, marks | this.infer());
    if (this.checksums && tcpChecksumStatus(batch.data, this.located) === 'bad') marks |= MARK['bad-checksum'];
    complete(sighting, isFirst);
    if (marks !== 0) noteEvents(sighting, marks, this.stores.events);
    const packets = this.keep(batch, i, frame, marks);
    if (waitsForTime(sighting.sender) || waitsForTime(sighting.receiver)) this.waiting.await();
    return packets;
  }

  /** A copy that the capture made says nothing of either end: it counts as a packet captured, and not as octets sent. */
  private takeCopy(batch: FrameBatch, i: number, frame: number, wireEnd: number, packet: number): number {
    const marks = MARK['duplicate-capture'];
    this.look(batch.data, wireEnd, packet);
    noteCopy(this.sighting, this.copies.original, this.stores.events);
    return this.keep(batch, i, frame, marks);
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
    this.stores.store.add(connection);
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
    connection.complete(Complete.SYN);
    return MARK['reused-ports'];
  }

  private keep(batch: FrameBatch, i: number, frame: number, marks: number): number {
    return keepRow(this.columns, this.sighting, marks, batch, i, frame, this.located, this.table.fromSecond);
  }
}
