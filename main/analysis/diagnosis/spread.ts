/** So many spans are kept as they are; of more, only in which class each lies. */
const EXACT = 32;
/** Classes for each doubling; a quantile of many spans is good to a twelfth of its value. */
const PER_OCTAVE = 8;
/** From a nanosecond to some three days. */
const OCTAVES = 48;

/** How spans of time are spread: smallest, largest, and quantiles, in bounded memory however many there are. */
export class Spread {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;
  /** The shortest first. */
  private few: number[] | undefined;
  private classes: Uint32Array | undefined;

  /** Takes one span, in nanoseconds; negative ones, of captures whose clock went back, are passed over. */
  add(span: number): void {
    if (!(span >= 0)) return;
    this.count++;
    if (span < this.min) this.min = span;
    if (span > this.max) this.max = span;
    if (this.classes) this.classes[classOf(span)]!++;
    else {
      this.few ??= [];
      if (insert(this.few, span) > EXACT) this.classify(this.few);
    }
  }

  private classify(spans: readonly number[]): void {
    this.classes = new Uint32Array(PER_OCTAVE * OCTAVES);
    for (const span of spans) this.classes[classOf(span)]!++;
    this.few = undefined;
  }

  /** The span that a share `q` of all does not exceed; 0 when there are none. */
  quantile(q: number): number {
    if (this.count === 0) return 0;
    let left = Math.max(1, Math.ceil(q * this.count));
    if (!this.classes) return this.few![left - 1]!;
    for (let i = 0; i < this.classes.length; i++) {
      left -= this.classes[i]!;
      if (left <= 0) return Math.min(this.max, Math.max(this.min, 2 ** ((i + 0.5) / PER_OCTAVE)));
    }
    return this.max;
  }

  get median(): number {
    return this.quantile(0.5);
  }
}

/** Puts a number into a list at its place, and says how many there are now. */
function insert(sorted: number[], number: number): number {
  let at = sorted.length;
  sorted.push(number);
  for (; at > 0 && sorted[at - 1]! > number; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = number;
  return sorted.length;
}

const classOf = (span: number): number => (span < 1 ? 0 : Math.min(PER_OCTAVE * OCTAVES - 1, Math.floor(Math.log2(span) * PER_OCTAVE)));
