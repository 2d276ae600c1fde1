import { type Captured, type Identity, type Sight, sightOf } from '../align/trace.ts';
import type { ChangeLog } from '../change-log.ts';
import { type Clock, later } from '../clock.ts';
import { Connection, type ConnectionStore, Life } from '../connection-store.ts';
import { Flow, Known } from '../flow.ts';
import type { Reassembly } from '../fragments/reassembly.ts';
import type { IcmpNotes } from '../icmp-notes.ts';
import { MARK } from '../marks.ts';
import type { PacketColumns } from '../packet-columns.ts';
import type { Instant } from '../record.ts';
import { endpointOf } from '../report/endpoint.ts';
import { stayOf } from '../report/history.ts';
import { captureFindings } from './capture-findings.ts';
import { Examination } from './examination.ts';
import type { Facts } from './examiner.ts';
import { byWeight, type Finding } from './finding.ts';
import { fragmentFindings } from './fragment-findings.ts';
import { fullQueues } from './full-queues.ts';
import { emptySeen, readSeen } from './seen.ts';

/** Examinations that go on where they stopped when their connection is asked for again. */
const KEPT = 64;
/** Segments of a connection from which on that pays. */
const WORTH_KEEPING = 200;

/** Findings, made when asked for: nothing of this costs anything while packets come. */
export class Diagnosis implements Captured {
  /** The connection asked for latest comes last. */
  private readonly examinations = new Map<number, Examination>();
  private readonly connection = new Connection();
  private readonly flows = { client: new Flow(), server: new Flow() };
  private readonly columns: PacketColumns;
  private readonly store: ConnectionStore;
  private readonly log: ChangeLog;
  private readonly icmp: IcmpNotes;
  private readonly clock: Clock;
  private readonly reassembly: Reassembly;

  constructor(columns: PacketColumns, store: ConnectionStore, log: ChangeLog, icmp: IcmpNotes, clock: Clock, reassembly: Reassembly) {
    this.columns = columns;
    this.store = store;
    this.log = log;
    this.icmp = icmp;
    this.clock = clock;
    this.reassembly = reassembly;
  }

  get connectionCount(): number {
    return this.store.count;
  }

  get start(): Instant | undefined {
    return this.clock.span?.start;
  }

  get last(): number {
    return this.clock.latest;
  }

  identity(id: number): Identity {
    this.seek(id);
    const { connection, flows } = this;
    const second = connection.has(Life.CLIENT_SECOND);
    const start = (flow: Flow) => (flow.has(Known.SYN) ? flow.base : undefined);
    return {
      client: endpointOf(connection, second),
      server: endpointOf(connection, !second),
      clientStart: start(flows.client),
      serverStart: start(flows.server),
      bases: { client: flows.client.base, server: flows.server.base },
    };
  }

  sights(id: number): Sight[] {
    this.seek(id);
    const { columns, clock, connection, flows } = this;
    const seen = emptySeen();
    const sights: Sight[] = [];
    for (let row = connection.firstPacket; row >= 0; row = columns.next(row)) {
      readSeen(columns, clock, connection, flows, row, seen);
      if ((seen.marks & MARK['duplicate-capture']) === 0) sights.push(sightOf(seen, columns.frame(row)));
    }
    return sights;
  }

  /** What there is to say of a connection. */
  of(id: number): Finding[] {
    this.seek(id);
    const { columns, clock, connection, flows } = this;
    const examination = this.examinationOf(id);
    examination.advance(columns, clock, connection, flows);
    return examination.findings(columns, id, this.facts(id));
  }

  /** What there is to say of all connections together. */
  ofCapture(): Finding[] {
    const { columns, store, log, clock } = this;
    return [
      ...captureFindings(columns, store, clock),
      ...fullQueues({ columns, store, log, clock }),
      ...fragmentFindings(this.reassembly, clock),
    ].sort(byWeight);
  }

  private seek(id: number): void {
    if (!(id >= 0 && id < this.store.count)) throw new RangeError(`no connection ${id}: there are ${this.store.count}`);
    const { connection, flows } = this;
    this.store.seek(id, connection);
    const clientSecond = connection.has(Life.CLIENT_SECOND);
    connection.flow(clientSecond, flows.client);
    connection.flow(!clientSecond, flows.server);
  }

  /** The examination of a connection, as far as it was kept. A short one is read again as fast as it is found. */
  private examinationOf(id: number): Examination {
    const known = this.examinations.get(id) ?? new Examination();
    if (this.flows.client.packets + this.flows.server.packets < WORTH_KEEPING) return known;
    this.examinations.delete(id);
    this.examinations.set(id, known);
    for (const oldest of this.examinations.keys()) {
      if (this.examinations.size <= KEPT) break;
      this.examinations.delete(oldest);
    }
    return known;
  }

  private facts(id: number): Facts {
    const { columns, log, clock, connection, flows } = this;
    const now = clock.passed;
    return {
      connection,
      flows,
      stay: (side, state) => stayOf(columns, log, clock, connection, flows[side], state),
      icmp: this.icmp.of(id),
      now,
      present: later(clock.span!.start, now),
      timeOf: (row) => (row < 0 ? Number.NaN : columns.time(row, clock)),
      between,
      quotedSide: ({ fromSecond }) => (fromSecond === connection.has(Life.CLIENT_SECOND) ? 'client' : 'server'),
    };
  }
}

const between = (from: Instant, to: Instant): number => (to.seconds - from.seconds) * 1e9 + (to.nanoseconds - from.nanoseconds);
