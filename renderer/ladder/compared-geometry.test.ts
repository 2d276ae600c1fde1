import { expect, test } from 'vitest';
import type { ComparedMoment } from '../../preload/contract.ts';
import { ROW, strokes } from './compared-geometry.ts';

const moment = (from: 'client' | 'server', place: 'client' | 'server', fate: ComparedMoment['fate'] = 'arrived') =>
  ({ from, place, fate, flags: 0x10, length: 0 }) as ComparedMoment;
const width = 100;
const middle = (row: number) => (row + 0.5) * ROW;

test('a segment goes from the line where it left, down to the line where it came', () => {
  const rows = [moment('client', 'client'), moment('server', 'server'), moment('client', 'server'), moment('server', 'client')];
  const drawn = strokes({ rows, arrows: [[0, 2], [1, 3]], first: 0, last: 3, width }); // biome-ignore format: as read
  expect(drawn).toMatchObject([
    { row: 0, x1: 0, y1: middle(0), x2: 100, y2: middle(2), end: 'arrow' },
    { row: 1, x1: 100, y1: middle(1), x2: 0, y2: middle(3), end: 'arrow' },
  ]);
});

test('a way that leaves and comes outside is drawn through the rows in sight, and once though two pages tell of it', () => {
  const rows = Array.from({ length: 9 }, () => moment('client', 'client', 'unknown'));
  rows[0] = moment('client', 'client');
  rows[8] = moment('client', 'server');
  const ways = strokes({ rows, arrows: [[0, 8], [0, 8]], first: 3, last: 4, width }).filter(({ end }) => end === 'arrow'); // biome-ignore format: as read
  expect(ways).toMatchObject([{ y1: middle(-3), y2: middle(5) }]);
});

test('what was seen at one place only ends, or begins, between the lines', () => {
  const rows = [
    moment('client', 'client', 'lost'),
    moment('server', 'client', 'not-captured'),
    moment('server', 'server', 'unknown'),
    undefined,
  ];
  const [lost, came, left, ...more] = strokes({ rows, arrows: [], first: 0, last: 3, width });
  expect(lost).toMatchObject({ x1: 0, end: 'lost', dashed: false });
  expect(lost!.x2).toBeLessThan(width);
  expect(came).toMatchObject({ x2: 0, y2: middle(1), end: 'arrow', dashed: true });
  expect(left).toMatchObject({ x1: 100, y1: middle(2), end: 'open', dashed: true });
  expect(more).toEqual([]);
});
