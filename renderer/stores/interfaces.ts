import { createStore } from 'zustand/vanilla';
import type { InterfaceInfo, WorkbenchError } from '../../preload/contract.ts';

export interface InterfacesState {
  readonly interfaces: readonly InterfaceInfo[];
  readonly error: WorkbenchError | undefined;
  /** What the next capture will listen to. */
  readonly chosen: string | undefined;
  readonly filter: string;
}

export const interfacesStore = createStore<InterfacesState>(() => ({ interfaces: [], error: undefined, chosen: undefined, filter: '' }));

/** A fresh list keeps the choice where it still exists, and otherwise chooses what most likely works here. */
export function replaceInterfaces(interfaces: readonly InterfaceInfo[]): void {
  interfacesStore.setState(({ chosen }) => ({
    interfaces: [...interfaces].sort(byUse),
    error: undefined,
    chosen: interfaces.some((i) => i.name === chosen) ? chosen : [...interfaces].sort(byUse)[0]?.name,
  }));
}

/** Permitted before refused, loopback first (it needs no second machine), then what is up. */
function byUse(a: InterfaceInfo, b: InterfaceInfo): number {
  const rank = (i: InterfaceInfo): number => (i.capture.allowed ? 0 : 4) + (i.loopback ? 0 : 2) + (i.up && i.running ? 0 : 1);
  return rank(a) - rank(b);
}
