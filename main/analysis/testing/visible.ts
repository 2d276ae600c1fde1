import type { TcpState } from '../../tcp-model/states.ts';
import { type Trigger, transition, transitionsOn } from '../../tcp-model/transitions.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { seqAfter } from '../../wire/seq.ts';
import type { Lived, TrueEnd } from './engine-life.ts';

/** One change of state as packets can show it. */
export interface VisibleChange {
  readonly state: TcpState;
  readonly trigger: Trigger;
  /** The segment that arrived, or the one that a call of the user sent; none for what time alone did. */
  readonly segment: Segment | undefined;
  /** When it took place. */
  readonly moment: number;
}

export interface VisibleHistory {
  readonly start: TcpState | 'UNKNOWN';
  readonly changes: readonly VisibleChange[];
}

type TrueChange = TrueEnd['changes'][number];

const has = (segment: Segment, flag: number): boolean => (segment.flags & flag) !== 0;

/**
 * What packets can show of an end's true history, and no more is allowed to be missing:
 *
 * - A close that waits behind unsent data is not seen before the FIN leaves; until then the end counts as open.
 * - A FIN that was taken but never acknowledged, because the end was reset or aborted first, moved nobody.
 * - An end without a sound (patience ran out, a program gave up what no peer has to know of) is seen when the port
 *   answers with a RST, if ever.
 */
export function visibleHistory(lived: Lived, end: TrueEnd): VisibleHistory {
  const sent = sentBy(lived, end);
  if (sent.length === 0) return { start: 'UNKNOWN', changes: [] };
  const moved: { readonly change: TrueChange; readonly moment: number; readonly segment: Segment | undefined }[] = [];
  for (const change of end.changes) {
    const after = sent.filter((segment) => momentOf(lived, segment) > change.moment);
    switch (change.trigger) {
      case 'active-open':
        moved.push({ change, moment: change.moment, segment: sent.find((s) => has(s, Flag.SYN)) });
        break;
      case 'close': {
        const fin = after.find((s) => has(s, Flag.FIN));
        if (fin && change.to !== 'CLOSED') moved.push({ change, moment: momentOf(lived, fin) - 0.5, segment: fin });
        else if (change.to === 'CLOSED') silentEnd(change);
        break;
      }
      case 'fin': {
        if (sent.some((s) => has(s, Flag.ACK) && !seqAfter(finEnd(lived, end), s.ack)))
          moved.push({ change, moment: change.moment, segment: change.segment });
        break;
      }
      case 'abort': {
        const reset = sent.findLast((s) => has(s, Flag.RST) && momentOf(lived, s) < change.moment);
        const isLast = reset !== undefined && sent.filter((s) => momentOf(lived, s) < change.moment).at(-1) === reset;
        if (isLast) moved.push({ change, moment: change.moment, segment: reset });
        else silentEnd(change);
        break;
      }
      case 'user-timeout':
      case 'fin-wait-2-timeout':
        silentEnd(change);
        break;
      default:
        moved.push({ change, moment: change.moment, segment: change.segment });
    }
    function silentEnd(change: TrueChange): void {
      const isCaptured = (s: Segment) => has(s, Flag.RST) && lived.frames.includes(s);
      const answer = after.find(isCaptured);
      const told = sentBy(lived, peerOf(end)).find(
        (s) => isCaptured(s) && (lived.fates.get(s)!.arrived[0] ?? 0) > change.moment && !isOld(lived, end, s),
      );
      const first = answer && told ? (lived.frames.indexOf(answer) < lived.frames.indexOf(told) ? answer : told) : (answer ?? told);
      if (first) moved.push({ change: { ...change, trigger: first === answer ? 'abort' : 'rst' }, moment: change.moment, segment: first });
      else if (isUnanswered(lived, end, sent))
        moved.push({ change: { ...change, trigger: 'user-timeout' }, moment: change.moment, segment: undefined });
    }
  }
  moved.sort((a, b) => a.moment - b.moment);
  return replay(end.changes[0]!.from, moved);
}

/** Takes the triggers through the table in the order in which they show. */
function replay(
  start: TcpState,
  moved: readonly { readonly change: TrueChange; readonly moment: number; readonly segment: Segment | undefined }[],
): VisibleHistory {
  const changes: VisibleChange[] = [];
  let state = start;
  for (const { change, moment, segment } of moved) {
    if (change.trigger === 'time-wait-timeout' && state !== 'TIME-WAIT') continue; // seen as LAST-ACK > CLOSED
    const row = transition(state, change.trigger, change.to) ?? transitionsOn(state, change.trigger)[0];
    if (!row) throw new Error(`no row ${state} ${change.trigger}, seen after ${changes.map((c) => c.state).join(' ')}`);
    changes.push({ state: row.to, trigger: row.trigger, segment, moment });
    state = row.to;
  }
  return { start, changes };
}

type Name = Pick<TrueEnd, 'host' | 'port' | 'peerPort'>;

export const peerOf = ({ host, port, peerPort }: Name): Name => ({
  host: host === 'client' ? 'server' : 'client',
  port: peerPort,
  peerPort: port,
});

/** The segments an end sent, in order. */
export function sentBy(lived: Lived, end: Name): Segment[] {
  return [...lived.fates].flatMap(([segment, { from }]) =>
    from === end.host && segment.srcPort === end.port && segment.dstPort === end.peerPort ? [segment] : [],
  );
}

export const momentOf = (lived: Lived, segment: Segment): number => lived.fates.get(segment)!.sent;

/** It sent its SYN more than once, and nothing was captured of its peer: time tells that it is gone. */
const isUnanswered = (lived: Lived, end: TrueEnd, sent: readonly Segment[]): boolean =>
  sent.length > 1 && sent.every((s) => has(s, Flag.SYN)) && !lived.frames.some((s) => s.srcPort === end.peerPort && s.dstPort === end.port);

/** A RST with a number that the end was seen to acknowledge beyond: it answers an ACK that others had overtaken, and may be anybody's. */
const isOld = (lived: Lived, end: TrueEnd, reset: Segment): boolean =>
  lived.frames
    .slice(0, lived.frames.indexOf(reset))
    .some(
      (s) => lived.fates.get(s)!.from === end.host && s.srcPort === end.port && s.dstPort === end.peerPort && seqAfter(s.ack, reset.seq),
    );

/** What acknowledges the peer's FIN. */
function finEnd(lived: Lived, end: TrueEnd) {
  for (const [segment, { from }] of lived.fates)
    if (from !== end.host && segment.srcPort === end.peerPort && segment.dstPort === end.port && has(segment, Flag.FIN))
      return ((segment.seq + segment.payload.length + 1) >>> 0) as Segment['seq'];
  throw new Error('the peer sent no FIN');
}
