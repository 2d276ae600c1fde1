import { type Change, type ChangeLog, State, stateName, triggerName } from '../change-log.ts';
import { type Clock, later } from '../clock.ts';
import { type Connection, Life } from '../connection-store.ts';
import { type Flow, Known } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';
import type { StateSpan } from '../record.ts';
import { instantOf } from './packets.ts';
import { gaveUp } from './syn-timeout.ts';

/** 2MSL as Linux has it. */
export const TIME_WAIT_NANOSECONDS = 60e9;

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
  const computed = timeWaitOver(columns, clock, connection, flow) ?? synTimedOut(columns, clock, connection, flow);
  if (computed) spans.push(computed);
  return spans;
}

function spanOf(columns: PacketColumns, change: Change): StateSpan {
  const packet = columns.frame(change.packet);
  const evidence = columns.frame(change.evidence);
  return {
    state: stateName(change.state),
    from: instantOf(columns, change.at),
    packet,
    because: packet === evidence ? [packet] : [packet, evidence].sort((a, b) => a - b),
    trigger: triggerName(change.trigger),
    certainty: change.assumed ? 'assumed' : 'seen',
  };
}

/** 2MSL is over, and the capture went on that long. A new connection on the 4-tuple would have ended it sooner. */
function timeWaitOver(columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): StateSpan | undefined {
  if (!timeWaitIsOver(columns, clock, connection, flow)) return undefined;
  return closedByTime(columns, 'time-wait-timeout', flow.clockPacket, TIME_WAIT_NANOSECONDS);
}

function synTimedOut(columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): StateSpan | undefined {
  const gone = gaveUp(columns, clock, connection, flow);
  return gone && closedByTime(columns, 'user-timeout', gone.packet, gone.patience);
}

function closedByTime(columns: PacketColumns, trigger: 'time-wait-timeout' | 'user-timeout', packet: number, wait: number): StateSpan {
  const frame = columns.frame(packet);
  return {
    state: 'CLOSED',
    from: later(instantOf(columns, packet), wait),
    packet: frame,
    because: [frame],
    trigger,
    certainty: 'computed',
  };
}

/** The state an endpoint is in at the end of the capture so far, as a code. */
export function stateNow(columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): number {
  if (timeWaitIsOver(columns, clock, connection, flow) || gaveUp(columns, clock, connection, flow)) return State.CLOSED;
  return flow.state;
}

function timeWaitIsOver(columns: PacketColumns, clock: Clock, connection: Connection, flow: Flow): boolean {
  if (flow.state !== State['TIME-WAIT'] || connection.has(Life.SUPERSEDED)) return false;
  const { seconds, nanoseconds } = instantOf(columns, flow.clockPacket);
  return clock.latest - clock.since(seconds, nanoseconds) >= TIME_WAIT_NANOSECONDS;
}
