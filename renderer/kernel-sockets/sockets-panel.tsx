// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by hand, which table elements forbid
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself takes the focus and the keys, its rows and cells do not
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { TCP_STATES } from '../../main/tcp-model/states.ts';
import type { KernelSocketRecord, KernelSocketsReport } from '../../preload/contract.ts';
import { useWindow } from '../app/window-actions.ts';
import { formatCount } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import { connectionsStore } from '../stores/connections.ts';
import { socketChoiceStore, toggleState } from '../stores/kernel-sockets.ts';
import { selectConnection, selectSession } from '../stores/selection.ts';
import { sessionsStore } from '../stores/sessions.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { rowAfter } from '../ui/row-keys.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { useRows } from '../ui/use-rows.ts';
import { type Captured, capturedConnections } from './in-capture.ts';
import { SocketFacts, useOwner } from './socket-facts.tsx';
import { QueueFill, SocketQueues } from './socket-queues.tsx';
import { useSockets } from './use-sockets.ts';
import '../queues/queues.css';
import './sockets.css';

const ROW = 28;
const HEAD = 28;
/** Sockets told of at a time; whoever has more looks for some of them. */
const MOST = 500;

/** The sockets of this machine's own kernel, as they stand now. */
export default function SocketsPanel() {
  const t = useText();
  const { search, states, selected } = useStore(socketChoiceStore);
  const looked = useSockets({ search, states, most: MOST });
  const captured = useCaptured(looked?.report);
  const report = looked?.report;
  if (looked?.error)
    return (
      <EmptyState icon="table" title={looked.error.message}>
        {looked.error.help}
      </EmptyState>
    );
  if (!report) return <p className="loading">{t('loading')}</p>;
  const shown = report.sockets.find(({ id }) => id === selected);
  return (
    <>
      <div className="panel-bar">
        <input
          className="field field-search"
          type="search"
          value={search}
          placeholder={t('sockets.search')}
          aria-label={t('sockets.search')}
          onChange={(event) => socketChoiceStore.setState({ search: event.target.value })}
        />
        <span className="hint">
          {t('connections.shown', { n: formatCount(report.sockets.length), total: formatCount(totalOf(report)) })}
        </span>
      </div>
      <div className="socket-states">
        {TCP_STATES.filter((state) => report.states[state] || states.includes(state)).map((state) => (
          <button
            type="button"
            key={state}
            className="button button-small"
            aria-pressed={states.includes(state)}
            onClick={() => toggleState(state)}
          >
            <StateBadge state={state} /> {formatCount(report.states[state] ?? 0)}
          </button>
        ))}
      </div>
      <Gaps report={report} />
      <div className="sockets-body">
        <SocketGrid sockets={report.sockets} selected={selected} captured={captured} />
        {shown && <SocketDetails socket={shown} captured={captured(shown)} />}
      </div>
    </>
  );
}

const totalOf = ({ states }: KernelSocketsReport): number => Object.values(states).reduce((sum, count) => sum + count, 0);

/** Looked up anew with each answer of the kernel, and not with each packet. */
function useCaptured(report: KernelSocketsReport | undefined) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tables are written in place
  return useMemo(() => capturedConnections(sessionsStore.getState().sessions, connectionsStore.getState().tables), [report]);
}

function Gaps({ report }: { readonly report: KernelSocketsReport }) {
  const t = useText();
  return report.gaps.map((gap) => (
    <p className="hint socket-gap" key={gap.kind}>
      {gap.kind === 'no-sock-diag' && t('sockets.noDiag', { why: gap.why })}
      {gap.kind === 'hidden-owners' &&
        t(gap.processes > 0 ? 'sockets.hidden' : 'sockets.noOwner', { sockets: gap.sockets, processes: gap.processes })}
      {gap.kind === 'changed' && t('sockets.changed')}
      {gap.kind === 'unreadable' && t('sockets.unreadable', { messages: gap.messages })}
    </p>
  ));
}

