import type { Nanos } from '../wire/units.ts';
import type { Clock, Timer } from './clock.ts';

const FIRST_CAPACITY = 64; // a power of two, as every capacity after it

/**
 * Timers of one clock that are all set for the same span: whoever is set first fires first, so they stand in a row and nobody
 * looks for their places, however many there are. Of a minute of TIME-WAITs the clock sees the first only.
 */
export class TimerRow {
  readonly span: Nanos;
  /** When the first fires, never while nobody stands here; and how many timers of the clock were set before it. */
  due = Number.POSITIVE_INFINITY;
  order = 0;
  /** Who is set. */
  length = 0;
  private readonly clock: Clock;
  /** A ring, in the order of setting; who was cancelled leaves its place empty until its turn comes. */
  private timers: (Timer | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  private dues = new Float64Array(FIRST_CAPACITY);
  private orders = new Float64Array(FIRST_CAPACITY);
  private head = 0;
  private places = 0;

  constructor(clock: Clock, span: Nanos) {
    this.clock = clock;
    this.span = span;
  }

  /** Places that there is room for. */
  get capacity(): number {
    return this.timers.length;
  }

  /** Sets `timer`, which stands nowhere else, to fire a span from now; one that is set already goes to the end. */
  set(timer: Timer): void {
    this.cancel(timer);
    if (this.places === this.timers.length) this.makeRoom();
    const at = (this.head + this.places++) & (this.timers.length - 1);
    this.timers[at] = timer;
    this.dues[at] = this.clock.now + this.span;
    this.orders[at] = this.clock.nextOrder();
    timer.slot = at;
    if (this.length++ === 0) this.lookAtFirst();
  }

  cancel(timer: Timer): void {
    const { slot } = timer;
    if (slot < 0) return;
    timer.slot = -1;
    this.timers[slot] = undefined;
    this.length--;
    if (slot === this.head) this.closeUp();
  }

  /** When `timer` fires; undefined while it is not set. */
  dueOf(timer: Timer): Nanos | undefined {
    return timer.slot < 0 ? undefined : (this.dues[timer.slot] as Nanos);
  }

  /** Takes the first out. */
  shift(): Timer {
    const timer = this.timers[this.head]!;
    this.cancel(timer);
    return timer;
  }

  /** The head moves on to the next who is set. */
  private closeUp(): void {
    const mask = this.timers.length - 1;
    while (this.places > 0 && this.timers[this.head] === undefined) {
      this.head = (this.head + 1) & mask;
      this.places--;
    }
    this.lookAtFirst();
  }

  private lookAtFirst(): void {
    this.due = this.places > 0 ? this.dues[this.head]! : Number.POSITIVE_INFINITY;
    this.order = this.orders[this.head]!;
  }

  /** All places are taken: the empty ones among them go, and if they are few, there will be twice as many. */
  private makeRoom(): void {
    const { timers, dues, orders, head, places } = this;
    const capacity = 2 * this.length > timers.length ? 2 * timers.length : timers.length;
    this.timers = new Array(capacity).fill(undefined);
    this.dues = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.head = 0;
    this.places = 0;
    for (let i = 0; i < places; i++) {
      const from = (head + i) & (timers.length - 1);
      const timer = timers[from];
      if (!timer) continue;
      timer.slot = this.places++;
      this.timers[timer.slot] = timer;
      this.dues[timer.slot] = dues[from]!;
      this.orders[timer.slot] = orders[from]!;
    }
  }
}
