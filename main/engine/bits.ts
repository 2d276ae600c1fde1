/** Holds facts that are true or false as bits of one number. */
interface Bearer {
  bits: number;
}

/**
 * Gives objects of a class the named properties, true or false, kept as bits of `bits`. A boolean by itself takes as much
 * room as a pointer, and a connection knows dozens of them. The class declares the properties; false is what they begin with.
 * For a few classes that have many: what V8 reads in place for up to four kinds of objects, it looks up for more.
 */
export function bitProperties<T extends Bearer>(prototype: T, names: readonly (keyof T)[]): void {
  for (const [place, name] of names.entries()) {
    const bit = 1 << place;
    Object.defineProperty(prototype, name, {
      get(this: Bearer): boolean {
        return (this.bits & bit) !== 0;
      },
      set(this: Bearer, on: boolean) {
        this.bits = on ? this.bits | bit : this.bits & ~bit;
      },
    });
  }
}
