import { NO_PACKET, type PacketColumns, slot } from '../packet-columns.ts';

/** For each row the row before it in its connection. The columns chain forwards only; who asks for this pays four octets a packet. */
export class PreviousRows {
  readonly #columns: PacketColumns;
  #known = 0;
  #previous = new Int32Array(0);
  /** By connection, its last row among those known. */
  #last = new Int32Array(0);

  constructor(columns: PacketColumns) {
    this.#columns = columns;
  }

  /** The row, or NO_PACKET for a connection's first. */
  of(row: number): number {
    if (row >= this.#known) this.#learn();
    return this.#previous[row]!;
  }

  #learn(): void {
    const columns = this.#columns;
    this.#previous = grown(this.#previous, columns.count);
    for (; this.#known < columns.count; this.#known++) {
      const connection = columns.page(this.#known).connection(slot(this.#known));
      if (connection >= this.#last.length) this.#last = grown(this.#last, connection + 1);
      this.#previous[this.#known] = this.#last[connection]!;
      this.#last[connection] = this.#known;
    }
  }
}

/** At least so long, by half more than asked, so that growing costs little; new places hold NO_PACKET. */
function grown(list: Int32Array, length: number): Int32Array<ArrayBuffer> {
  if (list.length >= length) return list as Int32Array<ArrayBuffer>;
  const larger = new Int32Array(Math.ceil(length * 1.5)).fill(NO_PACKET);
  larger.set(list);
  return larger;
}
