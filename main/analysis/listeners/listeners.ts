import { type ChangeLog, State } from '../change-log.ts';
import type { Clock } from '../clock.ts';
import { Connection, type ConnectionStore, Life } from '../connection-store.ts';
import { Flow, Known } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';
import { endpointOf } from '../report/endpoint.ts';
import { Call, isComplete, spansOf } from './call.ts';
import type { ListenersReport } from './listener.ts';
import { Port } from './port.ts';

/** What of the analysis is read here. */
export interface ListenerTables {
  readonly columns: PacketColumns;
  readonly store: ConnectionStore;
  readonly log: ChangeLog;
  readonly clock: Clock;
}

/** Wireshark's `tcp.completeness`: a SYN, or a SYN,ACK, was captured. */
const OPENING = 1 | 2;
const PORT_NUMBERS = 65_536;
/** Addresses and ports that are told apart; a scan of more is told of as far as these. */
const MOST_PORTS = 100_000;

/**
 * What connections show of the listeners they were opened to: made when asked for, at the cost of a look at each
 * connection's handshake, and of nothing while packets come.
 */
export function listenersOf(tables: ListenerTables, most: number): ListenersReport {
  const { columns, clock } = tables;
  const ports = portsOf(tables).sort((a, b) => b.weight - a.weight);
  return {
    ...(clock.span && { origin: clock.span.start }),
    listeners: ports.slice(0, most).map((port) => port.record(columns)),
    total: ports.length,
  };
}

/** Every address and port that connections were opened to. */
export function portsOf({ columns, store, log, clock }: ListenerTables): Port[] {
  const survey = new Survey(columns, store, log, clock);
  for (let id = 0; id < store.count; id++) survey.look(id);
  return survey.ports;
}

class Survey {
  private readonly columns: PacketColumns;
  private readonly store: ConnectionStore;
  private readonly log: ChangeLog;
  private readonly clock: Clock;
  private readonly connection = new Connection();
  private readonly client = new Flow();
  private readonly server = new Flow();
  private readonly call = new Call();
  private readonly known = new Map<number | string, Port>();

  constructor(columns: PacketColumns, store: ConnectionStore, log: ChangeLog, clock: Clock) {
    this.columns = columns;
    this.store = store;
    this.log = log;
    this.clock = clock;
  }

  get ports(): Port[] {
    return [...this.known.values()];
  }

  look(id: number): void {
    const { store, columns, clock, connection, client, server, call } = this;
    store.seek(id, connection);
    if ((connection.completeness & OPENING) === 0) return;
    const second = connection.has(Life.CLIENT_SECOND);
    connection.flow(second, client);
    connection.flow(!second, server);
    if (server.has(Known.ACTIVE)) return; // both opened at once: nobody listened
    const port = this.portOf(!second);
    if (!port) return;
    call.read(columns, clock, connection, client, server);
    port.connections++;
    if (call.answerRow >= 0) this.answered(port);
    else if (call.refusalRow >= 0) port.refuse(call.refusalRow);
    else if (!server.has(Known.SPOKE)) {
      port.unanswered++;
      port.passedOver.push(...call.syns);
    }
  }

  private answered(port: Port): void {
    const { columns, log, clock, connection, server, call } = this;
    port.answer(call.answerRow);
    port.ignoredSyns += Math.max(0, call.syns.length - 1);
    port.passedOver.push(...call.syns.slice(0, -1));
    port.taken.push(...call.syns.slice(-1));
    if (call.ackIgnored) port.ignoredAcks++;
    let completed = false;
    spansOf(columns, log, clock, connection, server, (state, from, to) => {
      if (state === State['SYN-RECEIVED']) this.halfOpen(port, from, to);
      else if (isComplete(state)) {
        completed = true;
        port.acceptQueue.add(from, Math.min(to, call.programAt, call.resetAt));
      }
    });
    if (completed) port.established++;
  }

  private halfOpen(port: Port, from: number, to: number): void {
    const { call, clock } = this;
    if (to < Number.POSITIVE_INFINITY) port.synQueue.add(from, to);
    else if (call.isUnrepeated(clock.passed)) port.unrepeated++;
    else port.synQueue.add(from, call.givenUpAt(clock.passed));
  }

  /** An IPv4 address and its port are one number. Undefined where too many are known already. */
  private portOf(second: boolean): Port | undefined {
    const { connection, known } = this;
    const number = connection.port(second);
    const key = connection.has(Life.IPV6)
      ? `${endpointOf(connection, second).address} ${number}`
      : (connection.address(second, 0) >>> 0) * PORT_NUMBERS + number;
    const found = known.get(key);
    if (found || known.size >= MOST_PORTS) return found;
    const port = new Port(endpointOf(connection, second));
    known.set(key, port);
    return port;
  }
}
