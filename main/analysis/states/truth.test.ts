import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { seqAdd, seqAfter } from '../../wire/seq.ts';
import { Analysis } from '../analysis.ts';
import type { ConnectionRecord, StateSpan } from '../record.ts';
import { type Life, type Lived, live, type TrueEnd } from '../testing/engine-life.ts';
import { faithful, rough } from '../testing/random-lives.ts';
import { momentOf, peerOf, sentBy, type VisibleChange, type VisibleHistory, visibleHistory } from '../testing/visible.ts';

function analysed(lived: Lived): Analysis {
  const analysis = new Analysis();
  for (const batch of lived.batches) analysis.add(batch);
  analysis.advance(Math.floor(lived.end / 1e9), lived.end % 1e9);
  return analysis;
}

const recordOf = (
  analysis: Analysis,
  { host, port, peerPort }: TrueEnd,
): { record: ConnectionRecord; side: 'client' | 'server' } | undefined => {
  for (let id = 0; id < analysis.connectionCount; id++) {
    const record = analysis.record(id);
    const own = host === 'client' ? '10.0.0.1' : '10.0.0.2';
    if (record.client.address === own && record.client.port === port && record.server.port === peerPort) return { record, side: 'client' };
    if (record.server.address === own && record.server.port === port && record.client.port === peerPort) return { record, side: 'server' };
  }
  return undefined;
};

const letters = (s: Segment) =>
  ['F', 'S', 'R', 'P', 'A'].filter((_, i) => (s.flags & [Flag.FIN, Flag.SYN, Flag.RST, Flag.PSH, Flag.ACK][i]!) !== 0).join('');
const show = (lived: Lived, end: TrueEnd): string =>
  lived.frames
    .map((s, i) => {
      const f = lived.fates.get(s)!;
      return s.srcPort + s.dstPort === end.port + end.peerPort
        ? `${i + 1} ${f.from === 'client' ? '>' : '<'} ${letters(s)} ${s.seq % 1e6} ${s.ack % 1e6} ${s.payload.length} sent ${f.sent} arr ${f.arrived} ref ${f.refused}`
        : '';
    })
    .filter((l) => l !== '')
    .join('\n');

/** Where a claim and the truth are the same change, though they name different segments. */
function excused(lived: Lived, end: TrueEnd, { trigger, moment, segment: truth }: VisibleChange, claimed: Segment): boolean {
  const fate = lived.fates.get(claimed)!;
  if (!truth || fate.from !== lived.fates.get(truth)!.from) return false;
  const both = (flag: number) => (claimed.flags & truth.flags & flag) !== 0;
  const tookEffectBefore = fate.arrived.some((arrival) => arrival < moment && !fate.refused.includes(arrival));
  switch (trigger) {
    case 'abort': // The answers of a port that has nobody: any of them shows it.
      return isAnswer(claimed) && isAnswer(truth);
    case 'ack-of-syn':
    case 'ack-of-fin':
      // Of several ACKs the first was lost or overtaken, or the last answers what was sent again while the first was on its way.
      return !tookEffectBefore || sentAgain(lived, end, trigger === 'ack-of-syn' ? Flag.SYN : Flag.FIN, truth, claimed);
    case 'rst':
      return !tookEffectBefore && both(Flag.RST);
    case 'syn':
    case 'syn-ack': // Copies.
      return both(Flag.SYN);
    case 'fin': // Copies; or the truth names what filled the gap before the FIN.
      return (claimed.flags & Flag.FIN) !== 0;
    default:
      return false;
  }
}

/** A RST that no connection sends (RFC 9293 §3.10.7.1). */
const isAnswer = (s: Segment): boolean => (s.flags & Flag.RST) !== 0 && ((s.flags & Flag.ACK) === 0 || s.seq === 0);

/** What waits for its ACK: the SYN or FIN itself, or data before the FIN. */
const repeats = (s: Segment, flag: number): boolean => (s.flags & flag) !== 0 || ((flag & Flag.FIN) !== 0 && s.payload.length > 0);

const sentAgain = (lived: Lived, end: TrueEnd, flag: number, after: Segment, before: Segment): boolean =>
  sentBy(lived, end).some(
    (s) =>
      repeats(s, flag) &&
      lived.frames.lastIndexOf(s) > lived.frames.indexOf(after) &&
      lived.frames.indexOf(s) < lived.frames.indexOf(before),
  );

