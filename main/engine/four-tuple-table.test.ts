import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ip } from '../wire/ip-address.ts';
import { FourTupleTable } from './four-tuple-table.ts';
import type { Ends } from './probes.ts';

/** Few different numbers, so that tables fill up with neighbours and the same four come again. */
const ends: fc.Arbitrary<Ends> = fc.record({
  localAddress: fc.constantFrom(ip('10.0.0.1'), ip('10.0.0.2')),
  localPort: fc.nat(3),
  remoteAddress: fc.constantFrom(ip('10.0.0.9'), ip('fd00::9')),
  remotePort: fc.nat(9),
});
const text = (one: Ends): string => `${one.localAddress} ${one.localPort} ${one.remoteAddress} ${one.remotePort}`;

test('whoever was added is found by its four numbers, and nobody else, whatever came and went between', () => {
  const change = fc.record({ adds: fc.boolean(), one: ends });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), fc.nat(), (changes, seed) => {
      const table = new FourTupleTable<Ends>(seed);
      const model = new Map<string, Ends>();
      for (const { adds, one } of changes) {
        if (adds) {
          table.add(one);
          model.set(text(one), one);
          continue;
        }
        expect(table.remove(one)).toBe(false); // another with the same numbers, not this one
        const standing = table.find(one);
        expect(standing).toBe(model.get(text(one)));
        if (standing) expect(table.remove(standing)).toBe(true);
        model.delete(text(one));
      }
      expect(table.size).toBe(model.size);
      for (const one of model.values()) expect(table.find({ ...one })).toBe(one);
      expect([...table].map(text).sort()).toEqual([...model.keys()].sort());
    }),
  );
});
