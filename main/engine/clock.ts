import type { Nanos } from '../wire/units.ts';
import { TimerRow } from './timer-row.ts';

/** Has timers of its own, and is told which of them has run out. */
export interface TimerOwner {
  expire(timer: Timer): void;
}

/** Something to do at an instant. Set again and again without allocation; the clock keeps when, the timer where in the clock. */
export class Timer {
  /** Index in the clock's heap, or in the row it stands in; -1 while not set. */
  slot = -1;
  readonly owner: TimerOwner | (() => void);

  constructor(owner: TimerOwner | (() => void)) {
    this.owner = owner;
  }

  get isSet(): boolean {
    return this.slot >= 0;
  }
}

const FIRST_CAPACITY = 64;

/**
 * Virtual time: it stands still until somebody runs the next event, and then jumps straight to it. The heap knows where
 * each timer stands, so setting one anew moves it in place. Deadlines lie beside the timers in an array of their own, so that
 * finding a timer's place touches no other object. Timers that are always set for the same span stand in rows beside it.
 */
export class Clock {
  now = 0 as Nanos;
  private readonly heap: Timer[] = [];
  /** Of the timer at the same index: when it fires, and how many were set before it. */
  private dues = new Float64Array(FIRST_CAPACITY);
  private orders = new Float64Array(FIRST_CAPACITY);
  private order = 0;
  private rows: readonly TimerRow[] = [];
  /** Timers that fire at this very moment, after all that were set for it before. */
  readonly soon: TimerRow = this.row(0 as Nanos);

  /** Events waiting. */
  get pending(): number {
    return this.rows.reduce((sum, { length }) => sum + length, this.heap.length);
  }

  nextEventAt(): Nanos | undefined {
    const due = this.nextRow()?.due ?? (this.heap.length > 0 ? this.dues[0] : undefined);
    return due as Nanos | undefined;
  }

  /** Where timers stand that are set for just `span`. Ask for it each time: one in which nobody stands is forgotten. */
  row(span: Nanos): TimerRow {
    const { rows } = this;
    for (let i = 0; i < rows.length; i++) if (rows[i]!.span === span) return rows[i]!;
    const row = new TimerRow(this, span);
    this.rows = [...rows.filter((other) => other.length > 0 || other === this.soon), row];
    return row;
  }

  /** Numbers all settings, whatever the timer stands in. */
  nextOrder(): number {
    return this.order++;
  }

  /** The row whose first fires next; undefined where that is the heap's. */
  private nextRow(): TimerRow | undefined {
    const { rows } = this;
    let first: TimerRow | undefined;
    let due = this.heap.length > 0 ? this.dues[0]! : Number.POSITIVE_INFINITY;
    let order = this.orders[0]!;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (row.due > due || (row.due === due && row.order > order) || row.length === 0) continue;
      first = row;
      due = row.due;
      order = row.order;
    }
    return first;
  }

  /** When `timer` fires; undefined while it is not set. */
  dueOf(timer: Timer): Nanos | undefined {
    return timer.slot < 0 ? undefined : (this.dues[timer.slot] as Nanos);
  }

  /** Sets (or moves) `timer` to fire `delay` from now. */
  set(timer: Timer, delay: Nanos): void {
    if (timer.slot < 0) {
      timer.slot = this.heap.length;
      this.heap.push(timer);
      if (this.heap.length > this.dues.length) this.makeRoom();
    }
    this.place(timer, timer.slot, this.now + Math.max(0, delay), this.order++);
  }

  cancel(timer: Timer): void {
    const { slot } = timer;
    if (slot < 0) return;
    timer.slot = -1;
    const last = this.heap.pop()!;
    const from = this.heap.length;
    if (last !== timer) this.place(last, slot, this.dues[from]!, this.orders[from]!);
  }

  /** Does `action` once, `delay` from now. */
  after(delay: Nanos, action: () => void): Timer {
    const timer = new Timer(action);
    this.set(timer, delay);
    return timer;
  }

  /** Jumps to the next event and runs it; false when nothing is waiting. */
  step(): boolean {
    const next = this.takeNext();
    if (!next) return false;
    const { owner } = next;
    if (typeof owner === 'function') owner();
    else owner.expire(next);
    return true;
  }

  /** Takes out the timer that fires next; it is its time now. */
  private takeNext(): Timer | undefined {
    const row = this.nextRow();
    if (row) {
      this.now = row.due as Nanos;
      return row.shift();
    }
    const next = this.heap[0];
    if (!next) return undefined;
    this.now = this.dues[0] as Nanos;
    this.cancel(next);
    return next;
  }

  /** Lets time pass without an event, never past one. */
  advanceTo(time: Nanos): void {
    const limit = this.nextEventAt();
    if (time > this.now) this.now = limit !== undefined && limit < time ? limit : time;
  }

  private makeRoom(): void {
    const [dues, orders] = [new Float64Array(2 * this.dues.length), new Float64Array(2 * this.dues.length)];
    dues.set(this.dues);
    orders.set(this.orders);
    this.dues = dues;
    this.orders = orders;
  }

  /** Puts a timer that belongs at `slot` or elsewhere where its deadline wants it: towards the top, else towards the bottom. */
  private place(timer: Timer, slot: number, due: number, order: number): void {
    const { heap, dues, orders } = this;
    const at = this.rise(slot, due, order);
    const end = at === slot ? this.sink(slot, due, order) : at;
    heap[end] = timer;
    dues[end] = due;
    orders[end] = order;
    timer.slot = end;
  }

  /** Makes room above `slot` as far as what stands there fires later; returns where the gap is then. */
  private rise(slot: number, due: number, order: number): number {
    let at = slot;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.firesAfter(parent, due, order)) break;
      this.move(parent, at);
      at = parent;
    }
    return at;
  }

  private sink(slot: number, due: number, order: number): number {
    const { length } = this.heap;
    let at = slot;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) return at;
      if (child + 1 < length && this.firesAfter(child, this.dues[child + 1]!, this.orders[child + 1]!)) child++;
      if (this.firesAfter(child, due, order)) return at;
      this.move(child, at);
      at = child;
    }
  }

  /** Equal deadlines fire in the order they were set, so a run replays identically. */
  private firesAfter(slot: number, due: number, order: number): boolean {
    const other = this.dues[slot]!;
    return other > due || (other === due && this.orders[slot]! > order);
  }

  private move(from: number, to: number): void {
    const timer = this.heap[from]!;
    this.heap[to] = timer;
    this.dues[to] = this.dues[from]!;
    this.orders[to] = this.orders[from]!;
    timer.slot = to;
  }
}
