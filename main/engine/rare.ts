/** Holds in one object what most of its kind never have. */
interface Bearer {
  rare: Rare | undefined;
}

/** Undefined all of them at first; the object goes when they are so again. */
export type Rare = Record<PropertyKey, unknown>;

/**
 * Gives objects of a class the named properties, kept apart in an object that is there only while one of them is
 * defined: a place that stands empty in a hundred thousand connections costs as much as one that is used. The class
 * declares the properties; each may be undefined.
 */
export function rareProperties<T extends Bearer>(prototype: T, names: readonly (keyof T)[]): void {
  const none: Rare = Object.fromEntries(names.map((name) => [name, undefined]));
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      get(this: Bearer): unknown {
        return this.rare === undefined ? undefined : this.rare[name];
      },
      set(this: Bearer, value: unknown) {
        if (value !== undefined) {
          this.rare ??= { ...none };
          this.rare[name] = value;
        } else if (this.rare !== undefined) {
          this.rare[name] = undefined;
          if (names.every((other) => this.rare![other] === undefined)) this.rare = undefined;
        }
      },
    });
  }
}
