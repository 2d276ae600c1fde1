import { createStore } from 'zustand/vanilla';
import type { CaptureFindings, Finding, SessionId } from '../../preload/contract.ts';

/** What is looked at: the selected connection, or the whole capture. */
export type Scope = 'connection' | 'capture';

export interface FindingsState {
  readonly scope: Scope;
  readonly session: SessionId | undefined;
  /** Of the selected connection; undefined until they have arrived. */
  readonly connection: number | undefined;
  readonly ofConnection: readonly Finding[] | undefined;
  readonly ofCapture: CaptureFindings | undefined;
}

export const findingsStore = createStore<FindingsState>(() => ({
  scope: 'connection',
  session: undefined,
  connection: undefined,
  ofConnection: undefined,
  ofCapture: undefined,
}));

export const showScope = (scope: Scope): void => findingsStore.setState({ scope });

/** Another connection, or another session, is looked at: what was found elsewhere is let go. */
export function lookAt(session: SessionId | undefined, connection: number | undefined): void {
  const now = findingsStore.getState();
  if (now.session !== session) findingsStore.setState({ session, connection, ofConnection: undefined, ofCapture: undefined });
  else if (now.connection !== connection) findingsStore.setState({ connection, ofConnection: undefined });
}

/** An answer; ignored when the person has moved on. */
export function mergeFindings(session: SessionId, connection: number, findings: readonly Finding[]): void {
  const now = findingsStore.getState();
  if (now.session === session && now.connection === connection) findingsStore.setState({ ofConnection: findings });
}

export function mergeCaptureFindings(session: SessionId, found: CaptureFindings): void {
  if (findingsStore.getState().session === session) findingsStore.setState({ ofCapture: found });
}
