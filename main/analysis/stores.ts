import { ChangeLog } from './change-log.ts';
import { Clock } from './clock.ts';
import { ConnectionStore } from './connection-store.ts';
import { EventLog } from './event-log.ts';
import { Milestones } from './milestones.ts';
import { PacketColumns } from './packet-columns.ts';
import type { SharedMemory } from './shared-memory.ts';

/** What an analysis keeps of packets and connections. */
export class Stores {
  readonly columns: PacketColumns;
  readonly store: ConnectionStore;
  readonly log: ChangeLog;
  readonly events: EventLog;
  readonly milestones = new Milestones();
  readonly clock = new Clock();
  /** Where all of it lies; where there is none, in arrays of its own. */
  readonly memory: SharedMemory | undefined;

  constructor(memory: SharedMemory | undefined) {
    this.memory = memory;
    this.columns = new PacketColumns(memory);
    this.store = new ConnectionStore(memory);
    this.log = new ChangeLog(memory);
    this.events = new EventLog(memory);
  }
}