/** An ACK that had not arrived when its receiver had gone: the claim says itself that it is a guess. */
const crossed = (lived: Lived, end: TrueEnd, span: StateSpan): boolean => {
  if (span.certainty !== 'assumed' || (span.trigger !== 'ack-of-fin' && span.trigger !== 'ack-of-syn')) return false;
  const gone = end.changes.findLast(({ to }) => to === 'CLOSED')?.moment ?? Number.POSITIVE_INFINITY;
  return lived.fates.get(lived.frames[span.packet - 1]!)!.arrived.every((moment) => moment > gone);
};

/** Rule 3: an ACK or a RST that was captured is taken to arrive. This one did not, or was turned away, and nothing told of it. */
const neverArrived = (lived: Lived, span: StateSpan): boolean => {
  if (span.trigger !== 'ack-of-syn' && span.trigger !== 'ack-of-fin' && span.trigger !== 'rst') return false;
  const { arrived, refused } = lived.fates.get(lived.frames[span.packet - 1]!)!;
  return arrived.every((arrival) => refused.includes(arrival));
};

/**
 * The last ACK came twice, doubled by the network or since the FIN was sent again, or late after another: the port, closed by
 * the first, answered the second, as if both had found nobody.
 */
const answersCopy = (lived: Lived, end: TrueEnd, change: VisibleChange, claimed: string, answer: Segment): boolean =>
  claimed === 'abort' &&
  change.trigger === 'ack-of-fin' &&
  (answer.flags & Flag.RST) !== 0 &&
  sentBy(lived, peerOf(end)).some((s) =>
    lived.fates.get(s)!.refused.some((arrival) => arrival > change.moment && arrival < momentOf(lived, answer)),
  );

/**
 * The peer's FIN and its ACK of ours, with the way to TIME-WAIT by the other state: only where the network lost something of
 * the peer's or let it be overtaken, so that the order of the capture is not that of the arrivals.
 */
function exchanged(lived: Lived, end: TrueEnd, [first, second]: readonly StateSpan[], changes: readonly VisibleChange[]): boolean {
  const closing = (trigger: string | undefined) => trigger === 'fin' || trigger === 'ack-of-fin';
  if (!first || !second || !closing(first.trigger) || !closing(second.trigger)) return false;
  if (first.trigger !== changes[1]?.trigger || second.trigger !== changes[0]?.trigger) return false;
  const arrivals = sentBy(lived, peerOf(end)).map((s) => lived.fates.get(s)!.arrived[0] ?? -1);
  return arrivals.some((arrival, i) => arrival < 0 || arrival < (arrivals[i - 1] ?? 0));
}

/** The end sent its SYN,ACK or FIN again while the ACK was on its way, and nothing came after: it looks as if the ACK was lost. */
const looksLost = (lived: Lived, end: TrueEnd, { trigger, segment }: VisibleChange): boolean =>
  segment !== undefined &&
  (trigger === 'ack-of-syn' || trigger === 'ack-of-fin') &&
  sentBy(lived, end).some((s) => repeats(s, Flag.SYN | Flag.FIN) && lived.frames.lastIndexOf(s) > lived.frames.indexOf(segment));

/** The peer's FIN went ahead of its ACK of ours, and the end never acknowledged it: nothing shows which of them came first, if any. */
const waits = (lived: Lived, end: TrueEnd, { trigger, segment, state }: VisibleChange): boolean =>
  segment !== undefined &&
  trigger === 'ack-of-fin' &&
  state === 'FIN-WAIT-2' &&
  sentBy(lived, peerOf(end)).some((fin) => {
    const isFin = (fin.flags & Flag.FIN) !== 0 && momentOf(lived, fin) < momentOf(lived, segment);
    const finEnd = seqAdd(fin.seq, fin.payload.length + 1);
    return isFin && !sentBy(lived, end).some((s) => (s.flags & Flag.ACK) !== 0 && !seqAfter(finEnd, s.ack));
  });

