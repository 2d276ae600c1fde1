import { NumberList } from './numbers.ts';

const SHIFT = 8;
/** Packets of a connection from one milestone to the next. */
const APART = 1 << SHIFT;

/** A place in a connection's chain of packets: which one it is, from 0, and its row. */
export interface Milestone {
  readonly ordinal: number;
  readonly row: number;
}

/** Every 256th packet of each connection, so that any page of a long one is found with a short walk. */
export class Milestones {
  private readonly byConnection = new Map<number, NumberList>();

  /** The `ordinal`th packet of a connection, counted from 0, lies in `row`. To be told of each packet in order. */
  pass(connection: number, ordinal: number, row: number): void {
    if (ordinal !== 0 && (ordinal & (APART - 1)) === 0) this.add(connection, row);
  }

  /** The same of a packet that is one. */
  add(connection: number, row: number): void {
    let rows = this.byConnection.get(connection);
    if (!rows) {
      rows = new NumberList();
      this.byConnection.set(connection, rows);
    }
    rows.push(row);
  }

  /** The last milestone at or before a connection's `ordinal`th packet; undefined when that is its first packet. */
  before(connection: number, ordinal: number): Milestone | undefined {
    const rows = this.byConnection.get(connection);
    const passed = Math.min(Math.floor(ordinal / APART), rows?.length ?? 0);
    return rows && passed > 0 ? { ordinal: passed * APART, row: rows.at(passed - 1) } : undefined;
  }

  /** Octets allocated. */
  get memory(): number {
    let sum = 0;
    for (const rows of this.byConnection.values()) sum += rows.memory;
    return sum;
  }
}
