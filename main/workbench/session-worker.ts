import { parentPort, workerData } from 'node:worker_threads';
import { err, unreachable } from '../wire/result.ts';
import { Analyst } from './analyst.ts';
import { openEchoFeed } from './echo-feed.ts';
import { openExperimentFeed } from './experiment-feed.ts';
import type { OpenFeed } from './feeds.ts';
import { openFileFeed } from './file-feed.ts';
import { openLiveFeed } from './live-feed.ts';
import type { Feed, FromWorker, ToWorker } from './session-messages.ts';

/** The thread of one session: opens its feed, and answers for what it has read. */
const port = parentPort;
if (!port) throw new Error('session-worker runs as a worker thread');

const post = (message: FromWorker): void => port.postMessage(message);
const analyst = new Analyst(post);

function open(feed: Feed): OpenFeed {
  switch (feed.kind) {
    case 'live':
      return openLiveFeed(feed, analyst);
    case 'file':
      return openFileFeed(feed, analyst);
    case 'echo':
      return openEchoFeed(analyst, (state) => post({ kind: 'engine', state }));
    case 'experiment':
      return openExperimentFeed(feed, analyst, (said) => post({ kind: 'experiment', ...said }));
    default:
      return unreachable(feed);
  }
}

const feed = open(workerData as Feed);

async function answer(asked: ToWorker): Promise<unknown> {
  switch (asked.call) {
    case 'connections':
      return analyst.connections(asked.input);
    case 'segments':
      return analyst.segments(asked.input);
    case 'engine':
      return feed.engine
        ? { ok: true, value: feed.engine(asked.input) }
        : err({ kind: 'no-engine', message: 'This session has no engine.' });
    case 'stop':
      await feed.stop();
      analyst.publish();
      return null;
    default:
      return unreachable(asked);
  }
}

port.on('message', async (asked: ToWorker) => post({ kind: 'answer', id: asked.id, output: await answer(asked) }));
