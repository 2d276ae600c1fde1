import { readCapture } from '../capture/read-capture.ts';
import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
import { pieces, savedFrames } from './frame-source.ts';
import type { Feed } from './session-messages.ts';

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

export function openFileFeed({ name, octets }: Extract<Feed, { kind: 'file' }>, analyst: Analyst): OpenFeed {
  analyst.readsAgainFrom(savedFrames(octets, name));
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
