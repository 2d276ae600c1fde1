import { expect, test } from 'vitest';
import { Flag } from '../wire/segment.ts';
import { On, State } from './change-log.ts';
import { COMPLETENESS_SHIFT, Complete } from './completeness.ts';
import { Life } from './connection-store.ts';
import * as flow from './flow.ts';
import * as code from './ordinary/codes.ts';
import { Shown } from './packet-columns.ts';
import { EVENT_KINDS } from './record.ts';

const ours = new Map<string, number>(Object.entries(code));

/** `FIN_WAIT_1` of `FIN-WAIT-1`, `ON_SYN_ACK` of `syn-ack`. */
const constant = (name: string, prefix = '') => prefix + name.replaceAll('-', '_').toUpperCase();

/** Those of our numbers that are named so, and what they should be. */
function compare(numbers: Readonly<Record<string, number>>, prefix = '', times = 1): void {
  const expected = Object.entries(numbers).map(([name, number]) => [constant(name, prefix), number * times] as const);
  const known = expected.filter(([name]) => ours.has(name));
  expect(known.length).toBeGreaterThan(2);
  expect(known.map(([name]) => [name, ours.get(name)])).toEqual(known);
}

test('numbers of the ordinary way are those of the rules', () => {
  compare(State);
  compare(On, 'ON_');
  compare(Flag);
  compare(flow.Known, 'KNOWN_');
  compare(Life, 'LIFE_');
  compare(Complete, 'COMPLETE_', 1 << COMPLETENESS_SHIFT);
  compare(Shown);
  const { HOPS_SHIFT, SCALE_SHIFT, SMALLEST_SCALE, SCALE_UNKNOWN, SCALE_NONE } = flow;
  compare({ HOPS_SHIFT, SCALE_SHIFT, SMALLEST_SCALE, SCALE_UNKNOWN, SCALE_NONE });
  expect(EVENT_KINDS[code.HANDSHAKE_KIND]).toBe('handshake');
});

test('every number of the ordinary way is compared', () => {
  const families = [State, On, Flag, flow.Known, Life, Complete, Shown, flow];
  const prefixes = ['', 'ON_', 'KNOWN_', 'LIFE_', 'COMPLETE_'];
  const names = new Set(
    families.flatMap((family) => Object.keys(family).flatMap((name) => prefixes.map((prefix) => constant(name, prefix)))),
  );
  const strange = [...ours.keys()].filter((name) => !names.has(name));
  expect(strange).toEqual(['HANDSHAKE_KIND']);
});
