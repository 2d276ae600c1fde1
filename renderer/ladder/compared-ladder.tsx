// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by hand, which table elements forbid
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself takes the focus and the keys, its rows and cells do not
import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { CaptureComparison, ComparedConnection, ComparedMoment, Endpoint, StateSpan } from '../../preload/contract.ts';
import { formatFlags } from '../format/flags.ts';
import { formatDuration, formatMoment } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import type { Side } from '../side.ts';
import { lookOf } from '../state-colours.ts';
import { comparedRowsStore } from '../stores/comparison.ts';
import { connectionsStore, secondsSince } from '../stores/connections.ts';
import { filterStore } from '../stores/filter.ts';
import { PAGE } from '../stores/segments.ts';
import { pointAt, selectConnection, selectPacket, selectSession } from '../stores/selection.ts';
import { useActions, useConnectionTable, useSelectedConnection, useSelection, useSession } from '../stores/use.ts';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useTheme } from '../ui/theme.ts';
import { useRows } from '../ui/use-rows.ts';
import { ComparedArrows } from './compared-arrows.tsx';
import { ROW, strokes } from './compared-geometry.ts';
import { entered, stateAt, statesNearby } from './compared-states.ts';
import { kindOf, numbersOf } from './ladder-rows.ts';

interface ComparedLadderProps {
  readonly facts: CaptureComparison;
  readonly connection: ComparedConnection;
}

/** The room between the two places, by the panel's width. */
const roomBetween = (width: number): number => Math.round(Math.min(220, Math.max(64, width * 0.19)));

/** A connection as two captures saw it: a row for each segment at each place, on one clock, and its way between them. */
export function ComparedLadder({ facts, connection }: ComparedLadderProps) {
  const t = useText();
  const actions = useActions();
  const table = useConnectionTable();
  const record = useSelectedConnection();
  const packet = useSelection((s) => s.packet);
  const cursor = useSelection((s) => s.cursor);
  const applied = useStore(filterStore, (s) => s.applied);
  const { rows, total, arrows } = useStore(comparedRowsStore);
  const there = useStore(connectionsStore, () => connectionsStore.getState().tables.get(facts.with)?.records[connection.other]);
  const [picked, setPicked] = useState<number>();
  const scroll = useRef<HTMLDivElement>(null);
  const { items, first, last, height, width: inner, show } = useRows({ count: total, rowHeight: ROW, scroll, overscan: 6 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that were replaced may have left holes in sight
  useEffect(() => {
    if (total > 0) actions.wantComparedRows(first, last);
  }, [actions, rows, first, last, total]);

  const ownPlace: Side = facts.nearClient === 'this' ? 'client' : 'server';
  const frameHere = (row: ComparedMoment): number | undefined => (row.place === ownPlace ? row.frame : row.partner?.frame);
  const isOn = (index: number): boolean => {
    const row = rows[index];
    return row !== undefined && (packet === undefined ? index === picked : frameHere(row) === packet);
  };
  const at = packet === undefined ? (picked ?? -1) : rows.findIndex((row) => row?.place === ownPlace && row.frame === packet);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ladder follows the selection once, and is then free to be scrolled
  useEffect(() => {
    if (at >= 0) show(at);
  }, [at]);

  if (!record || !table?.origin) return null;
  const { origin } = table;
  const states = statesNearby(facts, connection, record, there);
  const choose = (index: number): void => {
    const row = rows[index];
    // What has not arrived yet is scrolled to, which brings it.
    if (!row) show(index);
    if (!row) return;
    setPicked(index);
    const frame = frameHere(row);
    if (frame === undefined) selectConnection(record.id);
    else selectPacket(record.id, frame, secondsSince(origin, row.at));
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -total, End: total };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(Math.min(total - 1, Math.max(0, (picked ?? at) + step)));
  };
  const showThere = (row: ComparedMoment): void => {
    selectSession(facts.with);
    pointAt(connection.other, row.frame);
  };

  const width = roomBetween(inner);
  const drawn = strokes({ rows, arrows: arrowsOf(arrows, first, last), first, last, width });
  return (
    <div
      className="ladder compared"
      role="grid"
      aria-label={t('compare.ladder')}
      aria-rowcount={total}
      tabIndex={0}
      onKeyDown={onKey}
      style={{ '--between': `${width}px` } as React.CSSProperties}
    >
      <Head facts={facts} client={record.client} server={record.server} ownPlace={ownPlace} />
      {applied !== '' && total === 0 && <p className="ladder-filter hint">{t('compare.filteredOut')}</p>}
      <div className="ladder-scroll" ref={scroll} role="rowgroup" tabIndex={-1}>
        <div style={{ height, position: 'relative' }}>
          {items.map(({ index, top }) => {
            const row = rows[index];
            return (
              row && (
                <MomentRow
                  key={index}
                  row={row}
                  index={index}
                  top={top}
                  at={secondsSince(origin, row.at)}
                  client={stateAt(states, 'client', row)}
                  server={stateAt(states, 'server', row)}
                  entered={entered(states, row)}
                  isHere={row.place === ownPlace}
                  selected={isOn(index)}
                  toCome={cursor !== undefined && secondsSince(origin, row.at) > cursor + 1e-9}
                  onChoose={() => choose(index)}
                  onShowThere={() => showThere(row)}
                />
              )
            );
          })}
          <ComparedArrows
            strokes={drawn}
            rows={rows}
            isOn={isOn}
            top={items[0]?.top ?? 0}
            width={width}
            height={(last - first + 1) * ROW}
          />
        </div>
      </div>
    </div>
  );
}

/** What is under way in the pages in sight; a way that two pages tell of is drawn once. */
const arrowsOf = (arrows: ReadonlyMap<number, readonly (readonly [number, number])[]>, first: number, last: number) =>
  [Math.floor(first / PAGE), Math.floor(last / PAGE)].flatMap((page) => arrows.get(page) ?? []);

interface HeadProps {
  readonly facts: CaptureComparison;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly ownPlace: Side;
}

/** Client, the place near it, the place near the server, server. */
function Head({ facts, client, server, ownPlace }: HeadProps) {
  const t = useText();
  const [own, other] = [useSession(facts.session)?.title ?? '', useSession(facts.with)?.title ?? ''];
  const placeOf = (side: Side): string => (side === ownPlace ? own : other);
  return (
    <div className="compared-head" aria-hidden="true">
      <span className="compared-end">
        {t('side.client')} <EndpointName endpoint={client} />
      </span>
      <span className="compared-place" title={placeOf('client')}>
        {placeOf('client')}
      </span>
      <span className="compared-place compared-place-server" title={placeOf('server')}>
        {placeOf('server')}
      </span>
      <span className="compared-end">
        {t('side.server')} <EndpointName endpoint={server} />
      </span>
    </div>
  );
}

interface MomentRowProps {
  readonly row: ComparedMoment;
  readonly index: number;
  readonly top: number;
  readonly at: number;
  readonly client: StateSpan | undefined;
  readonly server: StateSpan | undefined;
  readonly entered: StateSpan | undefined;
  /** Seen by the capture shown, not by the other. */
  readonly isHere: boolean;
  readonly selected: boolean;
  readonly toCome: boolean;
  readonly onChoose: () => void;
  readonly onShowThere: () => void;
}

const MomentRow = memo(
  function MomentRow(props: MomentRowProps) {
    const { row, index, top, selected, toCome, onChoose } = props;
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: as above
      <div
        className={`moment moment-${row.place} rung-${kindOf(row)} ${selected ? 'rung-on' : ''} ${toCome ? 'rung-to-come' : ''}`}
        role="row"
        aria-rowindex={index + 1}
        aria-selected={selected}
        data-place={row.place}
        data-frame={row.frame}
        data-from={row.from}
        data-fate={row.fate}
        style={{ transform: `translateY(${top}px)`, height: ROW }}
        onClick={onChoose}
      >
        <Life span={props.client} />
        <span className="moment-cell" role="gridcell">
          {row.place === 'client' && <Said {...props} />}
        </span>
        <span className="moment-between" role="presentation" />
        <span className="moment-cell" role="gridcell">
          {row.place === 'server' && <Said {...props} />}
        </span>
        <Life span={props.server} />
      </div>
    );
  },
  (a, b) =>
    a.selected === b.selected &&
    a.toCome === b.toCome &&
    a.top === b.top &&
    a.row === b.row &&
    a.at === b.at &&
    a.client === b.client &&
    a.server === b.server,
);

