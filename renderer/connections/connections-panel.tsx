// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by hand, which table elements forbid
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself takes the focus and the keys, its rows and cells do not
import { type KeyboardEvent, memo, useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import type { ComparedConnection, ConnectionRecord, Instant } from '../../preload/contract.ts';
import { NothingPasses } from '../filter/nothing-passes.tsx';
import { formatCount, formatOctets } from '../format/numbers.ts';
import { formatDuration, formatMoment } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import { connectionsStore, secondsSince } from '../stores/connections.ts';
import { filterStore } from '../stores/filter.ts';
import { selectConnection } from '../stores/selection.ts';
import { useActions, useComparison, useConnectionTable, useNothingPasses, useSelection } from '../stores/use.ts';
import { spanAt } from '../timeline/geometry.ts';
import { weightOf } from '../timeline/marks.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { Icon } from '../ui/icon.tsx';
import { rowAfter } from '../ui/row-keys.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { useRows } from '../ui/use-rows.ts';
import { useSlowly } from '../ui/use-slowly.ts';
import { COLUMNS, type Column, listed, listStore, type Order } from './order.ts';
import './connections.css';

const ROW = 28;
/** The headings stay on top, within the same scroller, so that columns stay under them. */
const HEAD = 28;
/** More connections than this are not sorted anew at every delta. */
const MANY = 2000;

/** Every connection of the session: who, in which state at each end, how much, since when, what happened. */
export function ConnectionsPanel() {
  const t = useText();
  const actions = useActions();
  const table = useConnectionTable();
  const version = useSlowly(
    useStore(connectionsStore, (s) => s.version),
    (table?.held ?? 0) > MANY ? 500 : 0,
  );
  const selected = useSelection((s) => s.connection);
  const cursor = useSelection((s) => s.cursor);
  const compared = useComparison();
  const nothingPasses = useNothingPasses();
  const { order, search } = useStore(listStore);
  const { applied, passing: found, progress } = useStore(filterStore);
  const passing = applied === '' ? undefined : found;
  const scroll = useRef<HTMLDivElement>(null);
  // The records are written in place: their version is what tells that they changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const rows = useMemo(() => listed(table?.records ?? [], order, search, passing), [table, version, order, search, passing, progress]);
  const { items, height, show } = useRows({ count: rows.length, rowHeight: ROW, scroll, overscan: 10, head: HEAD });

  const at = selected === undefined ? -1 : rows.findIndex((record) => record.id === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list follows the selection, not the other way round
  useEffect(() => {
    if (at >= 0) show(at);
  }, [selected]);

  if (!table || table.held === 0)
    return (
      <EmptyState
        icon="table"
        title={t('connections.emptyTitle')}
        action={{ label: t('connections.start'), run: () => void actions.startCapture() }}
      >
        {t('connections.empty')}
      </EmptyState>
    );

  const onKey = (event: KeyboardEvent): void => {
    const next = rowAfter(event.key, at, rows.length);
    if (next === undefined) return;
    event.preventDefault();
    selectConnection(rows[next]?.id);
  };

  return (
    <>
      <div className="panel-bar">
        <input
          className="field field-search"
          type="search"
          value={search}
          placeholder={t('connections.search')}
          aria-label={t('connections.search')}
          onChange={(event) => listStore.setState({ search: event.target.value })}
        />
        <span className="hint">{t('connections.shown', { n: formatCount(rows.length), total: formatCount(table.total) })}</span>
      </div>
      {nothingPasses ? (
        <NothingPasses />
      ) : (
        <div
          className="grid connections-grid"
          role="grid"
          aria-label={t('panel.connections')}
          aria-rowcount={rows.length + 1}
          tabIndex={0}
          onKeyDown={onKey}
        >
          <div className="grid-scroll" ref={scroll} role="rowgroup" tabIndex={-1}>
            <div className="grid-body" style={{ height }}>
              <div className="grid-row grid-head" role="row" aria-rowindex={1}>
                {COLUMNS.map((column) => (
                  <Heading key={column} column={column} order={order} onOrder={(chosen) => listStore.setState({ order: chosen })} />
                ))}
              </div>
              {items.map(({ index, top }) => {
                const record = rows[index];
                return (
                  record && (
                    <Row
                      key={record.id}
                      record={record}
                      origin={table.origin ?? record.start}
                      cursor={cursor}
                      compared={compared?.connections.get(record.id)}
                      selected={record.id === selected}
                      index={index}
                      top={top}
                    />
                  )
                );
              })}
            </div>
          </div>
        </div>
      )}
    </>
  );
}

interface HeadingProps {
  readonly column: Column;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
}

function Heading({ column, order, onOrder }: HeadingProps) {
  const t = useText();
  const on = order.column === column;
  return (
    <span role="columnheader" aria-sort={on ? (order.descending ? 'descending' : 'ascending') : 'none'} className={`cell-${column}`}>
      <button type="button" className="heading" tabIndex={-1} onClick={() => onOrder({ column, descending: on && !order.descending })}>
        {t(`column.${column}`)}
        <span aria-hidden="true">{on ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </span>
  );
}

interface RowProps {
  readonly record: ConnectionRecord;
  readonly origin: Instant;
  readonly cursor: number | undefined;
  /** In the other capture, too, where two are compared. */
  readonly compared: ComparedConnection | undefined;
  readonly selected: boolean;
  readonly index: number;
  readonly top: number;
}

const Row = memo(function Row({ record, origin, cursor, compared, selected, index, top }: RowProps) {
  const client = spanAt(record.states.client, origin, cursor);
  const server = spanAt(record.states.server, origin, cursor);
  const known = summary(
    record.events.filter((event) => weightOf(event.kind) !== undefined && weightOf(event.kind) !== 'good').map((event) => event.kind),
  );
  // Of a connection with very many events only the latest come along.
  const found = record.eventCount > record.events.length ? `${known}, …` : known;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      className={`grid-row ${selected ? 'grid-row-on' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-connection={record.id}
      style={{ transform: `translateY(${top}px)`, height: ROW }}
      onClick={() => selectConnection(record.id)}
    >
      <span role="gridcell" className="cell-id mono">
        {record.id}
      </span>
      <span role="gridcell" className="cell-client">
        <EndpointName endpoint={record.client} />
      </span>
      <span role="gridcell" className="cell-server">
        <EndpointName endpoint={record.server} />
      </span>
      <span role="gridcell" className="cell-clientState">
        {client && <StateBadge state={client.state} certainty={client.certainty} />}
      </span>
      <span role="gridcell" className="cell-serverState">
        {server && <StateBadge state={server.state} certainty={server.certainty} />}
      </span>
      <span role="gridcell" className="cell-packets mono" title={`${record.packets.client} → · ← ${record.packets.server}`}>
        {formatCount(record.packets.client + record.packets.server)}
      </span>
      <span role="gridcell" className="cell-bytes mono" title={`${record.bytes.client} → · ← ${record.bytes.server}`}>
        {formatOctets(record.bytes.client + record.bytes.server)}
      </span>
      <span role="gridcell" className="cell-start mono">
        {formatMoment(secondsSince(origin, record.start))}
      </span>
      <span role="gridcell" className="cell-duration mono">
        {formatDuration(secondsSince(record.start, record.end))}
      </span>
      <span role="gridcell" className="cell-events" title={found}>
        {compared && <InBoth {...compared} />}
        <span className="cell-found">{found}</span>
      </span>
    </div>
  );
});

/** The mark of a connection that both captures hold, and how many of its segments were lost between them. */
function InBoth({ directions: { client, server } }: ComparedConnection) {
  const t = useText();
  const lost = client.lost + server.lost;
  const label = lost > 0 ? t('compare.inBothLost', { n: formatCount(lost) }) : t('compare.inBoth');
  return (
    <span className={`in-both ${lost > 0 ? 'in-both-lost' : ''}`} role="img" aria-label={label} title={label}>
      <Icon name="compare" size={13} />
      {lost > 0 && `−${formatCount(lost)}`}
    </span>
  );
}

/** `reset, 3 × retransmission`. */
function summary(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, n]) => (n > 1 ? `${n} × ${kind}` : kind)).join(', ');
}
