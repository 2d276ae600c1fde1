/** Spans of time in which places were taken. Who takes a place anew ends its last span. */
export class Spans {
  private readonly begins: number[] = [];
  private readonly ends: number[] = [];
  private readonly last = new Map<number | string, number>();

  get count(): number {
    return this.begins.length;
  }

  /** Says whether the place's last span had not been over. */
  add(place: number | string, begin: number, end: number): boolean {
    const early = this.endAt(place, begin);
    this.last.set(place, this.begins.length);
    this.begins.push(begin);
    this.ends.push(end);
    return early;
  }

  /** The place is not taken any longer than until then; says whether it would have been. */
  endAt(place: number | string, time: number): boolean {
    const before = this.last.get(place);
    if (before === undefined || this.ends[before]! <= time) return false;
    this.ends[before] = time;
    return true;
  }

  /** The largest number of them that overlap. */
  get mostAtOnce(): number {
    const up = Float64Array.from(this.begins).sort();
    const down = Float64Array.from(this.ends).sort();
    let most = 0;
    for (let i = 0, j = 0; i < up.length; i++) {
      while (down[j]! <= up[i]!) j++;
      most = Math.max(most, i + 1 - j);
    }
    return most;
  }
}
