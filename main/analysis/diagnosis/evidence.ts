/** Of many packets the first few and the last are named. */
const FIRST_KEPT = 8;

/** Packets that show something: the first few and the last, and how many there were. Rows of the packet columns. */
export class Evidence {
  count = 0;
  last = -1;
  private readonly firsts: number[] = [];

  add(row: number): void {
    if (row === this.last) return;
    this.count++;
    this.last = row;
    if (this.firsts.length < FIRST_KEPT) this.firsts.push(row);
  }

  get first(): number {
    return this.firsts[0] ?? -1;
  }

  get rows(): readonly number[] {
    return this.count > this.firsts.length ? [...this.firsts, this.last] : this.firsts;
  }
}
