import { Worker } from 'node:worker_threads';
import type { CaptureComparison, RequestInput, RequestOutput, Result, SessionId, WorkbenchError } from '../../preload/contract.ts';
import { buffersOf } from '../analysis/align/trace-columns.ts';
import { err, ok } from '../wire/result.ts';
import type { ComparisonCalls, ComparisonInput, PassingFrames } from './comparison-messages.ts';
import type { SessionHandle } from './session.ts';
import { WorkerCalls } from './worker-calls.ts';

interface Comparison {
  readonly own: SessionHandle;
  readonly other: SessionHandle;
  readonly worker: Worker;
  readonly calls: WorkerCalls<ComparisonCalls>;
  /** Told apart from the one before it of the same session. */
  readonly number: number;
}

const notCompared: WorkbenchError = { kind: 'not-compared', message: 'This session is not compared with another capture.' };

/** Sessions that are compared with another, each in a thread of its own, which has the segments of both. */
export class Comparisons {
  readonly #of = new Map<SessionId, Comparison>();
  #last = 0;

  with(session: SessionId): SessionId | undefined {
    return this.#of.get(session)?.other.id;
  }

  /** Takes the place of the session's comparison before it, unless the two have nothing in common. */
  async begin(own: SessionHandle, other: SessionHandle): Promise<Result<CaptureComparison, WorkbenchError>> {
    await Promise.all([own.wasRead, other.wasRead]);
    const packets = { this: own.view.counters.packets, other: other.view.counters.packets };
    const traces = await Promise.all([own.call('trace', null), other.call('trace', null)]).catch(() => undefined);
    if (!traces) return err({ kind: 'no-such-session', message: 'One of the two was closed meanwhile.' });
    const [ofOwn, ofOther] = traces;
    const input: ComparisonInput = { own: ofOwn, other: ofOther };
    const worker = new Worker(new URL('./comparison-worker.js', import.meta.url), {
      workerData: input,
      transferList: [...buffersOf(ofOwn), ...buffersOf(ofOther)],
    });
    const calls = new WorkerCalls<ComparisonCalls>(worker);
    worker.on('message', (message: { readonly id: number; readonly output: unknown }) => calls.answered(message));
    worker.on('error', (error: Error) => calls.lose(`The comparison ended on a fault of its own: ${error.message}`));
    worker.on('exit', () => calls.lose('The comparison has ended.'));
    const comparison: Comparison = { own, other, worker, calls, number: ++this.#last };
    const aligned = await calls.call('align', null).catch((lost: Error) => lost);
    if (!aligned || aligned instanceof Error || own.isClosed || other.isClosed) {
      await worker.terminate();
      return err(aligned instanceof Error ? tooLarge(aligned) : nothingInCommon(own, other));
    }
    await this.end(own.id);
    this.#of.set(own.id, comparison);
    return ok({ session: own.id, with: other.id, packets, ...aligned });
  }

  async end(session: SessionId): Promise<void> {
    const comparison = this.#of.get(session);
    this.#of.delete(session);
    await comparison?.worker.terminate();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#of.keys()].map((session) => this.end(session)));
  }

  /** Ends those that a session has part in; the sessions that were compared with it are told. */
  async leave(session: SessionId): Promise<readonly SessionHandle[]> {
    const ending = [...this.#of.values()].filter(({ own, other }) => own.id === session || other.id === session);
    await Promise.all(ending.map(({ own }) => this.end(own.id)));
    return ending.filter(({ own }) => own.id !== session).map(({ own }) => own);
  }

  async connections({ session, known }: RequestInput<'comparedConnections'>): Promise<RequestOutput<'comparedConnections'>> {
    const comparison = this.#of.get(session);
    return comparison ? ok(await comparison.calls.call('connections', { known })) : err(notCompared);
  }

  async segments({ session, filter, ...page }: RequestInput<'comparedSegments'>): Promise<RequestOutput<'comparedSegments'>> {
    const comparison = this.#of.get(session);
    if (!comparison) return err(notCompared);
    const passing = filter === undefined ? undefined : await this.#passing(comparison, page.connection, filter);
    if (passing && !passing.ok) return passing;
    const answer = await comparison.calls.call('segments', { ...page, ...(passing && { passing: passing.value.frames }) });
    return answer.ok ? ok({ ...answer.value, filtering: passing !== undefined && !passing.value.isThrough }) : answer;
  }

  /** The frames of both captures that pass; the second capture's connection may have another number. */
  async #passing({ own, other, calls, number }: Comparison, connection: number, filter: string) {
    const there = await calls.call('twinOf', { connection });
    if (!there.ok) return there;
    const [here, elsewhere] = await Promise.all([
      own.call('passing', { connection, filter }),
      other.call('passing', { connection: there.value, filter }),
    ]);
    if (!here.ok) return here;
    if (!elsewhere.ok) return elsewhere;
    const [mine, theirs] = [here.value, elsewhere.value];
    const frames: PassingFrames = {
      key: `${number} ${mine.frames.length} ${theirs.frames.length} ${filter}`,
      own: mine.frames,
      other: theirs.frames,
    };
    return ok({ frames, isThrough: mine.isThrough && theirs.isThrough });
  }
}

const nothingInCommon = (own: SessionHandle, other: SessionHandle): WorkbenchError => ({
  kind: 'nothing-in-common',
  message: `${own.view.title} and ${other.view.title} have no segment in common.`,
  help: 'Both must be captures of the same connections, made at the same time.',
});

const tooLarge = ({ message }: Error): WorkbenchError => ({
  kind: 'comparison-lost',
  message,
  help: 'Where that was for want of memory, compare smaller captures: cut to the connection in question, or to a part of it.',
});
