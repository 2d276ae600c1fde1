import type { EngineSnapshot, ExperimentEvent } from '../../preload/contract.ts';
import { runExperiment } from '../experiments/run.ts';
import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
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
  const tell = (snapshot?: EngineSnapshot) => {
    const said = events;
    events = [];
    say({ events: said, ...(snapshot ? { snapshot } : {}) });
  };
  analyst.run();
  const ended = runExperiment(options, {
    onEvent: (event) => {
      events.push(event);
      if (events.length >= MAX_EVENTS) tell();
    },
    onFrames: analyst.take,
    onSnapshot: tell,
    stop: {
      get aborted() {
        return Atomics.load(flag, 0) !== 0;
      },
    },
  }).then((report) => {
    analyst.end();
    const said = events;
    events = [];
    say({ events: said, report });
  });
  return {
    stop: async () => {
      Atomics.store(flag, 0, 1);
      await ended;
    },
  };
}
