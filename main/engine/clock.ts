import type { Nanos } from '../wire/units.ts';

/** Something to do at an instant. Set again and again without allocation; it remembers its place in the clock. */
export class Timer {
  due = 0 as Nanos;
  order = 0;
  /** Index in the clock's heap; -1 while not set. */
  slot = -1;
  readonly fire: () => void;

  constructor(fire: () => void) {
    this.fire = fire;
  }

  get isSet(): boolean {
    return this.slot >= 0;
  }
}

/** Equal deadlines fire in the order they were set, so a run replays identically. */
const firesBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/**
 * Virtual time: it stands still until somebody runs the next event, and then jumps straight to it. A minute of
 * TIME-WAIT costs one heap operation. The heap knows where each timer stands, so setting one anew moves it in place.
 */
export class Clock {
  now = 0 as Nanos;
  private readonly heap: Timer[] = [];
  private order = 0;

  /** Events waiting. */
  get pending(): number {
    return this.heap.length;
  }

  nextEventAt(): Nanos | undefined {
    return this.heap[0]?.due;
  }

  /** Sets (or moves) `timer` to fire `delay` from now. */
  set(timer: Timer, delay: Nanos): void {
    timer.due = (this.now + Math.max(0, delay)) as Nanos;
    timer.order = this.order++;
    if (timer.slot < 0) {
      timer.slot = this.heap.length;
      this.heap.push(timer);
    }
    this.down(this.up(timer.slot));
  }

  cancel(timer: Timer): void {
    const { slot } = timer;
    if (slot < 0) return;
    timer.slot = -1;
    const last = this.heap.pop()!;
    if (last === timer) return;
    this.heap[slot] = last;
    last.slot = slot;
    this.down(this.up(slot));
  }

  /** Does `action` once, `delay` from now. */
  after(delay: Nanos, action: () => void): Timer {
    const timer = new Timer(action);
    this.set(timer, delay);
    return timer;
  }

  /** Jumps to the next event and runs it; false when nothing is waiting. */
  step(): boolean {
    const next = this.heap[0];
    if (!next) return false;
    this.cancel(next);
    this.now = next.due;
    next.fire();
    return true;
  }

  /** Lets time pass without an event, never past one. */
  advanceTo(time: Nanos): void {
    const limit = this.nextEventAt();
    if (time > this.now) this.now = limit !== undefined && limit < time ? limit : time;
  }

  private up(slot: number): number {
    const { heap } = this;
    const timer = heap[slot]!;
    let at = slot;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt]!;
      if (!firesBefore(timer, parent)) break;
      heap[at] = parent;
      parent.slot = at;
      at = parentAt;
    }
    heap[at] = timer;
    timer.slot = at;
    return at;
  }

  private down(slot: number): void {
    const { heap } = this;
    const timer = heap[slot]!;
    let at = slot;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && firesBefore(heap[childAt + 1]!, heap[childAt]!)) childAt++;
      const child = heap[childAt]!;
      if (!firesBefore(child, timer)) break;
      heap[at] = child;
      child.slot = at;
      at = childAt;
    }
    heap[at] = timer;
    timer.slot = at;
  }
}
