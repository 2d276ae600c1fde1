// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by hand, which table elements forbid
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself takes the focus and the keys, its rows and cells do not
import { type KeyboardEvent, memo, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { ShownSegment, StateSpan } from '../../preload/contract.ts';
import { useWindow } from '../app/window-actions.ts';
import { formatCount } from '../format/numbers.ts';
import { formatDuration, formatMoment } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import type { Side } from '../side.ts';
import { lookOf } from '../state-colours.ts';
import { comparisonStore } from '../stores/comparison.ts';
import { secondsSince } from '../stores/connections.ts';
import { filterStore } from '../stores/filter.ts';
import { runStore, showCause, stepShown } from '../stores/run.ts';
import { segmentsStore } from '../stores/segments.ts';
import { selectConnection, selectPacket } from '../stores/selection.ts';
import { useActions, useComparison, useConnectionTable, useSelectedConnection, useSelection } from '../stores/use.ts';
import { weightOf } from '../timeline/marks.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useTheme } from '../ui/theme.ts';
import { useRows } from '../ui/use-rows.ts';
import { ComparedLadder } from './compared-ladder.tsx';
import { ComparisonBar } from './comparison-bar.tsx';
import { type Rung, rungOf } from './ladder-rows.ts';
import './ladder.css';

const ROW = 46;

/** Every segment between the two ends, of this capture, or of this one and another made elsewhere on the way. */
export function LadderPanel() {
  const compared = useComparison();
  const connection = useSelection((s) => s.connection);
  const inBoth = connection === undefined ? undefined : compared?.connections.get(connection);
  const both = useStore(comparisonStore, (s) => s.showsBoth) && inBoth !== undefined;
  return (
    <>
      {compared && <ComparisonBar facts={compared.facts} connection={inBoth} />}
      {both ? <ComparedLadder facts={compared!.facts} connection={inBoth} /> : <CaptureLadder />}
    </>
  );
}

/** Every segment between the two ends, in order, with the state each one leaves them in. */
function CaptureLadder() {
  const t = useText();
  const actions = useActions();
  const table = useConnectionTable();
  const record = useSelectedConnection();
  const packet = useSelection((s) => s.packet);
  const { rows, total } = useStore(segmentsStore);
  const applied = useStore(filterStore, (s) => s.applied);
  const scroll = useRef<HTMLDivElement>(null);
  const { items, first, last, height, show } = useRows({ count: total, rowHeight: ROW, scroll, overscan: 8 });

  useEffect(() => {
    if (total > 0) actions.wantSegments(first, last);
  }, [actions, first, last, total]);

  const run = useStore(runStore);
  const session = useSelection((s) => s.session);
  const cursor = useSelection((s) => s.cursor);
  const shown = stepShown(run, session);
  /** Not sent yet at the moment that is looked at. */
  const isToCome = (row: ShownSegment): boolean => {
    if (shown !== undefined && row.step !== undefined) return row.step > shown;
    return cursor !== undefined && table?.origin !== undefined && secondsSince(table.origin, row.at) > cursor + 1e-9;
  };
  const picked = packet === undefined ? -1 : rows.findIndex((row) => row?.frame === packet);
  const at = picked >= 0 || shown === undefined ? picked : rows.findLastIndex((row) => row !== undefined && !isToCome(row));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ladder follows the selection once, and is then free to be scrolled
  useEffect(() => {
    if (at >= 0) show(at);
  }, [at]);

  if (!record || !table?.origin)
    return (
      <EmptyState
        icon="down"
        title={t('ladder.emptyTitle')}
        {...(table && table.held > 0 ? { action: { label: t('select.first'), run: () => selectConnection(0) } } : {})}
      >
        {t('ladder.empty')}
      </EmptyState>
    );

  const { origin } = table;
  const choose = (row: ShownSegment | undefined): void => {
    if (!row) return;
    selectPacket(record.id, row.frame, rungOf(row, undefined, record, origin).at);
    if (row.line !== undefined) showCause(row.line);
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -total, End: total };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = Math.min(total - 1, Math.max(0, at + step));
    // What has not arrived yet is scrolled to, which brings it.
    if (rows[to]) choose(rows[to]);
    else show(to);
  };

  return (
    <div className="ladder" role="grid" aria-label={t('panel.ladder')} aria-rowcount={total} tabIndex={0} onKeyDown={onKey}>
      <div className="ladder-head" aria-hidden="true">
        <span className="ladder-who">
          {t('side.client')} <EndpointName endpoint={record.client} />
        </span>
        <span className="ladder-who">
          {t('side.server')} <EndpointName endpoint={record.server} />
        </span>
      </div>
      {applied !== '' && (
        <p className="ladder-filter hint">
          {t(total === 0 ? 'ladder.filteredOut' : 'ladder.filtered', {
            n: formatCount(total),
            total: formatCount(record.packets.client + record.packets.server),
          })}
        </p>
      )}
      <div className="ladder-scroll" ref={scroll} role="rowgroup" tabIndex={-1}>
        <div style={{ height, position: 'relative' }}>
          {items.map(({ index, top }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <RungView
                key={index}
                rung={rungOf(row, rows[index - 1], record, origin)}
                top={top}
                index={index}
                selected={row.frame === packet}
                toCome={isToCome(row)}
                onChoose={() => choose(row)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RungViewProps {
  readonly rung: Rung;
  readonly top: number;
  readonly index: number;
  readonly selected: boolean;
  readonly toCome: boolean;
  readonly onChoose: () => void;
}

const RungView = memo(
  function RungView({ rung, top, index, selected, toCome, onChoose }: RungViewProps) {
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: as above
      <div
        className={`rung rung-${rung.kind} ${selected ? 'rung-on' : ''} ${toCome ? 'rung-to-come' : ''}`}
        role="row"
        aria-rowindex={index + 1}
        aria-selected={selected}
        data-packet={rung.frame}
        data-from={rung.from}
        style={{ transform: `translateY(${top}px)`, height: ROW }}
        onClick={onChoose}
      >
        <span className="rung-time" role="gridcell">
          <span className="mono">{formatMoment(rung.at)}</span>
          <span className="mono faint">{rung.gap === undefined ? '' : `+${formatDuration(rung.gap)}`}</span>
        </span>
        <Arrival side="client" rung={rung} />
        <Lifeline side="client" rung={rung} />
        <span className="rung-arrow" role="gridcell">
          <span className="rung-label">
            <b>{rung.flags}</b> <span className="mono">{rung.numbers}</span>
            {rung.events.map((event) => (
              <em key={event} className={`event-${weightOf(event) ?? 'plain'}`}>
                {event}
              </em>
            ))}{' '}
            <span className="mono rung-window">{rung.window}</span>
          </span>
          <Arrow from={rung.from} />
        </span>
        <Lifeline side="server" rung={rung} />
        <Arrival side="server" rung={rung} />
        <span className="rung-frame mono" role="gridcell">
          #{rung.frame}
          {rung.line !== undefined && <CauseLine line={rung.line} />}
        </span>
      </div>
    );
  },
  (a, b) => a.selected === b.selected && a.toCome === b.toCome && a.top === b.top && JSON.stringify(a.rung) === JSON.stringify(b.rung),
);

/** Where in the script the segment comes from. */
function CauseLine({ line }: { readonly line: number }) {
  const t = useText();
  const window = useWindow();
  const show = (): void => {
    window.show('editor');
    showCause(line);
  };
  return (
    <button
      type="button"
      className="rung-line"
      tabIndex={-1}
      title={t('run.cause', { line })}
      aria-label={t('run.cause', { line })}
      onClick={show}
    >
      {t('run.line', { line })}
    </button>
  );
}

/** The name of the state an end has just come to, beside its lifeline; short where room is. */
function Arrival({ side, rung }: { readonly side: Side; readonly rung: Rung }) {
  const [before, after] = [rung.before[side], rung.after[side]];
  return (
    <span className={`rung-state rung-state-${side}`} role="gridcell">
      {after && after !== before && (
        <>
          <StateBadge state={after.state} certainty={after.certainty} />
          <StateBadge state={after.state} certainty={after.certainty} short />
        </>
      )}
    </span>
  );
}

/** One end's lifeline, in the colour of its state. */
function Lifeline({ side, rung }: { readonly side: Side; readonly rung: Rung }) {
  const theme = useTheme();
  const [before, after] = [rung.before[side], rung.after[side]];
  const colour = (span: StateSpan | undefined): string => (span ? lookOf(span.state).fill[theme] : 'transparent');
  return (
    <span className="rung-margin" role="gridcell" aria-label={after?.state}>
      <span className="lifeline" style={{ background: `linear-gradient(${colour(before)} 50%, ${colour(after)} 50%)` }} />
    </span>
  );
}

/** Down and across: a segment takes time to arrive. */
function Arrow({ from }: { readonly from: Side }) {
  const right = from === 'client';
  return (
    <span className={`arrow arrow-${right ? 'right' : 'left'}`}>
      <svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
        <line x1={right ? 0 : 100} y1={3} x2={right ? 100 : 0} y2={13} vectorEffect="non-scaling-stroke" />
      </svg>
      <svg className="arrow-head" viewBox="0 0 10 10" aria-hidden="true">
        <path d={right ? 'M0 0.5 10 5 0 9.5z' : 'M10 0.5 0 5 10 9.5z'} />
      </svg>
    </span>
  );
}