/** One segment at one place: when, which frame, what it says, and what became of it. */
function Said({ row, at, entered, isHere, onShowThere }: MomentRowProps) {
  const t = useText();
  const leaves = row.from === row.place;
  return (
    <>
      {entered && (
        <span className="moment-state">
          <StateBadge state={entered.state} certainty={entered.certainty} />
          <StateBadge state={entered.state} certainty={entered.certainty} short />
        </span>
      )}
      <span className="mono moment-time">{formatMoment(at)}</span>
      {isHere ? (
        <span className="mono faint">#{row.frame}</span>
      ) : (
        <button
          type="button"
          className="link mono moment-there"
          tabIndex={-1}
          title={t('compare.showThere', { frame: row.frame })}
          onClick={(event) => {
            event.stopPropagation();
            onShowThere();
          }}
        >
          #{row.frame}
        </button>
      )}
      <span className="moment-label" title={`${formatFlags(row.flags)} ${numbersOf(row)}`}>
        <b>{formatFlags(row.flags)}</b> <span className="mono">{numbersOf(row)}</span>
      </span>
      {row.fate !== 'arrived' && (
        <em className={`fate fate-${row.fate}`} title={t(`fateHelp.${row.fate === 'not-captured' ? 'notCaptured' : row.fate}`)}>
          {t(`fate.${row.fate}`)}
        </em>
      )}
      {row.way !== undefined && !leaves && <span className="mono moment-way">{formatDuration(row.way / 1e9)}</span>}
    </>
  );
}

/** One end's lifeline, in the colour of its state. */
function Life({ span }: { readonly span: StateSpan | undefined }) {
  const theme = useTheme();
  return (
    <span className="moment-life" role="gridcell" aria-label={span?.state}>
      <span className="lifeline" style={{ background: span ? lookOf(span.state).fill[theme] : 'transparent' }} />
    </span>
  );
}
