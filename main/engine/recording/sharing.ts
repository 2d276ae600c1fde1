import type { ConnectionSnapshot } from '../snapshot.ts';

type Timers = ConnectionSnapshot['timers'];

const sameQueues = (a: ConnectionSnapshot['queues'], b: ConnectionSnapshot['queues']): boolean =>
  a.sendUnacked === b.sendUnacked &&
  a.sendUnsent === b.sendUnsent &&
  a.receiveInOrder === b.receiveInOrder &&
  a.receiveOutOfOrder === b.receiveOutOfOrder &&
  a.sendBuffer === b.sendBuffer &&
  a.receiveBuffer === b.receiveBuffer;

const sameSequence = (a: ConnectionSnapshot['sequence'], b: ConnectionSnapshot['sequence']): boolean =>
  a.sndNxt === b.sndNxt &&
  a.sndUna === b.sndUna &&
  a.rcvNxt === b.rcvNxt &&
  a.sndWnd === b.sndWnd &&
  a.rcvWnd === b.rcvWnd &&
  a.iss === b.iss &&
  a.irs === b.irs;

const sameOptions = (a: ConnectionSnapshot['options'], b: ConnectionSnapshot['options']): boolean =>
  a.timestamps === b.timestamps &&
  a.sack === b.sack &&
  a.windowScale?.send === b.windowScale?.send &&
  a.windowScale?.receive === b.windowScale?.receive;

const sameTimers = (a: Timers, b: Timers): boolean =>
  a.length === b.length && a.every(({ timer, due }, i) => timer === b[i]!.timer && due === b[i]!.due);

/** `now` with those parts of `before` that have not changed; `before` itself where nothing has. */
export function sharing(before: ConnectionSnapshot | undefined, now: ConnectionSnapshot): ConnectionSnapshot {
  if (!before) return now;
  const queues = sameQueues(before.queues, now.queues) ? before.queues : now.queues;
  const sequence = sameSequence(before.sequence, now.sequence) ? before.sequence : now.sequence;
  const options = sameOptions(before.options, now.options) ? before.options : now.options;
  const timers = sameTimers(before.timers, now.timers) ? before.timers : now.timers;
  const same =
    queues === before.queues &&
    sequence === before.sequence &&
    options === before.options &&
    timers === before.timers &&
    now.state === before.state &&
    now.owner === before.owner &&
    now.error === before.error &&
    now.cwnd === before.cwnd &&
    now.ssthresh === before.ssthresh &&
    now.mss === before.mss &&
    now.srtt === before.srtt &&
    now.rto === before.rto &&
    now.retransmissions === before.retransmissions;
  return same ? before : { ...now, queues, sequence, options, timers };
}
