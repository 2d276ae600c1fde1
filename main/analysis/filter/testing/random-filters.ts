import fc from 'fast-check';
import type { Field } from '../fields/field.ts';
import { FIELDS } from '../fields/vocabulary.ts';

/**
 * Filters that Wireshark and we must understand alike, drawn from the whole vocabulary; without commas. Left out are our own fields,
 * those of time and place in the file, and those on which we differ for a reason.
 */
const LEFT_OUT =
  /^(ip\.frag_offset|tcp\.(state|event|side|stream|time|checksum\.status|completeness)|frame\.(time|number|interface|offset))/;
const FIELDS_DRAWN = FIELDS.filter(({ name }) => !LEFT_OUT.test(name));

const NUMBERS = ['0', '1', '2', '5', '017', '20', '0x20', '40', '64', '80', '128', '443', '1460', '0x0800', '65535', '4294967295'];
const OCTETS = ['00', '0d:0a', '45', '47:45:54', '"GET"', '16:03', '00:00:00:00'];
const VALUES: Readonly<Partial<Record<Field['kind'], readonly string[]>>> = {
  signed: ['-2', '-1', '0', '1', '7'],
  boolean: ['0', '1', 'True', 'False'],
  duration: ['0', '0.001', '1'],
  ether: ['ff:ff:ff:ff:ff:ff', '00:0c:29:00:00:00', '00-00-00-00-00-00'],
  ipv4: ['127.0.0.1', '10.0.0.0/8', '192.168.0.0/16', '224.0.0.1', '128.0.0.0/1'],
  ipv6: ['::1', 'fe80::/10', '2001::/16', 'ff02::1'],
  string: ['"tcp"', '"a"'],
};

const of = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const line = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((words) => words.join(' '));

const ORDER = of('==', '!=', '===', '!==', '<', '>', '<=', '>=', 'eq', 'ne', 'gt', 'lt', 'ge', 'le');
const RANGE = of('0', '3', '8', '0:2', '7:1', '10:3', '0-3', '2-7', ':3', '4:', '-1:', '-3:', '-20:').map((range) => `[${range}]`);
const PATTERN = of('"ssh"', '"^\\\\x45"', '"[a-z]{3}\\\\d"', '"(?i)host"', '"\\\\r\\\\n$"');

const literalOf = ({ kind, bits = 32 }: Field): fc.Arbitrary<string> =>
  of(...(VALUES[kind] ?? (kind === 'unsigned' ? NUMBERS.filter((text) => Number(text) < 2 ** bits) : OCTETS)));

const isOctets = ({ kind }: Field): boolean => kind === 'protocol' || kind === 'bytes';
const isAddress = ({ kind }: Field): boolean => kind === 'ipv4' || kind === 'ipv6' || kind === 'ether';

function about(field: Field): fc.Arbitrary<string> {
  const { name, kind } = field;
  if (kind === 'label') return of(name, `!${name}`);
  const quantified = line(of('', '', 'any', 'all'), name, ORDER, literalOf(field));
  const sliced = line(
    RANGE.map((range) => name + range),
    of('==', '!=', '<', '>', '<=', 'contains'),
    of(...OCTETS),
  );
  if (isOctets(field))
    return fc.oneof(
      sliced,
      line(name, 'contains', of(...OCTETS, '"HTTP"')),
      line(name, 'matches', PATTERN),
      line(`len(${name})`, of('==', '>', '<'), of('0', '20', '54', '1000')),
      of(name),
    );
  const like = of(...FIELDS_DRAWN.filter((other) => other.kind === kind).map((other) => other.name));
  if (isAddress(field)) return fc.oneof(quantified, sliced, line(name, of('==', '!=', '<', '!=='), like));
  if (kind !== 'unsigned') return fc.oneof(quantified, of(name));
  return fc.oneof(
    quantified,
    line(name, of('==', '!=', '<', '>='), like),
    line(name, '&', of('1', '0x12', '0xff'), of('', '== 0', '== 2')),
    line(name, of('+ 1', '- 2', '/ 2', '% 3'), of('==', '>', '<'), of('1', '7', '100')),
    line(name, of('in', 'not in'), of('{6}', '{0..17}', '{40..200}')),
  );
}

const ATOM = fc.constantFrom(...FIELDS_DRAWN).chain(about);

/** One filter, of a few comparisons. */
export const filterText: fc.Arbitrary<string> = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'filter' },
    ATOM,
    line('!(', tie('filter'), ')'),
    line('not', ATOM),
    line(tie('filter'), of('&&', '||', 'and', 'or'), tie('filter')),
  ),
})).filter;
