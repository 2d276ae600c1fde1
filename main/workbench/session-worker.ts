import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf, type TraceColumns } from '../analysis/align/trace-columns.ts';
import { err, ok, unreachable } from '../wire/result.ts';
import { Analyst } from './analyst.ts';
import { openEchoFeed } from './echo-feed.ts';
import { openExperimentFeed } from './experiment-feed.ts';
import type { OpenFeed } from './feeds.ts';
import { openFileFeed, openPathFeed } from './file-feed.ts';
import { openLiveFeed } from './live-feed.ts';
import type { Feed, FromWorker, SessionCalls, ToWorker } from './session-messages.ts';

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
    case 'path':
      return openPathFeed(feed, analyst);
    case 'echo':
      return openEchoFeed(analyst, (state) => post({ kind: 'engine', state }));
    case 'experiment':
      return openExperimentFeed(feed, analyst, (said) => post({ kind: 'experiment', ...said }));
    default:
      return unreachable(feed);
  }
}

const feed = open(workerData as Feed);

const NO_RUN = err({ kind: 'no-run', message: 'This session is no run of a script on the engine.' });

function segments(input: Parameters<SessionCalls['segments']>[0]): ReturnType<SessionCalls['segments']> {
  const page = analyst.segments(input);
  const { run } = feed;
  return page.ok && run ? ok({ ...page.value, rows: page.value.rows.map((row) => run.origin(row)) }) : page;
}

async function answer(asked: ToWorker): Promise<unknown> {
  switch (asked.call) {
    case 'connections':
      return analyst.connections(asked.input);
    case 'segments':
      return segments(asked.input);
    case 'filter':
      return analyst.filter(asked.input);
    case 'packet':
      return analyst.packet(asked.input);
    case 'follow':
      return analyst.follow(asked.input);
    case 'trace':
      return analyst.trace();
    case 'passing':
      return analyst.passing(asked.input);
    case 'octets':
      return analyst.octets(asked.input);
    case 'control':
      return feed.run ? feed.run.control(asked.input) : NO_RUN;
    case 'told':
      return feed.run ? ok(feed.run.told()) : NO_RUN;
    case 'history':
      return feed.run ? ok(feed.run.history(asked.input.ends, asked.input.most)) : NO_RUN;
    case 'findings':
      return analyst.findings(asked.input);
    case 'captureFindings':
      return analyst.captureFindings();
    case 'listeners':
      return analyst.listeners(asked.input);
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

port.on('message', async (asked: ToWorker) => {
  const output = await answer(asked);
  const handedOver = asked.call === 'trace' ? buffersOf(output as TraceColumns) : [];
  port.postMessage({ kind: 'answer', id: asked.id, output } satisfies FromWorker, handedOver);
});
