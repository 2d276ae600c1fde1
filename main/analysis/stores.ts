import { ChangeLog } from './change-log.ts';
import { Clock } from './clock.ts';
import { ConnectionStore } from './connection-store.ts';
import { EventLog } from './event-log.ts';
import { Milestones } from './milestones.ts';
import { PacketColumns } from './packet-columns.ts';

/** What an analysis keeps of packets and connections. */
export class Stores {
  readonly columns = new PacketColumns();
  readonly store = new ConnectionStore();
  readonly log = new ChangeLog();
  readonly events = new EventLog();
  readonly milestones = new Milestones();
  readonly clock = new Clock();
}
