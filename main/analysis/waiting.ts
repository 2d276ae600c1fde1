import type { Changed } from './changed.ts';
import { type ConnectionStore, NEVER } from './connection-store.ts';
import { Deadlines } from './deadlines.ts';
import type { Flow } from './flow.ts';
import type { Sighting } from './sighting.ts';
import { closesAt } from './states/by-time.ts';

/** The connections that time alone will change, and the moments at which it does. */
export class Waiting {
  private readonly deadlines = new Deadlines();
  private readonly store: ConnectionStore;
  private readonly sighting: Sighting;
  private readonly changed: Changed;

  /** Who changes is told to `changed`. */
  constructor(store: ConnectionStore, sighting: Sighting, changed: Changed) {
    this.store = store;
    this.sighting = sighting;
    this.changed = changed;
  }

  /** When the soonest is due, in nanoseconds of the analysis clock; never, where there is none. */
  get next(): number {
    return this.deadlines.next;
  }

  /** Sees to it that the connection at hand is looked at again when one of its ends closes by time alone. */
  await(): void {
    const { deadlines } = this;
    const { connection, sender, receiver, columns, clock } = this.sighting;
    for (const flow of [sender, receiver]) {
      const due = closesAt(columns, clock, connection, flow);
      // What is due later than something waited for already is found when that has come.
      if (due <= clock.passed || due >= connection.due) continue;
      connection.due = due;
      deadlines.push(due, connection.id);
    }
  }

  /** The same for any connection. The sighting's cursors move. */
  awaitOf(id: number): void {
    const { connection, sender, receiver } = this.sighting;
    this.store.seek(id, connection);
    connection.flow(false, sender);
    connection.flow(true, receiver);
    this.await();
  }

  private closedSince(due: number, flow: Flow): boolean {
    const { columns, clock, connection } = this.sighting;
    const at = closesAt(columns, clock, connection, flow);
    return at >= due && at <= clock.passed;
  }

  /** Looks again at the connections whose time has come. The sighting's cursors move. */
  pass(): void {
    const { deadlines, store, changed } = this;
    const { connection, sender, receiver, clock } = this.sighting;
    while (deadlines.next <= clock.passed) {
      const due = deadlines.next;
      const id = deadlines.pop();
      store.seek(id, connection);
      if (due !== connection.due) continue; // something sooner had come up, and this was looked at then
      connection.due = NEVER;
      this.awaitOf(id);
      if (this.closedSince(due, sender) || this.closedSince(due, receiver)) changed.add(connection);
    }
  }

  /** Octets allocated. */
  get memory(): number {
    return this.deadlines.memory;
  }
}
