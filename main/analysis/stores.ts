import { type Arena, HEAP } from './arena.ts';
import { ChangeLog } from './change-log.ts';
import { Clock } from './clock.ts';
import { ConnectionStore } from './connection-store.ts';
import { EventLog } from './event-log.ts';
import { Milestones } from './milestones.ts';
import { PacketColumns } from './packet-columns.ts';

/** What an analysis keeps of packets and connections. */
export class Stores {
  readonly columns: PacketColumns;
  readonly store: ConnectionStore;
  readonly log: ChangeLog;
  readonly events: EventLog;
  readonly milestones = new Milestones();
  readonly clock = new Clock();
  readonly arena: Arena;

  constructor(arena: Arena = HEAP) {
    this.arena = arena;
    this.columns = new PacketColumns(arena);
    this.store = new ConnectionStore(arena);
    this.log = new ChangeLog(arena);
    this.events = new EventLog(arena);
  }
}
