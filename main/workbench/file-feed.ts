import type { CaptureError } from '../capture/capture-error.ts';
import type { CaptureEnd } from '../capture/capture-reader.ts';
import { openFile, type ReadOptions, readCapture } from '../capture/read-capture.ts';
import type { Result } from '../wire/result.ts';
import type { Analyst } from './analyst.ts';
import type { OpenFeed } from './feeds.ts';
import { type FrameSource, framesAt, pieces, savedFrames } from './frame-source.ts';
import type { Feed } from './session-messages.ts';

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A capture whose octets came from the window. */
export const openFileFeed = ({ name, octets }: Extract<Feed, { kind: 'file' }>, analyst: Analyst): OpenFeed =>
  feed(name, savedFrames(octets, name), (options) => readCapture(pieces(octets), options, name), analyst);

/** A capture in a file of this machine, read where it lies. */
export const openPathFeed = ({ path }: Extract<Feed, { kind: 'path' }>, analyst: Analyst): OpenFeed =>
  feed(path, framesAt(path), (options) => openFile(path, options), analyst);

function feed(
  name: string,
  source: FrameSource,
  readAll: (options: ReadOptions) => Promise<Result<CaptureEnd, CaptureError>>,
  analyst: Analyst,
): OpenFeed {
  analyst.readsAgainFrom(source);
  const stopping = new AbortController();
  const onBatch: ReadOptions['onBatch'] = (batch) => {
    analyst.take(batch);
    analyst.run(); // the first connections are told with it
    return breath();
  };
  const read = readAll({ signal: stopping.signal, onBatch }).then((end) => {
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
