import { IdMap } from './id-map.ts';
import { Versions } from './versions.ts';

/** What a change of the members costs: the path of an `IdMap`, and the version that holds it. */
const MEMBERS_WEIGHT = 500;

/** Things of one kind that come, change and go: their versions, and who was there at each step. */
export class Shelf<T> {
  private readonly weight: number;
  /** Those that are there now. */
  private readonly present = new Map<number, Versions<T>>();
  private readonly members = new Versions<IdMap<Versions<T>>>(MEMBERS_WEIGHT);
  /** Everything of which a version is kept. */
  private kept: Versions<T>[] = [];

  constructor(weight: number) {
    this.weight = weight;
  }

  latest(key: number): T | undefined {
    return this.present.get(key)?.latest;
  }

  /** What the thing looks like after `step`, undefined when it is not there; how many octets that takes. */
  put(step: number, key: number, value: T | undefined): number {
    const known = this.present.get(key);
    if (value !== undefined && known) return known.latest !== value && known.add(step, value) ? this.weight : 0;
    if (value === undefined && !known) return 0;
    const members = this.members.latest ?? IdMap.EMPTY;
    if (value === undefined) {
      known!.end = step;
      this.present.delete(key);
      return this.members.add(step, members.without(key)) ? MEMBERS_WEIGHT : 0;
    }
    const versions = new Versions<T>(this.weight);
    versions.add(step, value);
    this.present.set(key, versions);
    this.kept.push(versions);
    return this.weight + (this.members.add(step, members.with(key, versions)) ? MEMBERS_WEIGHT : 0);
  }

  at(step: number): T[] {
    const members = this.members.at(step);
    return members ? members.values().map((versions) => versions.at(step)!) : [];
  }

  thin(kept: readonly number[]): number {
    this.members.thin(kept);
    this.kept = this.kept.filter((versions) => versions.thin(kept) || versions.end === Number.POSITIVE_INFINITY);
    return this.kept.reduce((octets, { length }) => octets + length * this.weight, this.members.length * MEMBERS_WEIGHT);
  }
}