interface GridProps {
  readonly sockets: readonly KernelSocketRecord[];
  readonly selected: string | undefined;
  readonly captured: (socket: KernelSocketRecord) => Captured | undefined;
}

const COLUMNS = ['state', 'local', 'remote', 'queues', 'owner', 'captured'] as const;

function SocketGrid({ sockets, selected, captured }: GridProps) {
  const t = useText();
  const scroll = useRef<HTMLDivElement>(null);
  const { items, height, show } = useRows({ count: sockets.length, rowHeight: ROW, scroll, overscan: 10, head: HEAD });
  const at = sockets.findIndex(({ id }) => id === selected);
  const isThere = at >= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list follows the selection, not the sockets that come and go above it
  useEffect(() => {
    if (isThere) show(at);
  }, [selected, isThere]);

  const onKey = (event: KeyboardEvent): void => {
    const next = rowAfter(event.key, at, sockets.length);
    if (next === undefined) return;
    event.preventDefault();
    socketChoiceStore.setState({ selected: sockets[next]?.id });
  };
  return (
    <div
      className="grid sockets-grid"
      role="grid"
      aria-label={t('panel.sockets')}
      aria-rowcount={sockets.length + 1}
      tabIndex={0}
      onKeyDown={onKey}
    >
      <div className="grid-scroll" ref={scroll} role="rowgroup" tabIndex={-1}>
        <div className="grid-body" style={{ height: height }}>
          <div className="grid-row grid-head" role="row" aria-rowindex={1}>
            {COLUMNS.map((column) => (
              <span role="columnheader" key={column}>
                {t(`sockets.column.${column}`)}
              </span>
            ))}
          </div>
          {items.map(({ index, top }) => {
            const socket = sockets[index];
            return (
              socket && (
                <SocketRow
                  key={socket.id}
                  socket={socket}
                  isSelected={socket.id === selected}
                  captured={captured(socket)}
                  index={index}
                  top={top}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly socket: KernelSocketRecord;
  readonly isSelected: boolean;
  readonly captured: Captured | undefined;
  readonly index: number;
  readonly top: number;
}

function SocketRow({ socket, isSelected, captured, index, top }: RowProps) {
  const owner = useOwner(socket);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      className={`grid-row ${isSelected ? 'grid-row-on' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-socket={socket.id}
      data-state={socket.state}
      style={{ transform: `translateY(${top}px)`, height: ROW }}
      onClick={() => socketChoiceStore.setState({ selected: socket.id })}
    >
      <span role="gridcell">
        <StateBadge state={socket.state} />
      </span>
      <span role="gridcell">
        <EndpointName endpoint={socket.local} />
      </span>
      <span role="gridcell">{socket.remote && <EndpointName endpoint={socket.remote} />}</span>
      <span role="gridcell" className="cell-queues">
        <QueueFill socket={socket} />
      </span>
      <span role="gridcell" title={owner} className={socket.owners.length > 0 ? '' : 'hint'}>
        {owner}
      </span>
      <span role="gridcell">{captured && <ShowCaptured captured={captured} />}</span>
    </div>
  );
}

/** The way to the connection that a running capture holds. */
function ShowCaptured({ captured: { session, connection } }: { readonly captured: Captured }) {
  const t = useText();
  const { show } = useWindow();
  return (
    <button
      type="button"
      className="button button-small"
      onClick={() => {
        selectSession(session);
        selectConnection(connection);
        show('ladder');
      }}
    >
      {t('sockets.show', { connection })}
    </button>
  );
}

function SocketDetails({ socket, captured }: { readonly socket: KernelSocketRecord; readonly captured: Captured | undefined }) {
  const t = useText();
  return (
    <section className="socket socket-details" aria-label={t('sockets.details')}>
      <header>
        <StateBadge state={socket.state} />
        <EndpointName endpoint={socket.local} />
        {socket.remote && (
          <>
            ⇄ <EndpointName endpoint={socket.remote} />
          </>
        )}
        {captured && <ShowCaptured captured={captured} />}
      </header>
      <SocketQueues socket={socket} />
      <SocketFacts socket={socket} />
    </section>
  );
}
