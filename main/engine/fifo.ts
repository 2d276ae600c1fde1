const FIRST_CAPACITY = 8; // a power of two, as every capacity after it
/** What all queues have that never held anything: most connections never need theirs. */
const NO_ITEMS: readonly undefined[] = Object.freeze([]);

/** A first-in-first-out queue whose ends both cost constant time: a ring that doubles when it is full. */
export class Fifo<T> {
  private items = NO_ITEMS as (T | undefined)[];
  private head = 0;
  length = 0;

  push(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length++) & (this.items.length - 1)] = item;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  /** Puts `item` before all others; for the rest of something half taken. */
  unshift(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.head = (this.head - 1) & (this.items.length - 1);
    this.items[this.head] = item;
    this.length++;
  }

  /** Puts `item` in the place of what is at `index`. */
  replace(index: number, item: T): void {
    if (index < this.length) this.items[(this.head + index) & (this.items.length - 1)] = item;
  }

  /** Puts `item` at `index`, before what is there; costs as much as there is behind it. */
  insert(index: number, item: T): void {
    this.push(item);
    const mask = this.items.length - 1;
    for (let i = this.length - 1; i > index; i--) this.items[(this.head + i) & mask] = this.items[(this.head + i - 1) & mask];
    this.items[(this.head + index) & mask] = item;
  }

  /** The item `index` places behind the head; undefined beyond the end. */
  at(index: number): T | undefined {
    return index < this.length ? this.items[(this.head + index) & (this.items.length - 1)] : undefined;
  }

  clear(): void {
    this.items = NO_ITEMS as (T | undefined)[];
    this.head = 0;
    this.length = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as T;
  }

  private grow(): void {
    const bigger: (T | undefined)[] = new Array(Math.max(FIRST_CAPACITY, 2 * this.items.length)).fill(undefined);
    for (let i = 0; i < this.length; i++) bigger[i] = this.at(i);
    this.items = bigger;
    this.head = 0;
  }
}
