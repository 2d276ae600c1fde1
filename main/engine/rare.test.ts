import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitProperties } from './bits.ts';
import { type Rare, rareProperties } from './rare.ts';

class Compact {
  declare open: boolean;
  declare closed: boolean;
  declare count: number;
  declare name: string | undefined;
  bits = 0;
  rare: Rare | undefined;
}
bitProperties(Compact.prototype, ['open', 'closed']);
rareProperties(Compact.prototype, { count: 3, name: undefined });

/** The same with a place for each. */
class Plain {
  open = false;
  closed = false;
  count = 3;
  name: string | undefined;
}

test('bits and rare properties are read and written like any others; nothing is kept of what is as usual', () => {
  const change = fc.oneof(
    fc.record({ open: fc.boolean() }),
    fc.record({ closed: fc.boolean() }),
    fc.record({ count: fc.nat(4) }),
    fc.record({ name: fc.constantFrom(undefined, 'a', 'b') }),
  );
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const [compact, other, plain] = [new Compact(), new Compact(), new Plain()];
      for (const one of changes) {
        Object.assign(compact, one);
        Object.assign(plain, one);
        const { open, closed, count, name } = compact;
        expect({ open, closed, count, name }).toEqual({ ...plain });
        expect(compact.rare === undefined).toBe(plain.count === 3 && plain.name === undefined);
      }
      expect([other.open, other.closed, other.count, other.name]).toEqual([false, false, 3, undefined]); // one's changes are one's own
    }),
  );
});
