import type { Fragment } from '../../wire/fragment.ts';

/** Fragments are cut at multiples of this many octets (RFC 791 §3.1). */
const UNIT = 8;
/** Most octets that an IP datagram carries. */
const LARGEST = 65_535;
const SMALLEST_BUFFER = 2048;
const COVERED = 1;

/** What a fragment did for its datagram: it filled a part, or the last one; it said what was said before; it makes no sense there. */
export type Effect = 'part' | 'whole' | 'repeated' | 'refused';

/** The pieces of one IP datagram as they come. */
export class Datagram {
  /** Capture time of its first piece in seconds; of its last once it is whole. */
  since = 0;
  /** How many fragments came before its first. */
  after = 0;
  /** Some piece came twice. */
  repeated = false;
  /** What it carries: told by the fragment that has its beginning. */
  protocol = 0;
  /** Numbers of the frames that brought its parts, in the order they came; a part that came twice has two. */
  frames: number[] = [];
  /** Its pieces contradict each other: nobody can tell what its receiver made of them. */
  isGivenUp = false;
  isWhole = false;
  /** Nothing came of it but its beginning. */
  isHead = true;
  #octets = new Uint8Array(0);
  /** Of each unit 0 where it is not there, else COVERED and how many of its octets were captured. */
  #covered = new Uint8Array(0);
  #coveredCount = 0;
  /** How many octets it carries, once the last piece came; -1 before. */
  length = -1;
  /** How far the pieces reach. */
  #reach = 0;

  /** Starts anew, as another one, in the same buffers. */
  begin(since: number, after: number): void {
    this.since = since;
    this.after = after;
    this.repeated = this.isGivenUp = this.isWhole = false;
    this.isHead = true;
    this.protocol = 0;
    this.frames = [];
    this.#covered.fill(0);
    this.#coveredCount = 0;
    this.length = -1;
    this.#reach = 0;
  }

  /** Octets that it takes in memory, roughly. */
  get memory(): number {
    return 512 + this.#octets.length + this.#covered.length + 8 * this.frames.length;
  }

  /** What it carries, as far as it was captured without a gap; valid as long as the datagram. */
  get octets(): Uint8Array {
    let unit = 0;
    while (this.#covered[unit] === COVERED + UNIT) unit++;
    const captured = unit * UNIT + Math.max(0, (this.#covered[unit] ?? 0) - COVERED);
    return this.#octets.subarray(0, Math.min(captured, this.length));
  }

  /** Takes a fragment in `data`; `exact`: fragments may come again but not overlap (RFC 8200 §4.5). */
  take(data: Uint8Array, fragment: Fragment, exact: boolean): Effect {
    const { length, offset, more } = fragment;
    const end = offset + length;
    if (length <= 0 || end > LARGEST || (more && length % UNIT !== 0)) return 'refused';
    if (!this.#mayEnd(end, more)) return this.#giveUp();
    this.#reserve(end);
    const overlap = this.#overlap(data, fragment);
    const units = unitsOf(length);
    if (overlap < 0 || (exact && overlap > 0 && overlap < units)) return this.#giveUp();
    if (!more) this.length = end;
    if (offset > 0) this.isHead = false;
    if (overlap === units) {
      this.repeated = true;
      return 'repeated';
    }
    this.#put(data, fragment);
    this.#coveredCount += units - overlap;
    this.#reach = Math.max(this.#reach, end);
    this.isWhole = this.length >= 0 && this.#coveredCount === unitsOf(this.length);
    return this.isWhole ? 'whole' : 'part';
  }

  /** All that a fragment says is there already. */
  has(data: Uint8Array, fragment: Fragment): boolean {
    const { length, offset } = fragment;
    return length > 0 && offset + length <= this.#reach && this.#overlap(data, fragment) === unitsOf(length);
  }

  /** A datagram has one end, and nothing behind it. */
  #mayEnd(end: number, more: boolean): boolean {
    if (this.length >= 0) return more ? end < this.length : end === this.length;
    return more || end > this.#reach;
  }

  /** How many units of a fragment are there already; -1 where they are not the same, as far as both were captured. */
  #overlap(data: Uint8Array, { at, length, captured, offset }: Fragment): number {
    if (offset >= this.#reach) return 0;
    let count = 0;
    for (let from = 0; from < length; from += UNIT) {
      const known = this.#covered[(offset + from) / UNIT]!;
      if (known === 0) continue;
      const to = Math.min(captured, from + known - COVERED);
      for (let i = from; i < to; i++) if (this.#octets[offset + i] !== data[at + i]) return -1;
      count++;
    }
    return count;
  }

  /** What overlaps is the same, so it may be written again; but not by a fragment of which less was captured. */
  #put(data: Uint8Array, { at, length, captured, offset }: Fragment): void {
    const first = offset / UNIT;
    const full = Math.floor(captured / UNIT);
    this.#octets.set(data.subarray(at, at + captured), offset);
    this.#covered.fill(COVERED + UNIT, first, first + full);
    for (let unit = full; unit < unitsOf(length); unit++) {
      const here = COVERED + Math.max(0, captured - unit * UNIT);
      this.#covered[first + unit] = Math.max(this.#covered[first + unit]!, here);
    }
  }

  #reserve(end: number): void {
    if (end <= this.#octets.length) return;
    const units = unitsOf(Math.min(LARGEST, Math.max(end, 2 * this.#octets.length, SMALLEST_BUFFER)));
    const octets = new Uint8Array(units * UNIT);
    const covered = new Uint8Array(units);
    octets.set(this.#octets);
    covered.set(this.#covered);
    this.#octets = octets;
    this.#covered = covered;
  }

  #giveUp(): Effect {
    this.isGivenUp = true;
    this.#octets = new Uint8Array(0);
    this.#covered = new Uint8Array(0);
    return 'refused';
  }
}

const unitsOf = (octets: number): number => Math.ceil(octets / UNIT);
