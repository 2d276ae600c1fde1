/** Connections by when they will change, soonest first: a heap in two columns. */
export class Deadlines {
  private count = 0;
  private dues = new Float64Array(64);
  private ids = new Int32Array(64);

  /** When the soonest is due; never, where there is none. */
  get next(): number {
    return this.count > 0 ? this.dues[0]! : Number.POSITIVE_INFINITY;
  }

  push(due: number, id: number): void {
    if (this.count === this.dues.length) this.grow();
    let at = this.count++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.dues[parent]! <= due) break;
      this.move(parent, at);
      at = parent;
    }
    this.dues[at] = due;
    this.ids[at] = id;
  }

  /** Takes the soonest out and gives its connection. There must be one. */
  pop(): number {
    const id = this.ids[0]!;
    const last = --this.count;
    const due = this.dues[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.dues[child + 1]! < this.dues[child]!) child++;
      if (this.dues[child]! >= due) break;
      this.move(child, at);
      at = child;
    }
    this.dues[at] = due;
    this.ids[at] = this.ids[last]!;
    return id;
  }

  /** Octets allocated. */
  get memory(): number {
    return this.dues.length * 12;
  }

  private move(from: number, to: number): void {
    this.dues[to] = this.dues[from]!;
    this.ids[to] = this.ids[from]!;
  }

  private grow(): void {
    const dues = new Float64Array(this.dues.length * 2);
    const ids = new Int32Array(this.ids.length * 2);
    dues.set(this.dues);
    ids.set(this.ids);
    this.dues = dues;
    this.ids = ids;
  }
}
