import type { CaptureComparison, ComparedConnection, ComparedMoment, ConnectionRecord, StateSpan } from '../../preload/contract.ts';
import type { Side } from '../side.ts';

export type EndStates = Readonly<Record<Side, readonly StateSpan[]>>;

/** Both ends' states, each as the capture nearer to that end tells them: it saw first what that end sent, and last what came to it. */
export function statesNearby(
  { nearClient }: CaptureComparison,
  { turned }: ComparedConnection,
  own: ConnectionRecord,
  other: ConnectionRecord | undefined,
): EndStates {
  const there = (side: Side): readonly StateSpan[] => other?.states[turned ? (side === 'client' ? 'server' : 'client') : side] ?? [];
  const seen = (spans: readonly StateSpan[]): readonly StateSpan[] => spans.filter(({ certainty }) => certainty !== 'computed');
  return nearClient === 'this'
    ? { client: seen(own.states.client), server: seen(there('server')) }
    : { client: seen(there('client')), server: seen(own.states.server) };
}

/** An end's state once this was seen. */
export const stateAt = (states: EndStates, side: Side, { passed }: Pick<ComparedMoment, 'passed'>): StateSpan | undefined =>
  states[side].findLast(({ packet }) => packet <= passed[side]);

/** The state to which this very segment brought the end that it was seen near to. */
export const entered = (states: EndStates, { place, frame }: Pick<ComparedMoment, 'place' | 'frame'>): StateSpan | undefined =>
  states[place].findLast(({ packet, trigger }) => packet === frame && trigger !== 'start');
