import { expect, test } from 'vitest';
import { run } from '../testing/run.ts';

const ASKS = `
  const first = await predict('In which state is it?', ['LISTEN', 'CLOSED']);
  first.turnsOut('LISTEN');
  const second = await predict('How many segments?');
  console.log(first.answer, second.answer, now());
  second.turnsOut(3);`;
const told = (predictions: Awaited<ReturnType<typeof run>>['report']['predictions']) =>
  predictions.map(({ number, answer, actual, right }) => [number, answer, actual, right]);

test('nobody is there to be asked: the run goes on, and the report has question and truth', async () => {
  const { report, said, events } = await run(ASKS);
  expect(report.outcome).toBe('passed');
  expect(said).toEqual(['undefined undefined 0']);
  expect(told(report.predictions)).toEqual([
    [1, undefined, 'LISTEN', undefined],
    [2, undefined, '3', undefined],
  ]);
  expect(report.predictions[0]).toMatchObject({ question: 'In which state is it?', choices: ['LISTEN', 'CLOSED'], at: { line: 2 } });
  expect(events.filter(({ kind }) => kind === 'prediction')).toHaveLength(2);
});

test('answers known beforehand, by the number or the question; a wrong one fails nothing', async () => {
  const { report } = await run(ASKS, { answers: { 1: ' listen', 'How many segments?': 4 } });
  expect(report.outcome).toBe('passed');
  expect(told(report.predictions)).toEqual([
    [1, ' listen', 'LISTEN', true],
    [2, '4', '3', false],
  ]);
});

test('somebody is asked while the clock stands still, whatever is under way', async () => {
  const { report, said } = await run(`void sleep(5).then(() => console.log('five'));\n${ASKS}\nawait sleep(9);`, {
    onQuestion: async ({ number }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return number === 1 ? 'CLOSED' : undefined;
    },
  });
  expect(said).toEqual(['CLOSED undefined 0', 'five']);
  expect(told(report.predictions)).toEqual([
    [1, 'CLOSED', 'LISTEN', false],
    [2, undefined, '3', undefined],
  ]);
});

test('a prediction of which nothing is said afterwards is in the report all the same', async () => {
  const { report } = await run(`await predict('What now?');`);
  expect(told(report.predictions)).toEqual([[1, undefined, undefined, undefined]]);
});
