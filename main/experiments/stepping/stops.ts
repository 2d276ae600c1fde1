import type { TcpState } from '../../tcp-model/states.ts';
import { nanos } from '../../wire/units.ts';
import type { SegmentView } from '../targets/target.ts';
import type { Happening } from './journal.ts';
import type { Unit } from './position.ts';
import type { RunRecorder } from './run-recorder.ts';

/** Where a run shall stop. */
export type Stop =
  | { readonly kind: 'unit'; readonly unit: Unit }
  /** The script comes to one of these lines. */
  | { readonly kind: 'lines'; readonly lines: readonly number[] }
  /** An endpoint reaches the state; of that host, where one is named. */
  | { readonly kind: 'state'; readonly state: TcpState; readonly host?: string }
  /** A segment that fits is put on a link. */
  | { readonly kind: 'segment'; readonly fits: (segment: SegmentView) => boolean }
  /** Nanoseconds of the target's clock. */
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'end' }
  /** Whatever a search of the asker's own finds. */
  | { readonly kind: 'search'; readonly search: (after: number) => Search };

/** Finds the first step after `after` at which to stop, as far as the run has come; each part of it is looked at once. */
export type Search = () => number | undefined;

export function searchFor(stop: Stop, after: number, recorder: RunRecorder): Search {
  const { journal, recording } = recorder;
  switch (stop.kind) {
    case 'unit': {
      const { unit } = stop;
      const event = () => (recording.length > after ? after + 1 : undefined);
      return unit === 'event' ? event : () => journal.next(unit, after) ?? (journal.isFull ? event() : undefined);
    }
    case 'lines': {
      let seen = after;
      return () => {
        for (let step = journal.next('line', seen); step !== undefined; step = journal.next('line', seen)) {
          seen = step;
          if (stop.lines.includes(journal.lineAt(step)!)) return step;
        }
        return undefined;
      };
    }
    case 'state':
      return happening(
        recorder,
        after,
        ({ fact }) => fact.kind === 'state' && fact.to === stop.state && (stop.host ?? fact.host) === fact.host,
      );
    case 'segment':
      return happening(recorder, after, ({ fact }) => fact.kind === 'segment' && stop.fits(fact.segment));
    case 'time':
      return () => {
        const { step, time } = recording.momentAt(recording.length);
        if (time < stop.time) return undefined;
        return Math.max(after, Math.min(recording.firstAt(nanos(stop.time)), step));
      };
    case 'step':
      return () => (recording.length >= stop.step ? stop.step : undefined);
    case 'end':
      return () => undefined;
    case 'search':
      return stop.search(after);
  }
}

function happening({ journal }: RunRecorder, after: number, fits: (one: Happening) => boolean): Search {
  let next = journal.firstBeyond(after);
  return () => {
    for (; next < journal.happenings.length; next++) {
      const one = journal.happenings[next]!;
      if (fits(one)) return one.step;
    }
    return undefined;
  };
}
