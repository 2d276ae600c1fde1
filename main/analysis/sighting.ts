import { emptyTcpView, type TcpView } from '../wire/tcp-view.ts';
import type { Clock } from './clock.ts';
import { Connection } from './connection-store.ts';
import { Flow } from './flow.ts';
import type { PacketColumns } from './packet-columns.ts';

/** One captured segment in its connection: what every rule looks at. One record is reused for all packets. */
export interface Sighting {
  /** Row in the packet columns. */
  packet: number;
  /** Nanoseconds since the capture's first frame. */
  time: number;
  readonly view: TcpView;
  readonly connection: Connection;
  /** The flow the segment belongs to, and the other one. */
  readonly sender: Flow;
  readonly receiver: Flow;
  /** All that was captured before. */
  readonly columns: PacketColumns;
  readonly clock: Clock;
}

export const newSighting = (columns: PacketColumns, clock: Clock): Sighting => ({
  packet: -1,
  time: Number.NaN,
  view: emptyTcpView(),
  connection: new Connection(),
  sender: new Flow(),
  receiver: new Flow(),
  columns,
  clock,
});
