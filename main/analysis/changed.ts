import { type Connection, type ConnectionStore, Life } from './connection-store.ts';
import { NumberQueue } from './numbers.ts';

/** Connections that changed since they were last told of, each once, in order of their change. */
export class Changed {
  private readonly ids = new NumberQueue();
  private readonly store: ConnectionStore;
  private readonly cursor: Connection;

  /** `cursor` is moved by `take`. */
  constructor(store: ConnectionStore, cursor: Connection) {
    this.store = store;
    this.cursor = cursor;
  }

  get count(): number {
    return this.ids.length;
  }

  add(connection: Connection): void {
    if (connection.has(Life.CHANGED)) return;
    connection.set(Life.CHANGED);
    this.tell(connection.id);
  }

  /** A connection changed and is marked so. */
  tell(id: number): void {
    this.ids.push(id);
  }

  /** At most so many, which have not changed from then on. */
  take(most: number): number[] {
    const taken: number[] = [];
    while (taken.length < most) {
      const id = this.ids.shift();
      if (id === undefined) break;
      this.store.seek(id, this.cursor);
      this.cursor.clear(Life.CHANGED);
      taken.push(id);
    }
    return taken;
  }

  /** Octets allocated. */
  get memory(): number {
    return this.ids.memory;
  }
}
