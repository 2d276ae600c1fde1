import { TCP_STATES } from '../../main/tcp-model/states.ts';
import type { RequestInput, RequestName, RequestOutput, Result, RunCommand, RunMoment, WorkbenchError } from '../../preload/contract.ts';
import { connectionsStore } from './connections.ts';
import { replaceHistory } from './engine.ts';
import { experimentStore, targetOf } from './experiment.ts';
import { runStore } from './run.ts';
import { segmentsStore } from './segments.ts';
import { selectionStore } from './selection.ts';

/** What a person can do to a run, and how the one time cursor and the run's moments keep together. */
export interface RunActions {
  /** By the chosen unit; starts a run that stands still where there is none of this script. */
  stepRun(): Promise<void>;
  backRun(): Promise<void>;
  pauseRun(): Promise<void>;
  continueRun(): Promise<void>;
  /** On to a state that an endpoint comes to, by its name, or to the next segment that passes a display filter. */
  runTo(text: string): Promise<void>;
  /** Where this run and the one before first differ. */
  compareRuns(): Promise<void>;
  /** Shows the run as it was after a step. */
  lookAt(step: number): void;
}

interface Reach {
  ask<K extends RequestName>(name: K, input: RequestInput<K>): Promise<RequestOutput<K>>;
  attempt<T>(request: Promise<Result<T, WorkbenchError>>): Promise<T | undefined>;
  start(paused: boolean): Promise<void>;
}

/** Moments in the charts of a run. */
const CHARTED = 400;

/** Tells one run from another. */
export const whatRuns = (): string => {
  const { name, source, seed, language } = experimentStore.getState();
  return JSON.stringify([name, source, seed, language, targetOf(experimentStore.getState())]);
};

export function connectRun({ ask, attempt, start }: Reach): RunActions {
  /** Where this module itself has put the cursor: that is no wish of the person's. */
  let placed: number | undefined;

  /** Commands under way: the run stands where they have told it to. */
  let commands = 0;
  async function control(command: RunCommand): Promise<RunMoment | undefined> {
    const { session } = runStore.getState();
    if (session === undefined) return undefined;
    commands++;
    const moment = await attempt(ask('controlRun', { session, command }));
    commands--;
    return session === runStore.getState().session ? moment : undefined;
  }

  function show(moment: RunMoment | undefined): void {
    if (!moment) return;
    const held = moment.position.run !== 'running';
    runStore.setState({ position: moment.position, moment: held ? moment : undefined });
    place();
  }

  const origin = (): number | undefined => {
    const { session } = runStore.getState();
    const known = session === undefined ? undefined : connectionsStore.getState().tables.get(session)?.origin;
    return known && known.seconds + known.nanoseconds / 1e9;
  };

  /** Puts the time cursor, and the packet where the step sent one, to the moment that is looked at. */
  function place(): void {
    const { session, moment } = runStore.getState();
    const start = origin();
    if (!moment || start === undefined || selectionStore.getState().session !== session) return;
    const cursor = Math.max(0, moment.position.time / 1e9 - start);
    const packet = segmentsStore.getState().rows.findLast((row) => row?.step === moment.position.step)?.frame;
    if (cursor === selectionStore.getState().cursor && packet === selectionStore.getState().packet) return;
    placed = cursor;
    selectionStore.setState({ cursor, packet });
  }

  // The latest wish wins: a dragged slider asks faster than anybody can answer.
  let wanted: RunCommand | undefined;
  let isAsking = false;
  async function look(at: Extract<RunCommand, { kind: 'look' }>['at']): Promise<void> {
    wanted = { kind: 'look', at };
    if (isAsking) return;
    isAsking = true;
    while (wanted) {
      const command = wanted;
      wanted = undefined;
      const moment = await control(command);
      if (!wanted) show(moment);
    }
    isAsking = false;
  }

  function followCursor(): void {
    const { session, cursor, packet } = selectionStore.getState();
    const state = runStore.getState();
    if (session === undefined || session !== state.session || !state.position) return;
    if (cursor === undefined) {
      placed = undefined;
      runStore.setState({ moment: undefined });
      if (state.position.run !== 'running' && state.moment)
        void control({ kind: 'look', at: { step: state.position.steps } }).then(toPresent);
      return;
    }
    const row = packet === undefined ? undefined : segmentsStore.getState().rows.find((one) => one?.frame === packet);
    if (cursor === placed && (row?.step === undefined || row.step === state.moment?.position.step)) return;
    const start = origin();
    if (row?.step !== undefined) void look({ step: row.step });
    else if (start !== undefined) void look({ time: Math.max(0, Math.round((cursor + start) * 1e9)) });
  }

  const toPresent = (moment: RunMoment | undefined): void => {
    if (moment && selectionStore.getState().cursor === undefined) runStore.setState({ position: moment.position });
  };

  async function loadHistory(): Promise<void> {
    const { session } = runStore.getState();
    const { session: selected, connection } = selectionStore.getState();
    if (session === undefined || session !== selected) return;
    const record = connection === undefined ? undefined : connectionsStore.getState().tables.get(session)?.records[connection];
    const ends = record ? [record.client, record.server].map(({ address, port }) => ({ address, port })) : [];
    const moments = await attempt(ask('runHistory', { session, ends, most: CHARTED }));
    if (moments) replaceHistory(session, moments);
  }

  selectionStore.subscribe((now, before) => {
    if (now.cursor !== before.cursor || now.packet !== before.packet) followCursor();
    if (now.connection !== before.connection && runStore.getState().position?.run !== 'running') void loadHistory();
  });
  connectionsStore.subscribe(place);
  segmentsStore.subscribe((now, before) => {
    if (now.rows !== before.rows) place();
  });
  runStore.subscribe((now, before) => {
    if (now.breakpoints !== before.breakpoints && now.position && now.position.run !== 'over')
      void control({ kind: 'breakpoints', lines: now.breakpoints });
    const stands = now.position && now.position.run !== 'running';
    if (stands && now.position.steps > 0 && (before.position?.run === 'running' || before.position?.steps !== now.position.steps))
      void loadHistory();
    // It came to a breakpoint by itself: what is there is worth a look.
    if (commands === 0 && now.position?.run === 'paused' && before.position?.run !== 'paused' && !now.moment)
      void look({ step: now.position.step });
  });

  return {
    stepRun: async () => {
      const { session, ran, unit } = runStore.getState();
      const { running } = experimentStore.getState();
      if (session === undefined || (!running && ran !== whatRuns())) await start(true);
      show(await control({ kind: 'step', unit }));
    },
    backRun: async () => show(await control({ kind: 'back', unit: runStore.getState().unit })),
    pauseRun: async () => show(await control({ kind: 'pause' })),
    continueRun: async () => {
      const moment = await control({ kind: 'run' });
      if (moment) runStore.setState({ moment: undefined });
      show(moment);
      if (moment?.position.run === 'running') selectionStore.setState({ cursor: undefined, packet: undefined });
    },
    runTo: async (text) => {
      const state = TCP_STATES.find((name) => name === text.trim().toUpperCase());
      show(await control(state ? { kind: 'run-to', state } : { kind: 'run-to', filter: text }));
    },
    compareRuns: async () => {
      const { before, session } = runStore.getState();
      if (before === undefined || session === undefined) return;
      const difference = await attempt(ask('compareRuns', { first: before, second: session }));
      if (difference !== undefined) runStore.setState({ difference });
    },
    lookAt: (step) => void look({ step }),
  };
}
