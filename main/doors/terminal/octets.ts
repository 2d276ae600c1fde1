/** UTF-8 takes no more octets for each UTF-16 unit of a text. */
const WIDEST = 3;

/** Octets that are gathered, in room that grows and is used again. */
export class Octets {
  length = 0;
  #bytes: Buffer;

  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room);
  }

  text(text: string): void {
    this.#reserve(WIDEST * text.length);
    this.length += this.#bytes.write(text, this.length);
  }

  octets(octets: Uint8Array): void {
    this.#reserve(octets.length);
    this.#bytes.set(octets, this.length);
    this.length += octets.length;
  }

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(more: number): void {
    const least = this.length + more;
    if (least <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
