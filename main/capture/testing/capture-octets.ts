/** Captures made octet by octet, in either byte order, so that tests do not depend on our own writer. */
export class Octets {
  readonly #little: boolean;
  readonly #parts: Buffer[] = [];

  constructor(little: boolean) {
    this.#little = little;
  }

  u8(...values: number[]): this {
    this.#parts.push(Buffer.from(values));
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(2);
      if (this.#little) part.writeUInt16LE(value);
      else part.writeUInt16BE(value);
      this.#parts.push(part);
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(4);
      if (this.#little) part.writeUInt32LE(value);
      else part.writeUInt32BE(value);
      this.#parts.push(part);
    }
    return this;
  }

  u64(value: bigint): this {
    const part = Buffer.alloc(8);
    if (this.#little) part.writeBigUInt64LE(BigInt.asUintN(64, value));
    else part.writeBigUInt64BE(BigInt.asUintN(64, value));
    this.#parts.push(part);
    return this;
  }

  raw(octets: Uint8Array): this {
    this.#parts.push(Buffer.from(octets));
    return this;
  }

  padded(octets: Uint8Array): this {
    return this.raw(octets).raw(Buffer.alloc(-octets.length & 3));
  }

  /** A pcapng option: code, length, value, padding. */
  option(code: number, value: Uint8Array): this {
    return this.u16(code, value.length).padded(value);
  }

  /** A pcapng block around what `body` writes. */
  block(type: number, body: (inside: Octets) => Octets): this {
    const octets = body(new Octets(this.#little)).done();
    return this.u32(type, octets.length + 12)
      .raw(octets)
      .u32(octets.length + 12);
  }

  section(): this {
    return this.block(0x0a0d0d0a, (b) => b.u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff));
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** A classic pcap file header. */
export const pcapHeader = (little: boolean, magic: number, linkType = 1, minor = 4): Octets =>
  new Octets(little).u32(magic).u16(2, minor).u32(0, 0, 65_535, linkType);
