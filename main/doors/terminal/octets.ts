/** UTF-8 takes no more octets for each UTF-16 unit of a text. */
export const WIDEST = 3;

/** Octets that are gathered, in room that grows. What writes many small pieces does so in place, after `reserve`. */
export class Octets {
  bytes: Buffer;
  length = 0;

  constructor(room: number) {
    this.bytes = Buffer.allocUnsafeSlow(room);
  }

  /** There is room for so many more from here on. */
  reserve(more: number): void {
    if (this.length + more > this.bytes.length) this.#grow(this.length + more);
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Text that is all ASCII, and short. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  text(text: string): void {
    this.reserve(WIDEST * text.length);
    this.length += this.bytes.write(text, this.length);
  }

  octets(octets: Uint8Array): void {
    this.reserve(octets.length);
    this.bytes.set(octets, this.length);
    this.length += octets.length;
  }

  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
