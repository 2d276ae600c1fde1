import { type Change, type ChangeLog, State, stateName, triggerName } from '../change-log.ts';
import { type Clock, later } from '../clock.ts';
import type { Connection } from '../connection-store.ts';
import { type Flow, Known } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';
import type { Instant, StateSpan } from '../record.ts';
import { isClosedByTime, synPatience, TIME_WAIT_NANOSECONDS } from '../states/by-time.ts';
import { instantOf } from './packets.ts';

/** The states of one endpoint over time, as far as they follow from packets and from time alone. */
export function historyOf(columns: PacketColumns, log: ChangeLog, clock: Clock, connection: Connection, flow: Flow): StateSpan[] {
  const first = connection.firstPacket;
  const spans: StateSpan[] = [
    {
      state: stateName(flow.initialState),
      from: instantOf(columns, first),
      packet: columns.frame(first),
      because: [columns.frame(first)],
      trigger: 'start',
      certainty: flow.has(Known.ASSUMED_START) || flow.initialState === State.UNKNOWN ? 'assumed' : 'seen',
    },
  ];
  for (const change of log.list(flow.lastChange)) spans.push(spanOf(columns, change));
  if (isClosedByTime(columns, clock, connection, flow)) spans.push(closedByTime(columns, connection, flow));
  return spans;
}

function spanOf(columns: PacketColumns, change: Change): StateSpan {
  const packet = columns.frame(change.packet);
  const evidence = columns.frame(change.evidence);
  return {
    state: stateName(change.state),
    from: instantOf(columns, change.at),
    packet,
    because: packet === evidence ? [packet] : packet < evidence ? [packet, evidence] : [evidence, packet],
    trigger: triggerName(change.trigger),
    certainty: change.assumed ? 'assumed' : 'seen',
  };
}

/** No packet says that the endpoint is gone; time does. */
function closedByTime(columns: PacketColumns, connection: Connection, flow: Flow): StateSpan {
  const patience = synPatience(connection, flow);
  const packet = patience === undefined ? flow.clockPacket : flow.synPacket;
  const frame = columns.frame(packet);
  return {
    state: 'CLOSED',
    from: later(instantOf(columns, packet), patience ?? TIME_WAIT_NANOSECONDS),
    packet: frame,
    because: [frame],
    trigger: patience === undefined ? 'time-wait-timeout' : 'user-timeout',
    certainty: 'computed',
  };
}

/** From when to when an endpoint was in a state. */
export interface Stay {
  readonly from: Instant;
  /** Undefined where it is in it still. */
  readonly to: Instant | undefined;
}

/** When an endpoint was first in a state, of what `historyOf` tells; undefined where it never was. */
export function stayOf(
  columns: PacketColumns,
  log: ChangeLog,
  clock: Clock,
  connection: Connection,
  flow: Flow,
  state: number,
): Stay | undefined {
  let [came, went, after] = [-1, -1, -1]; // the packets that date them
  for (let change = flow.lastChange; change >= 0; change = log.previous(change)) {
    const at = log.datedBy(change);
    if (log.state(change) === state) {
      came = at;
      went = after;
    }
    after = at;
  }
  if (flow.initialState === state) {
    came = connection.firstPacket;
    went = after;
  }
  if (came < 0) return undefined;
  const from = instantOf(columns, came);
  if (went >= 0) return { from, to: instantOf(columns, went) };
  return { from, to: isClosedByTime(columns, clock, connection, flow) ? closedByTime(columns, connection, flow).from : undefined };
}

/** The state an endpoint is in now, as a code. */
export const stateNow = (columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): number =>
  isClosedByTime(columns, clock, connection, flow) ? State.CLOSED : flow.state;
