import type { Ends } from './probes.ts';

const FIRST_CAPACITY = 16; // a power of two, as every capacity after it

/**
 * Finds one of many by its four numbers: two addresses, two ports. Who stands in it knows its own numbers, so the table
 * keeps only what it would cost to ask, the hash: with a hundred thousand in it a Map with its keys would take three times the room.
 */
export class FourTupleTable<T extends Ends> {
  /** Makes the hash another one for each host, so that nobody outside can choose numbers that meet. */
  private readonly seed: number;
  private places: (T | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  private hashes = new Int32Array(FIRST_CAPACITY);
  private count = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  get size(): number {
    return this.count;
  }

  find(ends: Ends): T | undefined {
    return this.places[this.placeOf(ends, this.hash(ends))];
  }

  /** Takes its place, or the one of whoever had the same four numbers. */
  add(one: T): void {
    if (5 * (this.count + 1) > 4 * this.places.length) this.grow();
    const hash = this.hash(one);
    const place = this.placeOf(one, hash);
    if (this.places[place] === undefined) this.count++;
    this.places[place] = one;
    this.hashes[place] = hash;
  }

  /** Nothing happens where another stands in its place. */
  remove(one: T): boolean {
    const place = this.placeOf(one, this.hash(one));
    if (this.places[place] !== one) return false;
    this.count--;
    this.close(place);
    return true;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const one of this.places) if (one !== undefined) yield one;
  }

  /** Where `ends` stands, or would stand: from its hash on, the first place that is its own or free. */
  private placeOf(ends: Ends, hash: number): number {
    const mask = this.places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const one = this.places[place];
      if (one === undefined || (this.hashes[place] === hash && isSame(one, ends))) return place;
    }
  }

  /** Whoever stands behind a place that has become free moves up, unless that is before where its search begins. */
  private close(freed: number): void {
    const mask = this.places.length - 1;
    let free = freed;
    for (let place = (free + 1) & mask; this.places[place] !== undefined; place = (place + 1) & mask) {
      const fromHome = (place - this.hashes[place]!) & mask;
      if (fromHome < ((place - free) & mask)) continue;
      this.places[free] = this.places[place];
      this.hashes[free] = this.hashes[place]!;
      free = place;
    }
    this.places[free] = undefined;
  }

  private grow(): void {
    const { places, hashes } = this;
    const mask = 2 * places.length - 1;
    this.places = new Array(mask + 1).fill(undefined);
    this.hashes = new Int32Array(mask + 1);
    for (let i = 0; i < places.length; i++) {
      if (places[i] === undefined) continue;
      let place = hashes[i]! & mask;
      while (this.places[place] !== undefined) place = (place + 1) & mask;
      this.places[place] = places[i];
      this.hashes[place] = hashes[i]!;
    }
  }

  private hash({ remoteAddress, remotePort, localPort }: Ends): number {
    let hash = this.seed ^ (remotePort << 16) ^ localPort;
    for (let i = 0; i < remoteAddress.length; i++) hash = Math.imul(hash ^ remoteAddress.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }
}

const isSame = (a: Ends, b: Ends): boolean =>
  a.remotePort === b.remotePort && a.localPort === b.localPort && a.remoteAddress === b.remoteAddress && a.localAddress === b.localAddress;
