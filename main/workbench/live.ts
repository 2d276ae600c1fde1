import type { CaptureOptions, Result } from '../../preload/contract.ts';
import type { CaptureError } from '../capture/capture-error.ts';
import type { CaptureCounters, CaptureHandle, CaptureSink } from '../capture/capture-source.ts';
import { captureSource, openCapture } from '../capture/sources.ts';
import { sshSource } from '../capture/ssh.ts';
import type { Drops } from './analyst.ts';

/** Opens the machine or the backend that was asked for, or the best backend there is. */
export async function openLive(options: CaptureOptions, sink: CaptureSink): Promise<Result<CaptureHandle, CaptureError>> {
  const { interface: name, filter, backend, host, promiscuous, snapshotLength } = options;
  const open = {
    interface: name,
    ...(filter === undefined ? {} : { filter }),
    ...(promiscuous === undefined ? {} : { promiscuous }),
    ...(snapshotLength === undefined ? {} : { snapLength: snapshotLength }),
  };
  if (host !== undefined) return sshSource(host).open(open, sink);
  if (!backend) return openCapture(open, sink);
  const source = captureSource(backend);
  return source.ok ? source.value.open(open, sink) : source;
}

/** What was lost on the way, by who lost it; absent where the backend never told (`cap`, another machine, one that was killed). */
export type KnownDrops = Omit<CaptureCounters, 'received'>;

export const knownDrops = (handle: CaptureHandle): KnownDrops => {
  const { received: _, ...drops } = handle.counters();
  return drops;
};

/** What was lost on the way, by who lost it. A backend that cannot tell counts as none. */
export function dropsOf(handle: CaptureHandle): Drops {
  const { droppedByKernel = 0, droppedByInterface = 0, droppedByQueue } = handle.counters();
  return { droppedByKernel, droppedByInterface, droppedByQueue };
}
