import { createStore } from 'zustand/vanilla';
import type { CaptureOptions, InterfaceInfo, WorkbenchError } from '../../preload/contract.ts';

export interface InterfacesState {
  readonly interfaces: readonly InterfaceInfo[];
  readonly error: WorkbenchError | undefined;
  /** What the next capture will listen to. */
  readonly chosen: string | undefined;
  /** Another machine's interface, in place of the chosen one of this machine. */
  readonly remote: RemoteInterface | undefined;
  readonly filter: string;
}

export interface RemoteInterface {
  /** [USER@]HOST as ssh takes it. */
  readonly host: string;
  readonly interface: string;
}

export const interfacesStore = createStore<InterfacesState>(() => ({
  interfaces: [],
  error: undefined,
  chosen: undefined,
  remote: undefined,
  filter: '',
}));

export const chooseInterface = (chosen: string): void => interfacesStore.setState({ chosen, remote: undefined });

/** What a capture would listen to, as the contract has it; undefined where it may not. */
export function wantedCapture({ interfaces, chosen, remote, filter }: InterfacesState): CaptureOptions | undefined {
  const expression = filter.trim();
  const through = expression === '' ? {} : { filter: expression };
  if (remote) return { ...remote, ...through };
  return interfaces.some(({ name, capture }) => name === chosen && capture.allowed) ? { interface: chosen!, ...through } : undefined;
}

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
