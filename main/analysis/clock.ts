import type { Instant } from './record.ts';

/** Capture time as it passes: nanoseconds since the first frame, exact up to 104 days. */
export class Clock {
  // Before the first frame these are no whole numbers: V8 would keep them as such, and compile all that reads them anew
  // once 31 bits are not enough, two seconds into a capture.
  /** Of the last frame. */
  now = Number.NaN;
  /** The latest so far; a capture may hold frames out of order. */
  latest = Number.NEGATIVE_INFINITY;
  /** How far time has surely come: the latest frame, or what `pass` was told. */
  passed = Number.NEGATIVE_INFINITY;
  originSeconds = 0;
  originNanoseconds = 0;
  /** There was a first frame, which all is counted from. */
  ticked = false;

  tick(seconds: number, nanoseconds: number): void {
    if (!this.ticked) {
      this.ticked = true;
      this.originSeconds = seconds;
      this.originNanoseconds = nanoseconds;
    }
    this.now = this.since(seconds, nanoseconds);
    if (this.now > this.latest) this.latest = this.now;
    if (this.now > this.passed) this.passed = this.now;
  }

  /** Time went on, though no frame came. Before the first frame there is nothing to count from. */
  pass(seconds: number, nanoseconds: number): void {
    if (this.ticked) this.passed = Math.max(this.passed, this.since(seconds, nanoseconds));
  }

  /** Nanoseconds from the first frame to a capture time. */
  since(seconds: number, nanoseconds: number): number {
    return (seconds - this.originSeconds) * 1e9 + (nanoseconds - this.originNanoseconds);
  }

  /** Capture time of the first and the latest frame, once there is one. */
  get span(): { readonly start: Instant; readonly end: Instant } | undefined {
    if (!this.ticked) return undefined;
    const start = { seconds: this.originSeconds, nanoseconds: this.originNanoseconds };
    return { start, end: later(start, this.latest) };
  }
}

/** An instant `nanoseconds` after another. */
export function later(instant: Instant, nanoseconds: number): Instant {
  const whole = Math.floor(nanoseconds / 1e9);
  const sum = instant.nanoseconds + (nanoseconds - whole * 1e9);
  return sum < 1e9
    ? { seconds: instant.seconds + whole, nanoseconds: sum }
    : { seconds: instant.seconds + whole + 1, nanoseconds: sum - 1e9 };
}
