/** Keeps in one object what most of its kind never have. */
interface Bearer {
  rare: Rare | undefined;
}

export type Rare = Record<PropertyKey, unknown>;

/**
 * Gives objects of a class properties that nearly always have their usual value. They are kept apart, in an object that is
 * there only while one of them is out of the ordinary: a place that tells nothing new in each of a hundred thousand
 * connections costs as much as one that does. The class declares the properties; `usual` tells their usual values.
 */
export function rareProperties<T extends Bearer>(prototype: T, usual: Partial<T>): void {
  const names = Object.keys(usual);
  const values = usual as Rare;
  for (const name of names) {
    const ordinary = values[name];
    Object.defineProperty(prototype, name, {
      get(this: Bearer): unknown {
        return this.rare === undefined ? ordinary : this.rare[name];
      },
      set(this: Bearer, value: unknown) {
        if (value !== ordinary) {
          this.rare ??= { ...values };
          this.rare[name] = value;
        } else if (this.rare !== undefined) {
          this.rare[name] = ordinary;
          if (names.every((other) => this.rare![other] === values[other])) this.rare = undefined;
        }
      },
    });
  }
}
