/** Small whole numbers in the order they came, growing as needed. */
export class NumberList {
  length = 0;
  private values = new Int32Array(16);

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

  /** Octets allocated. */
  get memory(): number {
    return this.values.length * 4;
  }
}

/** Whole numbers, first in, first out: a ring that grows as needed. */
export class NumberQueue {
  length = 0;
  private values = new Int32Array(64);
  private first = 0;

  push(value: number): void {
    if (this.length === this.values.length) this.grow();
    this.values[(this.first + this.length++) & (this.values.length - 1)] = value;
  }

  /** Takes the oldest out; undefined when there is none. */
  shift(): number | undefined {
    if (this.length === 0) return undefined;
    const value = this.values[this.first]!;
    this.first = (this.first + 1) & (this.values.length - 1);
    this.length--;
    return value;
  }

  /** Octets allocated. */
  get memory(): number {
    return this.values.length * 4;
  }

  private grow(): void {
    const larger = new Int32Array(this.values.length * 2);
    larger.set(this.values.subarray(this.first));
    larger.set(this.values.subarray(0, this.first), this.values.length - this.first);
    this.values = larger;
    this.first = 0;
  }
}
