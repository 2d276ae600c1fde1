import { describe, expect, test } from 'vitest';
import type { ExperimentOptions, RunCommand } from '../../preload/contract.ts';
import { Stepper } from '../experiments/stepping/stepper.ts';
import { Analyst } from './analyst.ts';
import type { FilterStop } from './filter-stop.ts';
import { GUARDS } from './guards.ts';
import { Questions } from './questions.ts';
import { control, history, runToFilter } from './run-control.ts';

const SCRIPT = `const { client, server } = lab.twoHosts({ delay: ms(10) });
const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, { address: '10.0.0.2', port: 9502 });
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, { address: '10.0.0.2', port: 9502 });
await client.send(socket, 'hello');
await sleep(1);`;

function held() {
  const stepper = new Stepper(
    { name: 'test', source: SCRIPT, target: 'engine', seed: 1 },
    { onEvent: () => undefined, onFrames: () => undefined },
    { paused: true },
  );
  return { stepper, does: (command: Exclude<RunCommand, { filter: string }>) => control(stepper, new Questions(), command) };
}

test('a person steps, looks back, sets a breakpoint and goes on', async () => {
  const { stepper, does } = held();
  const first = await does({ kind: 'step', unit: 'segment' });
  expect(first.position).toMatchObject({ line: 6, run: 'paused', time: 0 });
  expect(first.happened).toEqual([
    'client calls connect(3, 10.0.0.2:9502)',
    'client: CLOSED > SYN-SENT',
    'client > server: SYN seq 0 win 64240',
  ]);
  expect(first.snapshot.hosts[0]?.connections[0]?.state).toBe('SYN-SENT');
  const before = await does({ kind: 'back', unit: 'event' });
  expect(before.snapshot.hosts[0]?.connections).toEqual([]);
  await does({ kind: 'breakpoints', lines: [8] });
  await does({ kind: 'run' });
  await expect.poll(() => stepper.position).toMatchObject({ line: 8, run: 'paused' });
  expect((await does({ kind: 'look', at: { time: 25_000_000 } })).position).toMatchObject({ time: 20_000_000, run: 'paused' });
  expect((await does({ kind: 'look', at: { step: 1e9 } })).position.step).toBe(stepper.position.steps);
  await does({ kind: 'breakpoints', lines: [] });
  await does({ kind: 'run' });
  await stepper.report;
  expect((await does({ kind: 'pause' })).position).toMatchObject({ run: 'over', line: 8 });
});

test('the charts get the run from its beginning to its end, with the ends they ask for', async () => {
  const { stepper, does } = held();
  await does({ kind: 'run' });
  await stepper.report;
  const [connection] = stepper.recorder.recording.snapshot(stepper.position.step).hosts[0]!.connections;
  const ends = [
    { address: '10.0.0.1', port: connection!.localPort },
    { address: '10.0.0.2', port: 9502 },
  ];
  const moments = history(stepper, ends, 500);
  expect(moments).toHaveLength(stepper.position.steps + 1);
  expect(moments.at(-1)?.hosts.map(({ connections }) => connections.length)).toEqual([1, 1]);
  expect(history(stepper, [], 5).map(({ hosts }) => hosts.flatMap(({ connections }) => connections))).toEqual([[], [], [], [], []]);
});

test.each([
  { kind: 'fly' },
  { kind: 'step', unit: 'year' },
  { kind: 'look', at: { step: -1 } },
  { kind: 'look', at: { time: Number.NaN } },
  { kind: 'look', at: {} },
  { kind: 'breakpoints', lines: [0] },
  { kind: 'breakpoints', lines: ['1'] },
])('%j is no command', (command) => {
  expect(GUARDS.controlRun.safeParse({ session: 's1', command }).success).toBe(false);
});

test('a person answers what the script asks; the next question is passed by when nobody is there any more', async () => {
  const questions = new Questions();
  const asked: number[] = [];
  const source = `
    (await predict('One?', ['yes', 'no'])).turnsOut('yes');
    (await predict('Two?')).turnsOut(2);
    (await predict('Three?')).turnsOut(3);`;
  const stepper = new Stepper(
    { name: 'test', source, target: 'engine', seed: 1 },
    {
      onEvent: (event) => void (event.kind === 'question' && asked.push(event.prediction.number)),
      onFrames: () => undefined,
      onQuestion: (prediction) => questions.ask(prediction),
    },
  );
  await expect.poll(() => asked).toEqual([1]);
  await control(stepper, questions, { kind: 'answer', number: 7, answer: 'to nothing' });
  await control(stepper, questions, { kind: 'answer', number: 1, answer: 'yes' });
  await expect.poll(() => asked).toEqual([1, 2]);
  questions.close();
  const { predictions, outcome } = await stepper.report;
  expect(outcome).toBe('passed');
  expect(predictions.map(({ answer, right }) => [answer, right])).toEqual([
    ['yes', true],
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test('everything the window may say of a run is let in', () => {
  const options: Required<ExperimentOptions> = {
    name: 'x',
    source: '',
    target: 'engine',
    seed: 1,
    paused: true,
    breakpoints: [1],
    ask: true,
    language: 'typescript',
  };
  expect(GUARDS.runExperiment.safeParse(options).data).toEqual(options);
});

describe('on to the next segment that passes a display filter', () => {
  function watched(paused: boolean) {
    const analyst = new Analyst(() => undefined);
    let watching: FilterStop | undefined;
    const stepper = new Stepper(
      { name: 'test', source: SCRIPT, target: 'engine', seed: 1 },
      {
        onEvent: () => undefined,
        onFrames: (batch) => {
          analyst.take(batch);
          watching?.add(batch);
        },
      },
      { paused },
    );
    const to = (filter: string) =>
      runToFilter(stepper, analyst, filter, (stop) => {
        watching = stop;
      });
    return { stepper, to };
  }
  const sent = (happened: readonly string[]) => happened.filter((text) => text.includes(' > server:') || text.includes(' > client:'));

  test.each([
    ['what the columns know', 'tcp.flags.syn == 1 && tcp.flags.ack == 1', 'server > client: SYN,ACK'],
    ['what stands in the octets only', 'tcp.payload contains "ell"', 'client > server: PSH,ACK seq 1:6'],
  ])('%s', async (_title, filter, segment) => {
    const { stepper, to } = watched(true);
    const ahead = await to(filter);
    expect(ahead.ok && sent(ahead.value.happened)[0]).toContain(segment);
    expect(stepper.position.run).toBe('paused');
    await stepper.run();
    await stepper.report;
    await stepper.seek({ step: 0 });
    const again = await to(filter); // the same in what is known already
    expect(again.ok && again.value.position.step).toBe(ahead.ok && ahead.value.position.step);
  });

  test('what never comes leads to the end, and a filter that is wrong nowhere', async () => {
    const { stepper, to } = watched(true);
    expect(await to('tcp.flags.urg == ')).toMatchObject({ ok: false, error: { kind: 'bad-filter' } });
    expect(stepper.position.step).toBe(0);
    expect(await to('tcp.flags.urg == 1')).toMatchObject({ ok: true, value: { position: { run: 'over' } } });
  });
});

test('on to the moment an endpoint comes to a state', async () => {
  const { does } = held();
  const { position, snapshot } = await does({ kind: 'run-to', state: 'ESTABLISHED', host: 'server' });
  expect(position.time).toBe(30_000_000);
  expect(snapshot.hosts[1]?.connections[0]?.state).toBe('ESTABLISHED');
});
