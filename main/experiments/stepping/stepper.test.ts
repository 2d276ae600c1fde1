import { describe, expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { CONVERSATION } from '../testing/conversation.ts';
import { type Happening, Journal } from './journal.ts';
import type { RunRecorder } from './run-recorder.ts';
import { Stepper, type StepperOptions } from './stepper.ts';
import { searchFor } from './stops.ts';

const LINE = { socket: 5, connect: 6, accept: 7, send: 8, clientCloses: 10, serverCloses: 12, log: 14 };

function stepping(source = CONVERSATION, options: StepperOptions & { readonly seed?: number } = {}) {
  const frames: FrameBatch[] = [];
  const { seed = 1, ...rest } = options;
  const stepper = new Stepper(
    { name: 'test', source, target: 'engine', seed },
    { onEvent: () => undefined, onFrames: (batch) => frames.push(batch) },
    rest,
  );
  return { stepper, frames, octets: () => frames.map(({ data }) => [...data].join()).join() };
}

const segments = (stepper: Stepper): string[] =>
  stepper.recorder.journal.happenings.flatMap(({ fact, line }) =>
    fact.kind === 'segment'
      ? [`${fact.segment.from} ${fact.segment.flags}${fact.segment.length > 0 ? ` ${fact.segment.length}` : ''} :${line}`]
      : [],
  );
const states = (stepper: Stepper, step: number): string =>
  stepper
    .moment(step)
    .snapshot.hosts.map(({ connections, timeWait }) =>
      [...connections.map(({ state }) => state), ...timeWait.map(() => 'TIME-WAIT')].join(),
    )
    .join(' | ');
const of = (happenings: readonly Happening[]): string[] => happenings.map(({ fact }) => fact.kind);

describe('a run that is held', () => {
  test('stands before the first line, and goes on call by call', async () => {
    const { stepper } = stepping(CONVERSATION, { paused: true });
    expect(stepper.position).toEqual({ step: 0, time: 0, line: undefined, steps: 0, run: 'paused' });
    const lines: unknown[] = [];
    for (let i = 0; i < 7; i++) lines.push((await stepper.step('call')).line);
    expect(lines).toEqual([2, 3, 4, LINE.socket, LINE.connect, LINE.accept, LINE.send]);
    expect(states(stepper, stepper.position.step)).toBe('ESTABLISHED | ESTABLISHED');
    expect((await stepper.run()).run).toBe('over');
    expect((await stepper.report).outcome).toBe('passed');
  });

  test('goes on segment by segment, with both ends as they are then', async () => {
    const { stepper } = stepping(CONVERSATION, { paused: true });
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { step } = await stepper.step('segment');
      seen.push(states(stepper, step));
    }
    expect(seen).toEqual(['SYN-SENT | ', 'SYN-SENT | SYN-RECEIVED', 'ESTABLISHED | SYN-RECEIVED', 'ESTABLISHED | ESTABLISHED']);
    stepper.pause();
    expect(stepper.position.run).toBe('paused');
    await stepper.run();
  });

  test('takes single events, and goes back again, and forward in what is known', async () => {
    const { stepper } = stepping(CONVERSATION, { paused: true });
    for (let i = 0; i < 12; i++) await stepper.step('event');
    const there = stepper.position;
    const then = stepper.moment(there.step);
    expect(there.step).toBe(12);
    for (let i = 0; i < 5; i++) stepper.back('event');
    expect(stepper.position).toMatchObject({ step: 7, steps: there.steps, run: 'paused' });
    for (let i = 0; i < 5; i++) await stepper.step('event');
    expect(stepper.position).toEqual(there);
    expect(stepper.moment(12)).toEqual(then);
    await stepper.run();
  });

  test('steps by line through whatever the script asks for', async () => {
    const { stepper } = stepping(CONVERSATION, { paused: true });
    const lines: unknown[] = [];
    for (let i = 0; i < 13; i++) lines.push((await stepper.step('line')).line);
    expect(lines).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(await stepper.step('line')).toMatchObject({ run: 'over', line: LINE.log });
    expect([stepper.back('line').line, stepper.back('line').line]).toEqual([13, 12]);
  });
});

