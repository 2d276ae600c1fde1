import { FourTupleTable } from '../four-tuple-table.ts';
import type { Tcb } from './tcb.ts';

/**
 * Connections in SYN-RECEIVED. They come and go with every connection, which a Set pays for twice: each time it makes itself
 * anew, what it was before still refers to it, so that the garbage collector takes what is gone for old and keeps it.
 */
export class SynQueue {
  private readonly embryos: FourTupleTable<Tcb>;

  /** `seed` is the host's secret: see FourTupleTable. */
  constructor(seed: number) {
    this.embryos = new FourTupleTable(seed);
  }

  get size(): number {
    return this.embryos.size;
  }

  has(tcb: Tcb): boolean {
    return this.embryos.find(tcb) === tcb;
  }

  add(tcb: Tcb): void {
    this.embryos.add(tcb);
  }

  /** False where it is not here. */
  remove(tcb: Tcb): boolean {
    return this.embryos.remove(tcb);
  }

  /** The oldest first. */
  [Symbol.iterator](): Iterator<Tcb> {
    return [...this.embryos].sort((a, b) => a.id - b.id)[Symbol.iterator]();
  }
}
