/**
 * Seeded chance (sfc32, a small counter-based generator): the same seed gives the same run. Each user forks a stream
 * of its own, so that one more draw in one place does not shift the luck of another.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  constructor(seed: number) {
    // A seed may be any finite number: both halves of its 53 bits count.
    this.a = seed | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    this.c = 0x9e3779b9 | 0;
    for (let i = 0; i < 15; i++) this.u32(); // the first outputs of similar seeds are similar: walk past them
  }

  /** 32 uniform bits. */
  u32(): number {
    const out = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + out;
    this.c |= 0;
    return out >>> 0;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.u32() / 2 ** 32;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** True with the given probability; draws nothing when the answer is certain. */
  chance(probability: number): boolean {
    return probability > 0 && (probability >= 1 || this.unit() < probability);
  }

  /** An independent stream. */
  fork(): Random {
    return new Random(this.u32() * 2 ** 21 + (this.u32() >>> 11));
  }
}
