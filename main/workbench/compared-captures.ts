import type { ComparedConnection, ComparedMoment } from '../../preload/contract.ts';
import { type Alignment, alignCaptures, lead } from '../analysis/align/alignment.ts';
import type { Fate } from '../analysis/align/fate.ts';
import type { Match } from '../analysis/align/matching.ts';
import { Moments, type PlacedMoment } from '../analysis/align/moments.ts';
import type { Captured, Identity } from '../analysis/align/trace.ts';
import { capturedFrom } from '../analysis/align/trace-columns.ts';
import { later } from '../analysis/clock.ts';
import type { Side } from '../analysis/record.ts';
import { err, ok } from '../wire/result.ts';
import { Flag } from '../wire/segment.ts';
import type { ComparisonCalls, ComparisonInput, PassingFrames } from './comparison-messages.ts';

/** So long one question may keep the thread busy; who wants more asks again. */
const BUDGET_MS = 60;
/** Connections told of in one answer. */
const MOST_CONNECTIONS = 2000;

/** Two captures side by side, for questions in no order: the connections are judged as they are asked for, the one looked at is kept. */
export class ComparedCaptures {
  readonly #own: Captured;
  readonly #other: Captured;
  readonly #alignment: Alignment | undefined;
  readonly #matches: ReadonlyMap<number, Match>;
  readonly #judged: ComparedConnection[] = [];
  #shown: { readonly key: string; readonly moments: Moments } | undefined;

  constructor({ own, other }: ComparisonInput) {
    this.#own = capturedFrom(own);
    this.#other = capturedFrom(other);
    this.#alignment = alignCaptures(this.#own, this.#other);
    this.#matches = new Map(this.#alignment?.matches.map((match) => [match.a, match]));
  }

  align(): ReturnType<ComparisonCalls['align']> {
    if (!this.#alignment) return undefined;
    const { nearClient, clock, matches } = this.#alignment;
    const told = clock && { ...clock, ahead: lead(this.#own, this.#other, clock) };
    return { nearClient: nearClient === 'a' ? 'this' : 'other', ...(told && { clock: told }), connections: matches.length };
  }

  connections(known: number): ReturnType<ComparisonCalls['connections']> {
    const { matches = [], judge } = this.#alignment ?? {};
    const until = performance.now() + BUDGET_MS;
    while (this.#judged.length < matches.length && this.#judged.length < known + MOST_CONNECTIONS && performance.now() < until) {
      const { a, b, turned, directions } = judge!(matches[this.#judged.length]!);
      this.#judged.push({ id: a, other: b, turned, directions });
    }
    return this.#judged.slice(known, known + MOST_CONNECTIONS);
  }

  twinOf(connection: number): ReturnType<ComparisonCalls['twinOf']> {
    const match = this.#matches.get(connection);
    return match ? ok(match.b) : notInBoth(connection);
  }

  segments({ connection, from, count, passing }: Parameters<ComparisonCalls['segments']>[0]): ReturnType<ComparisonCalls['segments']> {
    const match = this.#matches.get(connection);
    if (!match) return notInBoth(connection);
    const moments = this.#momentsOf(match, passing);
    const end = Math.min(from + count, moments.count);
    const { bases } = this.#own.identity(connection);
    return ok({
      total: moments.count,
      rows: Array.from({ length: Math.max(0, end - from) }, (_, i) => this.#told(moments, moments.row(from + i), bases)),
      arrows: moments.arrows(from, end),
    });
  }

  #momentsOf(match: Match, passing: PassingFrames | undefined): Moments {
    const key = `${match.a} ${passing?.key ?? ''}`;
    if (this.#shown?.key !== key) {
      const fates = this.#alignment!.fates(match);
      const shown = passing ? fates.filter(this.#passes(passing)) : fates;
      this.#shown = { key, moments: new Moments(shown) };
    }
    return this.#shown.moments;
  }

  /** A segment passes if it does in either capture. */
  #passes({ own, other }: PassingFrames): (fate: Fate) => boolean {
    const frames = { this: new Set(own), other: new Set(other) };
    return ({ from, sent, arrived }) =>
      (sent !== undefined && frames[this.#captureAt(from)].has(sent.frame)) ||
      (arrived !== undefined && frames[this.#captureAt(from === 'client' ? 'server' : 'client')].has(arrived.frame));
  }

  #captureAt(place: Side): 'this' | 'other' {
    return (place === 'client') === (this.#alignment!.nearClient === 'a') ? 'this' : 'other';
  }

  #told(moments: Moments, { fate, place, frame, at, partner, passed }: PlacedMoment, bases: Identity['bases']): ComparedMoment {
    const peer = fate.from === 'client' ? 'server' : 'client';
    const relative = (number: number, side: Side): number => (number - bases[side]) >>> 0;
    return {
      place,
      frame,
      at: later(this.#own.start!, Math.round(at)),
      from: fate.from,
      flags: fate.flags,
      length: fate.length,
      fate: fate.fate,
      relativeSeq: relative(fate.seq, fate.from),
      relativeAck: (fate.flags & Flag.ACK) === 0 ? 0 : relative(fate.ack, peer),
      passed,
      ...(partner === undefined ? {} : { partner: { row: partner, frame: moments.row(partner).frame } }),
      ...(fate.sent && fate.arrived ? { way: fate.arrived.at - fate.sent.at } : {}),
    };
  }
}

const notInBoth = (connection: number) => err({ kind: 'not-in-both', message: `Connection ${connection} is not in the other capture.` });
