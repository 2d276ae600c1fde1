import { type ChangeLog, STATE_CODES, stateName } from '../change-log.ts';
import type { Clock } from '../clock.ts';
import { Connection, type ConnectionStore, Life } from '../connection-store.ts';
import type { EventLog } from '../event-log.ts';
import type { RowSet } from '../filter/row-set.ts';
import { Flow } from '../flow.ts';
import type { Milestones } from '../milestones.ts';
import type { PacketColumns } from '../packet-columns.ts';
import {
  type AnalysisSummary,
  type ConnectionEvent,
  type ConnectionRecord,
  type Endpoint,
  EVENT_KINDS,
  type RecordOptions,
  type SegmentRow,
} from '../record.ts';
import { isClosedByTime, synPatience } from '../states/by-time.ts';
import type { Stores } from '../stores.ts';
import { endpointOf } from './endpoint.ts';
import { eventsOf } from './events.ts';
import { historyOf, stateNow } from './history.ts';
import { instantOf } from './packets.ts';
import { changesByFrame, segmentRow } from './segments.ts';

/** The columns as values, built when asked for. */
export class Report {
  private readonly connection = new Connection();
  private readonly flows = { client: new Flow(), server: new Flow() };
  private readonly clock: Clock;
  private readonly columns: PacketColumns;
  private readonly store: ConnectionStore;
  private readonly log: ChangeLog;
  private readonly events: EventLog;
  private readonly milestones: Milestones;

  constructor({ columns, store, log, events, milestones, clock }: Stores) {
    this.columns = columns;
    this.store = store;
    this.log = log;
    this.events = events;
    this.milestones = milestones;
    this.clock = clock;
  }

  record(id: number, { latestEvents = Number.POSITIVE_INFINITY }: RecordOptions): ConnectionRecord {
    this.seek(id);
    const { columns, connection, flows } = this;
    const { client, server } = flows;
    const abandoned = this.abandonedSyn();
    return {
      id,
      client: this.endpoint(true),
      server: this.endpoint(false),
      complete: connection.completeness,
      start: instantOf(columns, connection.firstPacket),
      end: instantOf(columns, connection.lastPacket),
      packets: { client: client.packets, server: server.packets },
      bytes: { client: client.bytes, server: server.bytes },
      states: this.states(),
      events: latestEvents > 0 ? [...eventsOf(columns, this.events, connection, abandoned, latestEvents)] : [],
      eventCount: connection.eventCount + (abandoned < 0 ? 0 : 1),
    };
  }

  /** All its events one by one: a long connection has millions. */
  eventsOf(id: number): Iterable<ConnectionEvent> {
    this.seek(id);
    return eventsOf(this.columns, this.events, this.connection, this.abandonedSyn(), Number.POSITIVE_INFINITY);
  }

  segments(id: number, from: number, count: number, only?: RowSet): SegmentRow[] {
    this.seek(id);
    const changes = changesByFrame(this.states());
    const rows: SegmentRow[] = [];
    let packet = only ? this.nthOf(only, from) : this.nth(id, from);
    for (; rows.length < count && packet >= 0; packet = this.columns.next(packet))
      if (!only || only.has(packet)) rows.push(segmentRow(this.columns, this.connection, this.flows, changes, packet));
    return rows;
  }

  /** The connection's `ordinal`th packet of those in a set, from 0, or -1. */
  private nthOf(only: RowSet, ordinal: number): number {
    let row = this.connection.firstPacket;
    for (let passed = 0; row >= 0; row = this.columns.next(row)) if (only.has(row) && passed++ === ordinal) return row;
    return row;
  }

  segmentCount(id: number): number {
    this.seek(id);
    return this.flows.client.packets + this.flows.server.packets;
  }

  summary(packets: number, tcpPackets: number, malformed: number): AnalysisSummary {
    const { columns, clock, connection, flows } = this;
    const states: Record<string, number> = {};
    const events: Record<string, number> = {};
    const ends = new Uint32Array(STATE_CODES);
    let abandoned = 0;
    for (let id = 0; id < this.store.count; id++) {
      this.seek(id);
      ends[stateNow(columns, clock, connection, flows.client)]!++;
      ends[stateNow(columns, clock, connection, flows.server)]!++;
      if (this.abandonedSyn() >= 0) abandoned++;
    }
    ends.forEach((count, state) => {
      if (count > 0) states[stateName(state)] = count;
    });
    EVENT_KINDS.forEach((kind, i) => {
      const count = kind === 'syn-timeout' ? abandoned : this.events.counts[i]!;
      if (count > 0) events[kind] = count;
    });
    return { packets, tcpPackets, malformed, connections: this.store.count, ...this.clock.span, states, events };
  }

  /** The row of the `ordinal`th packet of the connection sought, from 0, or -1. */
  private nth(id: number, ordinal: number): number {
    const milestone = this.milestones.before(id, ordinal);
    let row = milestone?.row ?? this.connection.firstPacket;
    for (let i = milestone?.ordinal ?? 0; i < ordinal && row >= 0; i++) row = this.columns.next(row);
    return row;
  }

  /** The client's last SYN where it gave up after it, or -1. */
  private abandonedSyn(): number {
    const { columns, clock, connection, flows } = this;
    if (synPatience(connection, flows.client) === undefined) return -1;
    return isClosedByTime(columns, clock, connection, flows.client) ? flows.client.synPacket : -1;
  }

  private states() {
    const of = (flow: Flow) => historyOf(this.columns, this.log, this.clock, this.connection, flow);
    const client = of(this.flows.client);
    return { client, server: this.isToItself() ? client : of(this.flows.server) };
  }

  private isToItself(): boolean {
    const { connection } = this;
    const same = (word: number) => connection.address(false, word) === connection.address(true, word);
    return connection.port(false) === connection.port(true) && [0, 1, 2, 3].every(same);
  }

  private seek(id: number): void {
    if (!(id >= 0 && id < this.store.count)) throw new RangeError(`no connection ${id}: there are ${this.store.count}`);
    this.store.seek(id, this.connection);
    const clientSecond = this.connection.has(Life.CLIENT_SECOND);
    this.connection.flow(clientSecond, this.flows.client);
    this.connection.flow(!clientSecond, this.flows.server);
  }

  private endpoint(client: boolean): Endpoint {
    return endpointOf(this.connection, this.connection.has(Life.CLIENT_SECOND) === client);
  }
}
