import { expect, test } from 'vitest';
import { run } from '../testing/run.ts';

const DELAY = `console.log(param('delay', 10, { from: 5, to: 50, step: 5 }));`;

test('seed 1 is the run everybody shares: the default', async () => {
  const { said, report } = await run(DELAY);
  expect(said).toEqual(['10']);
  expect(report.parameters).toEqual({ delay: 10 });
});

test('another seed gives a value of its own, the same whatever else the script asks for', async () => {
  const values = new Set<number>();
  for (let seed = 2; seed < 40; seed++) {
    const [value] = (await run(DELAY, { seed })).said;
    expect((await run(`lab.random(); param('other', 'a', { among: ['b', 'c'] }); ${DELAY}`, { seed })).said).toEqual([value]);
    expect(Number(value) % 5).toBe(0);
    values.add(Number(value));
  }
  expect(values.size).toBeGreaterThan(5);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(5);
  expect(Math.max(...values)).toBeLessThanOrEqual(50);
});

test('one of several words', async () => {
  const drawn = new Set<string>();
  for (let seed = 2; seed < 30; seed++)
    drawn.add((await run(`console.log(param('congestion', 'cubic', { among: ['reno', 'cubic'] }))`, { seed })).said[0]!);
  expect([...drawn].sort()).toEqual(['cubic', 'reno']);
});

test('what was set wins, read as the default is: number, truth value, text', async () => {
  const script = `console.log(param('n', 1, { from: 1, to: 9 }), param('on', false), param('who', 'x'));`;
  expect((await run(script, { seed: 5, parameters: { n: '2.5', on: 'true', who: '7' } })).said).toEqual(['2.5 true 7']);
});

test('a text that is no number ends the script with what was wanted', async () => {
  const { report } = await run(DELAY, { parameters: { delay: 'long' } });
  expect(report.error).toMatchObject({ message: 'Error: the parameter "delay" is a number, such as 10, not "long"', at: { line: 1 } });
});

test('a variation that allows nothing is refused where it stands', async () => {
  const { report } = await run(`param('x', 1, { from: 2, to: 1 })`);
  expect(report.error?.message).toContain('from must not be larger than to');
});
