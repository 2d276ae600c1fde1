import { parentPort, workerData } from 'node:worker_threads';
import { unreachable } from '../wire/result.ts';
import { ComparedCaptures } from './compared-captures.ts';
import type { ComparisonCalls, ComparisonInput } from './comparison-messages.ts';
import type { Asked } from './worker-calls.ts';

/** The thread of one comparison: holds the segments of two captures, aligned. */
const port = parentPort;
if (!port) throw new Error('comparison-worker runs as a worker thread');

const compared = new ComparedCaptures(workerData as ComparisonInput);

function answer(asked: Asked<ComparisonCalls>): unknown {
  switch (asked.call) {
    case 'align':
      return compared.align();
    case 'connections':
      return compared.connections(asked.input.known);
    case 'twinOf':
      return compared.twinOf(asked.input.connection);
    case 'segments':
      return compared.segments(asked.input);
    default:
      return unreachable(asked);
  }
}

port.on('message', (asked: Asked<ComparisonCalls>) => port.postMessage({ id: asked.id, output: answer(asked) }));
