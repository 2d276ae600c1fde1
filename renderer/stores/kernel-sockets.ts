import { createStore } from 'zustand/vanilla';
import type { TcpState } from '../../main/tcp-model/states.ts';

/** How the person last chose among the kernel's sockets; it outlives the panel. */
export interface SocketChoice {
  readonly search: string;
  /** Every state where there is none. */
  readonly states: readonly TcpState[];
  /** The socket whose details are shown, by its id. */
  readonly selected: string | undefined;
}

export const socketChoiceStore = createStore<SocketChoice>(() => ({ search: '', states: [], selected: undefined }));

export const toggleState = (state: TcpState): void =>
  socketChoiceStore.setState(({ states }) => ({
    states: states.includes(state) ? states.filter((one) => one !== state) : [...states, state],
  }));

/** A socket that is shown elsewhere: the list holds it, whatever was looked for before. */
export const showSocket = (id: string, search: string): void => socketChoiceStore.setState({ selected: id, search, states: [] });
