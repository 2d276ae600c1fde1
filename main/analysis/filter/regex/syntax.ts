/** A pattern as a tree. It matches octets; a class is 256 bits, one for each. */
export type Node =
  | { readonly kind: 'class'; readonly octets: OctetSet }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly inner: Node; readonly min: number; readonly max: number | undefined }
  | { readonly kind: 'assert'; readonly what: Assertion };

export type Assertion = 'start' | 'end' | 'end-or-newline' | 'line-start' | 'line-end' | 'boundary' | 'no-boundary';

/** Some of the 256 octets. */
export class OctetSet {
  readonly bits = new Uint32Array(8);

  static of(...octets: readonly number[]): OctetSet {
    const set = new OctetSet();
    for (const octet of octets) set.add(octet, octet);
    return set;
  }

  has(octet: number): boolean {
    return (this.bits[octet >> 5]! & (1 << (octet & 31))) !== 0;
  }

  /** All of [low, high]. */
  add(low: number, high: number): void {
    for (let octet = low; octet <= high; octet++) this.bits[octet >> 5]! |= 1 << (octet & 31);
  }

  include(other: OctetSet): void {
    for (let i = 0; i < 8; i++) this.bits[i]! |= other.bits[i]!;
  }

  invert(): this {
    for (let i = 0; i < 8; i++) this.bits[i] = ~this.bits[i]!;
    return this;
  }

  /** Each letter in both cases. */
  foldCase(): this {
    for (let upper = 65; upper <= 90; upper++) {
      if (!this.has(upper) && !this.has(upper + 32)) continue;
      this.add(upper, upper);
      this.add(upper + 32, upper + 32);
    }
    return this;
  }
}
