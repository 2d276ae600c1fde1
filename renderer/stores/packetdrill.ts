import { createStore } from 'zustand/vanilla';
import type { PacketdrillReference, ScriptProblem } from '../../preload/contract.ts';

/** What is known of packetdrill's language, and what is wrong with the script that is being written. */
export interface PacketdrillState {
  readonly reference: PacketdrillReference | undefined;
  readonly problems: readonly ScriptProblem[];
}

export const packetdrillStore = createStore<PacketdrillState>(() => ({ reference: undefined, problems: [] }));

/** One script is read while another is waiting: the last. */
const PAUSE = 150;

/** Longer ones are not read while they are written. */
const LONGEST = 128 * 1024;

/** Has a script read a moment after each change of it; what is told of one that has changed since is dropped. Undefined: nothing to read. */
export function readAsWritten(read: (source: string) => Promise<readonly ScriptProblem[]>): (source: string | undefined) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;
  return (source) => {
    const mine = ++latest;
    clearTimeout(timer);
    if (source === undefined || source.trim() === '' || source.length > LONGEST) {
      packetdrillStore.setState({ problems: [] });
      return;
    }
    timer = setTimeout(async () => {
      const problems = await read(source);
      if (mine === latest) packetdrillStore.setState({ problems });
    }, PAUSE);
  };
}
