const WORD = 2 ** 32;
/** A count with a high half below this is exact as a number. */
const SAFE_HIGH = 2 ** 21;

/** Turns the 64-bit tick counts of pcapng into seconds and nanoseconds, exactly, at any resolution an interface may declare. */
export class TickClock {
  seconds = 0;
  nanoseconds = 0;
  readonly #ticksPerSecond: number;
  /** Nanoseconds per tick where that is a whole number, as it is for every resolution met in practice; 0 otherwise. */
  readonly #nanosPerTick: number;
  readonly #exactTicksPerSecond: bigint;
  readonly #offset: number;

  /**
   * @param resolution the octet of if_tsresol: a negative power of ten, or of two when the highest bit is set
   * @param offset seconds to add to every time (if_tsoffset)
   */
  constructor(resolution = 6, offset = 0) {
    this.#exactTicksPerSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
    this.#ticksPerSecond = Number(this.#exactTicksPerSecond);
    this.#nanosPerTick = resolution <= 9 ? 1e9 / this.#ticksPerSecond : 0;
    this.#offset = offset;
  }

  /** Sets `seconds` and `nanoseconds` from the two halves of a count. */
  set(high: number, low: number): void {
    if (this.#nanosPerTick === 0) this.#setExactly(high, low);
    else if (high < SAFE_HIGH) this.#setAtOnce(high * WORD + low);
    else this.#setQuickly(high, low);
  }

  /** Microseconds since 1970 are small enough to be divided as they are. The quotient may be rounded up to the next second. */
  #setAtOnce(ticks: number): void {
    const divisor = this.#ticksPerSecond;
    let seconds = Math.floor(ticks / divisor);
    let rest = ticks - seconds * divisor;
    if (rest < 0) {
      seconds--;
      rest += divisor;
    }
    this.seconds = seconds + this.#offset;
    this.nanoseconds = rest * this.#nanosPerTick;
  }

  #setQuickly(high: number, low: number): void {
    // Long division by 16 bits at a time: every intermediate value stays far below 2^53.
    const divisor = this.#ticksPerSecond;
    let rest = high % divisor;
    let quotient = Math.floor(high / divisor);
    rest = rest * 65_536 + (low >>> 16);
    quotient = quotient * 65_536 + Math.floor(rest / divisor);
    rest = (rest % divisor) * 65_536 + (low & 0xffff);
    quotient = quotient * 65_536 + Math.floor(rest / divisor);
    this.seconds = quotient + this.#offset;
    this.nanoseconds = (rest % divisor) * this.#nanosPerTick;
  }

  #setExactly(high: number, low: number): void {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    this.seconds = Number(ticks / this.#exactTicksPerSecond) + this.#offset;
    this.nanoseconds = Number(((ticks % this.#exactTicksPerSecond) * 1_000_000_000n) / this.#exactTicksPerSecond);
  }
}