function matches(lived: Lived, end: TrueEnd, claim: StateSpan, change: VisibleChange | undefined): boolean {
  if (!change || claim.state !== change.state) return false;
  if (!change.segment) return claim.trigger === change.trigger && claim.certainty === 'computed';
  const named = lived.frames[claim.packet - 1]!;
  if (change.trigger === 'abort' && claim.trigger === 'ack-of-fin') return neverArrived(lived, claim);
  if (claim.trigger !== change.trigger) return answersCopy(lived, end, change, claim.trigger, named);
  return named === change.segment || excused(lived, end, change, named);
}

/** The analysis could not claim this change, and goes on without it. */
const unshown = (lived: Lived, end: TrueEnd, change: VisibleChange): boolean => looksLost(lived, end, change) || waits(lived, end, change);

/** As `matches`, for an end that looks as if it were still in SYN-RECEIVED: a RST then leads back to LISTEN. */
const follows = (lived: Lived, end: TrueEnd, claim: StateSpan, change: VisibleChange | undefined): boolean =>
  matches(lived, end, claim, change) || (change?.trigger === 'rst' && claim.trigger === 'rst' && claim.state === 'LISTEN');

/** The port answered an ACK that others had overtaken: a RST with an old number may be anybody's, and is not believed. */
const isDoubtfulAnswer = ({ trigger, segment }: VisibleChange): boolean =>
  trigger === 'abort' && segment !== undefined && (segment.flags & Flag.ACK) === 0;

function agrees(lived: Lived, end: TrueEnd, start: string, spans: readonly StateSpan[]): boolean {
  const { start: trueStart, changes } = visibleHistory(lived, end);
  if (start !== trueStart) return false;
  let told = 0;
  let lost = false;
  for (const [i, claim] of spans.entries()) {
    const change = changes[told];
    if (matches(lived, end, claim, change)) told++;
    else if (exchanged(lived, end, spans.slice(i, i + 2), changes.slice(told, told + 2))) told++;
    else if (i > 0 && exchanged(lived, end, spans.slice(i - 1, i + 1), changes.slice(told - 1, told + 1))) told++;
    else if (change && unshown(lived, end, change) && follows(lived, end, claim, changes[told + 1])) told += 2;
    else if (crossed(lived, end, claim)) continue;
    else if (neverArrived(lived, claim) && claim.trigger !== 'rst') lost = true;
    // What rests on it is that it was reset, or that time ended it.
    else
      return (
        (lost || neverArrived(lived, claim)) && spans.slice(i).every((next) => next.trigger === 'rst' || next.certainty === 'computed')
      );
  }
  const [missing, ...rest] = changes.slice(told);
  return (
    !missing ||
    ((unshown(lived, end, missing) || isDoubtfulAnswer(missing)) && rest.every(({ trigger }) => trigger === 'time-wait-timeout'))
  );
}

function disagreement(life: Life): string | undefined {
  const lived = live(life);
  const analysis = analysed(lived);
  for (const end of lived.ends) {
    const found = recordOf(analysis, end);
    const spans: readonly StateSpan[] = found ? found.record.states[found.side] : [];
    if (!agrees(lived, end, spans[0]?.state ?? 'UNKNOWN', spans.slice(1)))
      return `${end.host} ${end.port}: ${report(lived, end, spans, visibleHistory(lived, end))}`;
  }
  return undefined;
}

/** What to look at when they do not agree. */
function report(lived: Lived, end: TrueEnd, [start, ...spans]: readonly StateSpan[], visible: VisibleHistory): string {
  const at = (segment: Segment | undefined) => (segment ? lived.frames.indexOf(segment) + 1 : '-');
  const truth = visible.changes.map((c) => `${c.trigger}>${c.state}@${at(c.segment)}`);
  const mark = { seen: '', assumed: '?', computed: '~' };
  const claimed = spans.map((c) => `${c.trigger}>${c.state}@${at(lived.frames[c.packet - 1])}${mark[c.certainty]}`);
  return [
    `\ntruth   ${visible.start} ${truth.join(' ')}`,
    `claimed ${start?.state} ${claimed.join(' ')}`,
    `really  ${end.changes.map((c) => `${c.trigger}>${c.to}#${c.moment}`).join(' ')}`,
    show(lived, end),
  ].join('\n');
}

