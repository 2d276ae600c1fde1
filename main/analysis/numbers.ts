/** Numbers in the order they came, growing as needed. */
export class NumberList {
  length = 0;
  private values = new Int32Array(64);

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index]!;
  }

  /** All of them; the list is empty afterwards. */
  drain(): number[] {
    const drained = Array.from(this.values.subarray(0, this.length));
    this.length = 0;
    return drained;
  }
}
