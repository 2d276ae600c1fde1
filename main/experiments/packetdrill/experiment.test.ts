import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ExperimentEvent } from '../report.ts';
import { runExperiment } from '../run.ts';
import { RunRecorder } from '../stepping/run-recorder.ts';
import { Stepper } from '../stepping/stepper.ts';
import { SCRIPTS, SERVER } from './testing/scripts.ts';

const asExperiment = (source: string) => ({ name: 'test', source, language: 'packetdrill', target: 'engine', seed: 1 }) as const;

async function run(source: string, stop = { aborted: false }) {
  const events: ExperimentEvent[] = [];
  const recorder = new RunRecorder();
  let frames = 0;
  const observer = {
    onEvent: (event: ExperimentEvent) => events.push(event),
    onFrames: (batch: { readonly count: number }) => {
      frames += batch.count;
    },
    recorder,
    stop,
  };
  const report = await runExperiment(asExperiment(source), observer);
  return { report, events, recorder, frames, failed: report.checks.filter(({ ok }) => !ok) };
}

const TEMPLATE = readFileSync('resources/templates/handshake.pkt', 'utf8');

test.each(Object.entries({ ...SCRIPTS, 'the template': TEMPLATE }))('the window runs what the terminal runs: %s', async (_name, source) => {
  const { report, frames, recorder } = await run(source);
  expect(report).toMatchObject({ outcome: 'passed', error: undefined });
  expect(recorder.frames).toHaveLength(frames);
});

test('each expectation is a check, each call is told, and each segment has the line that caused it', async () => {
  const { report, events, recorder, frames } = await run(`${SERVER}
+0 write(4, ..., 100) = 100
+0 > P. 1:101(100) ack 1
+.01 < . 1:1(0) ack 101 win 512
+0 %{ assert tcpi_unacked == 0 }%
`);
  expect(report.checks.map(({ description, at }) => `${at?.line}: ${description}`)).toEqual([
    '7: +0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 10>',
    '12: +0 > P. 1:101(100) ack 1',
    '14: +0 %{ assert tcpi_unacked == 0 }%',
  ]);
  const calls = events.flatMap((event) => (event.kind === 'call' ? [`${event.call} = ${event.result}`] : []));
  expect(calls.slice(-2)).toEqual(['accept(3, ..., ...) = 4', 'write(4, ..., 100) = 100']);
  expect(frames).toBe(5);
  // The SYN,ACK answers the SYN of line 6; the data is written by line 11, not by the line that waits for it.
  expect(recorder.frames.map(({ line }) => line)).toEqual([6, 6, 8, 11, 13]);
});

test('a retransmission belongs to the line that wrote the data, however late it is', async () => {
  const { report, recorder } = await run(`${SERVER}
+0 write(4, ..., 100) = 100
+0 > P. 1:101(100) ack 1
+.2~+.3 > P. 1:101(100) ack 1
`);
  expect(report.outcome).toBe('passed');
  expect(recorder.frames.slice(-2).map(({ line }) => line)).toEqual([11, 11]);
});

test('where script and engine part is a failed check with both sides, and nothing is run behind it', async () => {
  const { report, failed } = await run(`${SERVER}
+0 > . 1:1(0) ack 1
+0 close(4) = 0
`);
  expect(report.outcome).toBe('failed');
  expect(failed).toEqual([
    { ok: false, description: 'no packet left', expected: '. 1:1(0) ack 1', actual: 'none', at: { line: 11, column: 1 } },
  ]);
  const { failed: other } = await run(SERVER.replace('mss 1460,', 'mss 1461,'));
  expect(other[0]).toMatchObject({ expected: expect.stringContaining('«'), actual: expect.stringContaining('«'), at: { line: 7 } });
});

test('what is no script, and what the engine has not, is an error with its place', async () => {
  expect((await run('0 socket(..., SOCK_STREAM IPPROTO_TCP) = 3')).report.error).toMatchObject({
    kind: 'syntax',
    at: { line: 1, column: 27 },
  });
  expect((await run('--mtu=7\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3')).report.error).toMatchObject({
    kind: 'syntax',
    at: { line: 1 },
  });
  expect((await run('0 splice(3) = 3')).report.error).toMatchObject({ kind: 'unusable', at: { line: 1 } });
  const kernel = await runExperiment({ ...asExperiment('0 close(3) = 0'), target: 'kernel' }, { onEvent: () => {}, onFrames: () => {} });
  expect(kernel.error).toMatchObject({ kind: 'unusable', help: 'Choose the engine.' });
});

test('packetdrill’s usual settings stand in for its defaults.sh; of another shell script it is said that it is not here', async () => {
  const told = async (path: string) => (await run(`\`${path}\`\n${SERVER.replace('wscale 10', 'wscale 8')}`)).events[0];
  expect(await told('../../common/defaults.sh')).toMatchObject({ kind: 'log', level: 'info' });
  expect(await told('./set.sh')).toMatchObject({ kind: 'log', level: 'warn', text: expect.stringContaining('./set.sh is not here') });
  expect((await run(`\`common/defaults.sh\`\n${SERVER.replace('wscale 10', 'wscale 8')}`)).report.outcome).toBe('passed');
});

test('a packet longer than any link carries comes in, and is recorded', async () => {
  const { report, frames } = await run(`${SERVER}\n+0 < . 1:65001(65000) ack 1 win 512\n`);
  expect(report.outcome).toBe('passed');
  expect(frames).toBeGreaterThanOrEqual(4);
  expect((await run(`${SERVER}\n+0 < . 1:65536(65535) ack 1 win 512\n`)).report.error?.kind).not.toBe('thrown');
});

test('a run is stopped in the middle of a line that never ends', async () => {
  let asked = 0;
  const stop = {
    get aborted() {
      return ++asked > 12;
    },
  };
  const { report } = await run(`${SERVER}\n+0 write(4, ..., 100) = 100\n* > R. 1:1(0) ack 1\n`, stop);
  expect(report.error).toMatchObject({ kind: 'stopped' });
});

test('a script is stepped line by line and segment by segment, back, and to a breakpoint', async () => {
  const stepper = new Stepper(asExperiment(SERVER), { onEvent: () => {}, onFrames: () => {} }, { paused: true });
  expect(stepper.position).toMatchObject({ step: 0, run: 'paused' });
  expect(await stepper.step('line')).toMatchObject({ line: 2 });
  expect(await stepper.step('segment')).toMatchObject({ line: 6 });
  expect(stepper.back('call')).toMatchObject({ line: 5 });
  stepper.setBreakpoints([8]);
  const there = await stepper.run();
  expect(there).toMatchObject({ line: 8, time: 10_000_000 });
  expect(stepper.moment(there.step).snapshot.hosts[0]?.connections[0]?.state).toBe('ESTABLISHED');
  stepper.abandon();
  expect((await stepper.report).outcome).toBe('passed');
});
