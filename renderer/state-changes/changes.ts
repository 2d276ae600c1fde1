import type { ConnectionRecord, StateSpan } from '../../preload/contract.ts';
import type { Side } from '../side.ts';

/** One change of one end, with the state it left. The first row of each end has none: it only says where it began. */
export interface Change {
  readonly side: Side;
  readonly from: StateSpan['state'] | undefined;
  readonly span: StateSpan;
}

/** Both ends' changes as they happened; at the same moment in the order of packets, and the client first. */
export function changesOf({ states }: Pick<ConnectionRecord, 'states'>): readonly Change[] {
  const of = (side: Side): Change[] => states[side].map((span, i) => ({ side, from: states[side][i - 1]?.state, span }));
  const client = of('client');
  const server = of('server');
  const merged: Change[] = [];
  // Each end's own order is kept whatever its clock says: two changes may share a moment.
  while (client.length > 0 || server.length > 0) {
    const [a, b] = [client[0], server[0]];
    if (a && (!b || compare(a.span, b.span) <= 0)) merged.push(client.shift()!);
    else merged.push(server.shift()!);
  }
  return merged;
}

const compare = (a: StateSpan, b: StateSpan): number =>
  a.from.seconds - b.from.seconds || a.from.nanoseconds - b.from.nanoseconds || a.packet - b.packet;
