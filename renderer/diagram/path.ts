import type { Instant, StateSpan } from '../../preload/contract.ts';
import { spanIndexAt } from '../timeline/geometry.ts';
import { edgeKey } from './geometry.ts';

/** The way an endpoint has gone: the edges it took, each with the packet behind it, and the state it is in. */
export interface Way {
  readonly current: StateSpan | undefined;
  readonly taken: ReadonlyMap<string, StateSpan>;
}

/** Up to `cursor` (seconds since `origin`), or to the end when there is none. */
export function wayOf(spans: readonly StateSpan[], origin: Instant | undefined, cursor: number | undefined): Way {
  const last = cursor === undefined || !origin ? spans.length - 1 : spanIndexAt(spans, origin, cursor);
  const taken = new Map<string, StateSpan>();
  for (let i = 1; i <= last; i++) taken.set(edgeKey(spans[i - 1]!.state, spans[i]!.state), spans[i]!);
  return { current: spans[last], taken };
}
