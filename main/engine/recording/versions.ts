/** Where in ascending `numbers` the last one stands that is not beyond `limit`; -1 when all are. */
export function lastAtOrBefore(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What one thing looked like, step after step: a version for each step in which it changed. */
export class Versions<T> {
  /** Octets of memory that one version takes, more or less. */
  readonly weight: number;
  /** The step with which the thing was gone; until then infinity. */
  end = Number.POSITIVE_INFINITY;
  private readonly steps: number[] = [];
  private readonly values: T[] = [];

  constructor(weight: number) {
    this.weight = weight;
  }

  get length(): number {
    return this.steps.length;
  }

  get latest(): T | undefined {
    return this.values.at(-1);
  }

  /** `step` never lies before the last one; the same step again takes the place of what it said before. */
  add(step: number, value: T): boolean {
    if (this.steps.at(-1) === step) {
      this.values[this.values.length - 1] = value;
      return false;
    }
    this.steps.push(step);
    this.values.push(value);
    return true;
  }

  at(step: number): T | undefined {
    return this.values[lastAtOrBefore(this.steps, step)];
  }

  /** Lets go of each version that none of the steps in `kept` (ascending) shows; false when none is left. */
  thin(kept: readonly number[]): boolean {
    let left = 0;
    for (let i = 0; i < this.steps.length; i++) {
      const until = this.steps[i + 1] ?? this.end;
      const shown = kept[lastAtOrBefore(kept, until - 1)];
      if (shown === undefined || shown < this.steps[i]!) continue;
      this.steps[left] = this.steps[i]!;
      this.values[left++] = this.values[i]!;
    }
    this.steps.length = left;
    this.values.length = left;
    return left > 0;
  }
}
