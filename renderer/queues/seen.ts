import type { ConnectionRecord, ListenerRecord, QueueLength } from '../../preload/contract.ts';
import type { Point } from './decimate.ts';

/** How long a queue was at a time. */
export function lengthAt(history: readonly QueueLength[], at: number): number {
  let length = 0;
  for (const point of history) {
    if (point.at > at) break;
    length = point.length;
  }
  return length;
}

/** Both queues' lengths over time; `shift` brings their times to the session's. */
export function seenSeries({ synQueue, acceptQueue }: ListenerRecord, shift: number): readonly Point[] {
  const times = [...synQueue.history, ...acceptQueue.history].map(({ at }) => at).sort((a, b) => a - b);
  const points: Point[] = [];
  let [syn, accept] = [0, 0];
  for (const at of times) {
    while (synQueue.history[syn] && synQueue.history[syn]!.at <= at) syn++;
    while (acceptQueue.history[accept] && acceptQueue.history[accept]!.at <= at) accept++;
    const point = {
      time: at + shift,
      syn: synQueue.history[syn - 1]?.length ?? 0,
      accept: acceptQueue.history[accept - 1]?.length ?? 0,
    };
    if (points.at(-1)?.time === point.time) points[points.length - 1] = point;
    else points.push(point);
  }
  return points;
}

/** The listener of the selected connection first; the others as they came. */
export function inOrder(listeners: readonly ListenerRecord[], record: ConnectionRecord | undefined): readonly ListenerRecord[] {
  const isItsOwn = ({ endpoint }: ListenerRecord) =>
    record !== undefined && endpoint.address === record.server.address && endpoint.port === record.server.port;
  return [...listeners.filter(isItsOwn), ...listeners.filter((one) => !isItsOwn(one))];
}
