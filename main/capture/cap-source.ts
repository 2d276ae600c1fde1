import { parseErrorLine } from './capture-error.ts';
import type { CaptureSource } from './capture-source.ts';
import { openChild } from './child-capture.ts';

/** What the `cap` child is told, as JSON in its one argument. */
export interface CapChildOptions {
  readonly interface: string;
  readonly filter: string;
  readonly bufferKiB: number;
}

/**
 * The `cap` package, in a process of its own (`cap-child.ts`): its read loop does not return while packets keep coming.
 * It gives no timestamps (the child's own are used), no drop counters, and always 65535 octets in promiscuous mode.
 */
export function capSource(childPath: string): CaptureSource {
  return {
    backend: 'cap',
    open: (options, sink) => {
      const told: CapChildOptions = { interface: options.interface, filter: options.filter ?? '', bufferKiB: options.bufferKiB ?? 16_384 };
      const args = [childPath, JSON.stringify(told)];
      const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }; // within Electron, execPath is Electron
      return openChild({ backend: 'cap', file: process.execPath, args, env, explain: parseErrorLine }, options, sink);
    },
  };
}
