/** Of many packets the first few and the last are named. */
const FIRST_KEPT = 8;

const NONE: readonly number[] = [];

/** Packets that show something: the first few and the last, and how many there were. Rows of the packet columns. */
export class Evidence {
  count = 0;
  last = -1;
  /** Made for the first: most of what is looked for is never found. */
  private firsts: number[] | undefined;

  add(row: number): void {
    if (row === this.last) return;
    this.count++;
    this.last = row;
    this.firsts ??= [];
    if (this.firsts.length < FIRST_KEPT) this.firsts.push(row);
  }

  get first(): number {
    return this.firsts?.[0] ?? -1;
  }

  get rows(): readonly number[] {
    const { firsts = NONE } = this;
    return this.count > firsts.length ? [...firsts, this.last] : firsts;
  }
}
