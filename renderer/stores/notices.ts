import { createStore } from 'zustand/vanilla';
import type { WorkbenchError } from '../../preload/contract.ts';

/** Something the person should read: it stays until they close it. */
export interface Notice {
  readonly id: number;
  readonly error: WorkbenchError;
}

export const noticesStore = createStore<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));

const MOST = 4;
let nextId = 1;

/** Shows a failure once: the same words are not stacked on themselves. */
export function notify(error: WorkbenchError): void {
  noticesStore.setState(({ notices }) => {
    const others = notices.filter((n) => n.error.message !== error.message);
    return { notices: [...others, { id: nextId++, error }].slice(-MOST) };
  });
}

export const dismiss = (id: number): void => noticesStore.setState(({ notices }) => ({ notices: notices.filter((n) => n.id !== id) }));
