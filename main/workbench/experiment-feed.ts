import type { EngineSnapshot, ExperimentEvent, ExperimentReport } from '../../preload/contract.ts';
import { told } from '../experiments/compare.ts';
import { Stepper } from '../experiments/stepping/stepper.ts';
import { ok } from '../wire/result.ts';
import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
import type { FilterStop } from './filter-stop.ts';
import { loopbackTap } from './loopback-tap.ts';
import { Questions } from './questions.ts';
import { control, history, runToFilter, withOrigin } from './run-control.ts';
import type { Feed, FromWorker } from './session-messages.ts';

/** A script that prints in a loop is told in pieces of this many events. */
const MAX_EVENTS = 500;

type Said = Omit<Extract<FromWorker, { kind: 'experiment' }>, 'kind'>;

/** Runs a script in this thread. Its segments reach the analyst, what it says goes out with each picture of the engine. */
export function openExperimentFeed(
  { options, stop }: Extract<Feed, { kind: 'experiment' }>,
  analyst: Analyst,
  say: (said: Said) => void,
): OpenFeed {
  const flag = new Uint8Array(stop);
  let events: ExperimentEvent[] = [];
  const tell = (more: { readonly snapshot?: EngineSnapshot; readonly report?: ExperimentReport } = {}) => {
    const said = events;
    events = [];
    say({ events: said, position: stepper.position, ...more });
  };
  analyst.run();
  const { paused = false, breakpoints = [], ask = false, ...experiment } = options;
  const questions = new Questions();
  /** What a run looks for on its way. */
  let watching: FilterStop | undefined;
  const stepper: Stepper = new Stepper(
    experiment,
    {
      onEvent: (event) => {
        events.push(event);
        if (events.length >= MAX_EVENTS) tell();
      },
      onFrames: (batch) => {
        analyst.take(batch);
        watching?.add(batch);
      },
      onSnapshot: (snapshot) => tell({ snapshot }),
      ...(options.target === 'kernel' && { tap: loopbackTap() }),
      ...(ask && {
        onQuestion: (prediction) => {
          const answered = questions.ask(prediction);
          tell();
          return answered;
        },
      }),
      stop: {
        get aborted() {
          return Atomics.load(flag, 0) !== 0;
        },
      },
    },
    { paused: paused && options.target === 'engine', breakpoints, onPosition: () => tell() },
  );
  const ended = stepper.report.then((report) => {
    analyst.end();
    tell({ report });
  });
  return {
    stop: async () => {
      Atomics.store(flag, 0, 1);
      questions.close();
      stepper.abandon();
      await ended;
    },
    // What runs on a kernel can neither be held nor looked back into.
    ...(stepper.recorder.hasBegun && {
      run: {
        control: async (command) =>
          'filter' in command
            ? runToFilter(stepper, analyst, command.filter, (stop) => {
                watching = stop;
              })
            : ok(await control(stepper, questions, command)),
        history: (ends, most) => history(stepper, ends, most),
        told: () => told(stepper.recorder.journal.happenings),
        origin: (row) => withOrigin(stepper, row),
      },
    }),
  };
}