describe('where it stops', () => {
  test('at a breakpoint, also at one of the last line', async () => {
    const { stepper } = stepping(CONVERSATION, { breakpoints: [LINE.connect, LINE.log] });
    const stops: unknown[] = [];
    for (let i = 0; i < 3; i++) stops.push((await stepper.run()).line);
    expect(stops[0] === LINE.connect || stops[0] === LINE.log).toBe(true);
    expect(stepper.position.run).toBe('over');
    const again = stepping(CONVERSATION, { paused: true, breakpoints: [LINE.connect, LINE.log] }).stepper;
    expect([(await again.run()).line, (await again.run()).line]).toEqual([LINE.connect, LINE.log]);
    expect(states(again, again.position.step)).toBe('TIME-WAIT | ');
  });

  test('at a state, at a segment that fits, at a time, at a step', async () => {
    const { stepper } = stepping(CONVERSATION, { paused: true });
    const reached = await stepper.runTo({ kind: 'state', state: 'ESTABLISHED', host: 'server' });
    expect(reached).toMatchObject({ time: 30_000_000 });
    expect(states(stepper, reached.step)).toBe('ESTABLISHED | ESTABLISHED');
    expect(states(stepper, reached.step - 1)).toBe('ESTABLISHED | SYN-RECEIVED');
    await stepper.runTo({ kind: 'segment', fits: ({ flags, from }) => flags.includes('FIN') && from === 'server' });
    expect(states(stepper, stepper.position.step)).toBe('FIN-WAIT-1 | LAST-ACK');
    const later = await stepper.seek({ time: 500_000_000 });
    expect(later.time).toBeGreaterThanOrEqual(500_000_000);
    expect((await stepper.seek({ step: 3 })).step).toBe(3);
    expect((await stepper.seek({ time: 25_000_000 })).time).toBe(20_000_000);
    await stepper.run();
    expect(stepper.position.run).toBe('over');
  });

  test('anywhere, when it is told to: a script without end is held and looked at', async () => {
    const stop = { aborted: false };
    const endless = `const { client } = lab.twoHosts();\nfor (;;) {\n  await sleep(1);\n}`;
    const stepper = new Stepper({ name: 'endless', source: endless, target: 'engine', seed: 1 }, { onEvent() {}, onFrames() {}, stop });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { steps, run } = stepper.pause();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([run, stepper.position.steps - steps < 3, steps > 10]).toEqual(['paused', true, true]);
    stop.aborted = true;
    stepper.abandon();
    expect((await stepper.report).error?.kind).toBe('stopped');
    expect(stepper.position.run).toBe('over');
  });
});

test('each segment knows the line that caused it', async () => {
  const { stepper } = stepping();
  await stepper.report;
  expect(segments(stepper)).toEqual([
    `client SYN :${LINE.connect}`,
    `server SYN,ACK :${LINE.connect}`,
    `client ACK :${LINE.connect}`,
    `client PSH,ACK 5 :${LINE.send}`,
    `server ACK :${LINE.send}`,
    `client FIN,ACK :${LINE.clientCloses}`,
    `server FIN,ACK :${LINE.serverCloses}`,
    `client ACK :${LINE.serverCloses}`,
  ]);
  expect(stepper.recorder.frames.map(({ line }) => line)).toEqual([6, 6, 6, 8, 8, 10, 12, 12]);
});

