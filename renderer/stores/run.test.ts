import { beforeEach, expect, test } from 'vitest';
import type { RunCommand, RunMoment, RunPosition, ShownSegment } from '../../preload/contract.ts';
import { connectionsStore } from './connections.ts';
import { experimentStore, loadScript } from './experiment.ts';
import { forgetRun, runStore, setBreakpoints, toggleBreakpoint } from './run.ts';
import { connectRun, whatRuns } from './run-actions.ts';
import { mergeSegments, showSegmentsOf } from './segments.ts';
import { moveCursor, selectionStore, selectPacket } from './selection.ts';

/** A run of twenty steps, each a second long; its first packet left with step 2. */
const position = (step: number, run: RunPosition['run'] = 'over'): RunPosition => ({ step, time: step * 1e9, line: step, steps: 20, run });
const moment = (step: number): RunMoment => ({
  position: position(step),
  snapshot: { now: (step * 1e9) as never, hosts: [] },
  happened: [],
});

const asked: RunCommand[] = [];
let runs: RunPosition['run'] = 'over';
const starts: boolean[] = [];

const actions = connectRun({
  ask: (async (name: string, input: { command?: RunCommand }) => {
    if (name !== 'controlRun') return { ok: true, value: [] };
    asked.push(input.command!);
    const { command } = input;
    const at = command?.kind === 'look' ? ('step' in command.at ? command.at.step : Math.floor(command.at.time / 1e9)) : 7;
    return { ok: true, value: { ...moment(at), position: position(at, runs) } };
  }) as never,
  attempt: (async (request: Promise<{ value: unknown }>) => (await request).value) as never,
  start: async (paused) => {
    starts.push(paused);
    runStore.setState({ session: 's1', ran: whatRuns() });
  },
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(async () => {
  runs = 'over';
  selectionStore.setState({ session: 's1', connection: 0, packet: undefined, cursor: undefined, automatic: true });
  (connectionsStore.getState().tables as Map<string, unknown>).set('s1', {
    records: [],
    total: 0,
    held: 0,
    origin: { seconds: 2, nanoseconds: 0 },
    latest: undefined,
  });
  showSegmentsOf('s1', 0);
  mergeSegments('s1', 0, 0, 2, [{ frame: 1, step: 2 } as ShownSegment, { frame: 2, step: 9, line: 4 } as ShownSegment]);
  runStore.setState({ session: 's1', position: position(20), moment: undefined, breakpoints: [], ran: whatRuns() });
  await settled();
  asked.length = 0;
  starts.length = 0;
});

test('a step puts the time cursor where it led, and picks the packet it sent', async () => {
  await actions.backRun();
  expect(selectionStore.getState()).toMatchObject({ cursor: 5, packet: undefined });
  actions.lookAt(9);
  await settled();
  expect(selectionStore.getState()).toMatchObject({ cursor: 7, packet: 2 });
  expect(asked.map(({ kind }) => kind)).toEqual(['back', 'look']);
});

test('the cursor that a person moves moves the run; a packet does so exactly', async () => {
  moveCursor(3.25);
  await settled();
  expect(asked).toEqual([{ kind: 'look', at: { time: 5_250_000_000 } }]);
  expect(runStore.getState().moment?.position.step).toBe(5);
  selectPacket(0, 2, 7.5);
  await settled();
  expect(asked.at(-1)).toEqual({ kind: 'look', at: { step: 9 } });
});

test('of many wishes the last one counts', async () => {
  for (let step = 0; step <= 18; step++) actions.lookAt(step);
  await settled();
  expect(asked.length).toBeLessThanOrEqual(2);
  expect(runStore.getState().moment?.position.step).toBe(18);
});

test('back to now lets go of the moment', async () => {
  actions.lookAt(9);
  await settled();
  moveCursor(undefined);
  await settled();
  expect(runStore.getState()).toMatchObject({ moment: undefined, position: { step: 20 } });
});

test('a step starts a run that stands still where there is none of this script', async () => {
  await actions.stepRun();
  expect(starts).toEqual([]);
  experimentStore.setState({ seed: 2 });
  await actions.stepRun();
  expect(starts).toEqual([true]);
  forgetRun(undefined);
  await actions.stepRun();
  expect(starts).toEqual([true, true]);
});

test('breakpoints are told to a run that goes on, and another script has none', async () => {
  runs = 'paused';
  runStore.setState({ position: position(3, 'paused') });
  await settled();
  asked.length = 0;
  toggleBreakpoint(7);
  toggleBreakpoint(4);
  toggleBreakpoint(7);
  setBreakpoints([4]);
  await settled();
  expect(asked.filter(({ kind }) => kind === 'breakpoints').map((command) => 'lines' in command && command.lines)).toEqual([
    [7],
    [4, 7],
    [4],
  ]);
  loadScript('other', '// other');
  expect(runStore.getState().breakpoints).toEqual([]);
});
