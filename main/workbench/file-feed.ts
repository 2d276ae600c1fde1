import { readCapture } from '../capture/read-capture.ts';
import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
import type { Feed } from './session-messages.ts';

/** A little at a time, so that the window's questions are answered while a large capture is read. */
const PIECE = 1 << 20;

function* pieces(octets: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < octets.length; at += PIECE) yield octets.subarray(at, at + PIECE);
}

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

export function openFileFeed({ name, octets }: Extract<Feed, { kind: 'file' }>, analyst: Analyst): OpenFeed {
  const stopping = new AbortController();
  const read = readCapture(
    pieces(octets),
    {
      signal: stopping.signal,
      onBatch: (batch) => {
        analyst.run();
        analyst.take(batch);
        return breath();
      },
    },
    name,
  ).then((end) => {
    if (!end.ok) analyst.end(end.error.kind === 'cancelled' ? undefined : end.error);
    else if (end.value.note)
      analyst.end({
        kind: end.value.note.kind,
        message: `${name}: ${end.value.note.message}`,
        help: 'Every packet before that point is here.',
      });
    else analyst.end();
  });
  return {
    stop: async () => {
      stopping.abort();
      await read;
    },
  };
}