/** The frames of a batch that `keeps` lets through, told their number from 0. */
function thinned(batch: FrameBatch, keeps: (i: number) => boolean): FrameBatch {
  const kept = Array.from({ length: batch.count }, (_, i) => i).filter(keeps);
  const of = <T extends Uint32Array | Uint16Array | Float64Array>(column: T): T => column.filter((_, i) => kept.includes(i)) as T;
  return {
    count: kept.length,
    data: batch.data,
    offset: of(batch.offset),
    capturedLength: of(batch.capturedLength),
    originalLength: of(batch.originalLength),
    seconds: of(batch.seconds),
    nanoseconds: of(batch.nanoseconds),
    linkType: of(batch.linkType),
    interfaceId: of(batch.interfaceId),
    position: of(batch.position),
  };
}

/** Both opened at once, and the capture missed this end's SYN: it looks like a listener, whatever follows. */
const looksPassive = (kept: readonly Segment[], { port, peerPort, changes }: TrueEnd): boolean =>
  changes[0]!.trigger === 'active-open' &&
  !kept.some((s) => s.srcPort === port && s.dstPort === peerPort && (s.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN);

/** The same, and it missed this end's SYN,ACK too: the peer's seems to answer its SYN. */
const looksAnswered = (kept: readonly Segment[], { port, peerPort }: TrueEnd, claimed: string, truth: string): boolean =>
  claimed === 'syn-ack' &&
  truth === 'ack-of-syn' &&
  !kept.some((s) => s.srcPort === port && s.dstPort === peerPort && (s.flags & (Flag.SYN | Flag.ACK)) === (Flag.SYN | Flag.ACK));

/** What is claimed as seen and never was: a state the end was not in, or not in this order. */
function falsehood(life: Life, dropped: ReadonlySet<number>): string | undefined {
  const lived = live(life);
  const kept = lived.frames.filter((_, i) => !dropped.has(i));
  let number = 0;
  const analysis = analysed({ ...lived, batches: lived.batches.map((batch) => thinned(batch, () => !dropped.has(number++))) });
  for (const end of lived.ends) {
    const found = recordOf(analysis, end);
    if (!found) continue;
    const [start, ...spans] = found.record.states[found.side];
    const visible = visibleHistory({ ...lived, frames: kept }, end);
    const real = { start: end.changes[0]!.from, changes: end.changes.map(({ to, trigger }) => ({ state: to, trigger })) };
    const holds = [visible, real].some((truth) => {
      if (start!.certainty === 'seen' && start!.state !== truth.start && !looksPassive(kept, end)) return false;
      let at = 0;
      let lost = false;
      return spans.every((span) => {
        if (span.certainty !== 'seen') return true;
        const same = (change: { readonly state: string; readonly trigger: string }) =>
          change.state === span.state && (change.trigger === span.trigger || looksAnswered(kept, end, span.trigger, change.trigger));
        const next = truth.changes.findIndex((change, i) => i >= at && same(change));
        if (next >= 0) at = next + 1;
        if (next >= 0) return true;
        // A claim that rests on an ACK that never arrived is as good as that.
        lost ||= neverArrived({ ...lived, frames: kept }, span);
        return lost && (neverArrived({ ...lived, frames: kept }, span) || span.trigger === 'rst');
      });
    });
    if (!holds) return `${end.host} ${end.port}: ${report({ ...lived, frames: kept }, end, [start!, ...spans], visible)}`;
  }
  return undefined;
}

/** Enough to find again what was ever found; many thousands were tried by hand. */
const RUNS = 500;
const PATIENCE = 60_000;

const none = (wrong: string | undefined): void => {
  if (wrong !== undefined) throw new Error(wrong);
};

describe('a capture that holds every packet tells the true history of both ends', () => {
  test(
    'where all arrives in order',
    () =>
      fc.assert(
        fc.property(faithful, (life) => none(disagreement(life))),
        { numRuns: RUNS },
      ),
    PATIENCE,
  );

  test(
    'where packets are lost, doubled and overtaken, but for what packets cannot show',
    () =>
      fc.assert(
        fc.property(rough, (life) => none(disagreement(life))),
        { numRuns: RUNS },
      ),
    PATIENCE,
  );
});

test(
  'a capture that misses packets claims nothing as seen that never was',
  () => {
    const dropped = fc.uniqueArray(fc.nat(60), { maxLength: 12 });
    fc.assert(
      fc.property(faithful, dropped, (life, frames) => none(falsehood(life, new Set(frames)))),
      { numRuns: RUNS },
    );
  },
  PATIENCE,
);