test('data that is sent late or again belongs to the call that wrote it', async () => {
  const script = `const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, { address: '10.0.0.2', port: 9502 });
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, { address: '10.0.0.2', port: 9502 });
let lost = 0;
link.drop((segment) => segment.length > 0 && segment.from === 'client' && lost++ < 1);
await client.send(socket, 'a'.repeat(30000));
await sleep(0.01); await client.send(socket, 'b'.repeat(20000));
await client.close(socket);
await sleep(3);
link.inject({ from: { address: '10.0.0.1', port: 1 }, to: { address: '10.0.0.2', port: 2 }, flags: 'SYN' });
await sleep(1);`;
  const { stepper } = stepping(script);
  await stepper.report;
  const sent = stepper.recorder.journal.happenings.flatMap(({ fact, line }) =>
    fact.kind === 'segment' ? [{ ...fact.segment, line }] : [],
  );
  const data = sent.filter(({ from, length }) => from === 'client' && length > 0);
  expect(data.filter(({ relativeSeq }) => relativeSeq < 30_000).every(({ line }) => line === 9)).toBe(true);
  expect(data.filter(({ relativeSeq }) => relativeSeq > 30_000).every(({ line }) => line === 10)).toBe(true);
  expect(data.length).toBeGreaterThan(30);
  expect(data.some(({ cause, line }) => cause?.includes('retransmission') && line === 9)).toBe(true);
  // A FIN that rides with data has that data's line.
  for (const { length, line } of sent.filter(({ flags }) => flags.includes('FIN'))) expect(line).toBe(length > 0 ? 10 : 11);
  expect(sent.filter(({ cause }) => cause === 'injected').map(({ line }) => line)).toEqual([13]);
  expect(sent.filter(({ flags }) => flags.includes('RST')).map(({ line }) => line)).toEqual([13]);
});

describe('the same seed', () => {
  const LOSSY = CONVERSATION.replace('delay: ms(10)', 'delay: ms(10), jitter: ms(5), loss: 0.2')
    .replace("'hello'", "'x'.repeat(20000)")
    .replace(
      'await server.recv(connection, 100);',
      'for (let got = 0; got < 20000; ) got += (await server.recv(connection, 50000)).length;',
    );

  test('gives the same octets, whether it is watched, held, taken back or not', async () => {
    const straight = stepping(LOSSY, { seed: 4 });
    await straight.stepper.report;
    const held = stepping(LOSSY, { seed: 4, paused: true });
    await held.stepper.seek({ step: 40 });
    held.stepper.back('segment');
    held.stepper.back('line');
    await held.stepper.step('segment');
    await held.stepper.run();
    await held.stepper.run();
    expect(held.stepper.position).toEqual(straight.stepper.position);
    expect(held.octets()).toBe(straight.octets());
    expect(held.stepper.recorder.journal.happenings).toEqual(straight.stepper.recorder.journal.happenings);
  });

  test('brings another run to the very moment of this one, alive, and from there to the same end', async () => {
    const first = stepping(LOSSY, { seed: 4 });
    await first.stepper.report;
    const middle = Math.floor(first.stepper.position.steps / 2);
    const second = stepping(LOSSY, { seed: 4, paused: true });
    expect(await second.stepper.seek({ step: middle })).toMatchObject({ step: middle, run: 'paused' });
    expect(second.stepper.moment(middle)).toEqual(first.stepper.moment(middle));
    await second.stepper.run();
    expect(second.octets()).toBe(first.octets());
  });
});

test('a recording that is full shows the nearest moment before, and says which', async () => {
  const { stepper } = stepping(CONVERSATION.replace('sleep(1)', 'sleep(1); for (let i = 0; i < 2000; i++) await sleep(0.001)'), {
    limit: 60_000,
  });
  await stepper.report;
  const { steps } = stepper.position;
  const shown = stepper.moment(Math.floor(steps / 3));
  expect(shown.step).toBeLessThanOrEqual(steps / 3);
  expect(stepper.recorder.recording.octets).toBeLessThanOrEqual(60_000);
  expect(shown.snapshot.hosts).toHaveLength(2);
});

test('what happened in a step can be told', async () => {
  const { stepper } = stepping();
  await stepper.report;
  const { step } = stepper.recorder.journal.happenings.find(({ fact }) => fact.kind === 'segment')!;
  expect(of(stepper.recorder.journal.in(step))).toEqual(['call', 'state', 'segment']);
});

test('a journal that is full ends no step: where no line is written down any more, each event is one', () => {
  const journal = new Journal();
  for (let step = 1; !journal.isFull; step++) journal.add({ step, time: step, line: undefined, fact: { kind: 'script', text: 'again' } });
  const { length } = journal.happenings;
  journal.add({ step: length + 1, time: 0, line: undefined, fact: { kind: 'script', text: 'too much' } });
  expect(journal.happenings).toHaveLength(length);
  const recorder = { journal, recording: { length: length + 5 } } as unknown as RunRecorder;
  expect(searchFor({ kind: 'unit', unit: 'line' }, length, recorder)()).toBe(length + 1);
});
