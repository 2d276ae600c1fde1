import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { ConnectionRecord, EngineSnapshot } from '../../preload/contract.ts';
import { formatEndpoint } from '../format/endpoint.ts';
import { formatOctets } from '../format/numbers.ts';
import { formatDuration } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import { OwnSockets } from '../kernel-sockets/own-sockets.tsx';
import type { Side } from '../side.ts';
import { engineStore } from '../stores/engine.ts';
import { runStore } from '../stores/run.ts';
import { moveCursor, selectSession } from '../stores/selection.ts';
import type { ConnectionSnapshot } from '../stores/snapshot-history.ts';
import { useConnectionTable, useSelectedConnection, useSelection } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useSlowly } from '../ui/use-slowly.ts';
import { Chart, type ChartLine } from './chart.tsx';
import type { Point } from './decimate.ts';
import { type HostListener, listenerSeries, listenersOf, socketOf, socketSeries, timeWaitOf } from './find.ts';
import { Meter, SlotMeter } from './meters.tsx';
import { SeenListeners } from './seen-listeners.tsx';
import './queues.css';

const LISTENER_LINES: readonly ChartLine[] = [
  { key: 'syn', label: 'queues.syn', colour: 'var(--warn)', dash: '4 2' },
  { key: 'accept', label: 'queues.accept', colour: 'var(--accent)' },
];
const QUEUE_LINES: readonly ChartLine[] = [
  { key: 'unacked', label: 'queues.unacked', colour: 'var(--accent)' },
  { key: 'unsent', label: 'queues.unsent', colour: 'var(--warn)', dash: '4 2' },
  { key: 'inOrder', label: 'queues.inOrder', colour: 'var(--good)' },
  { key: 'outOfOrder', label: 'queues.outOfOrder', colour: 'var(--bad)', dash: '1 2' },
];
const WINDOW_LINES: readonly ChartLine[] = [
  { key: 'cwnd', label: 'queues.cwnd', colour: 'var(--good)' },
  { key: 'flight', label: 'queues.flight', colour: 'var(--accent)', dash: '4 2' },
  { key: 'sndWnd', label: 'queues.sndWnd', colour: 'var(--faint)', dash: '1 2' },
];

/** What waits where: the listener's two queues, and each end's send and receive queue, as the engine itself knows them. */
export default function QueuesPanel() {
  const t = useText();
  const session = useSelection((s) => s.session);
  const cursor = useSelection((s) => s.cursor);
  const engine = useStore(engineStore, (s) => s.view?.session);
  useStore(engineStore, (s) => s.version);
  const exact = useStore(runStore, (s) => (s.session === session ? s.moment?.snapshot : undefined));
  const origin = useConnectionTable()?.origin;
  const record = useSelectedConnection();
  const history = session === undefined ? undefined : engineStore.getState().histories.get(session);

  if (!history?.latest && session !== undefined && origin)
    return (
      <div className="queues">
        <OwnSockets session={session} />
        <SeenListeners session={session} origin={origin} cursor={cursor} />
      </div>
    );
  if (!history?.latest)
    return (
      <EmptyState
        icon="layout"
        title={t('queues.emptyTitle')}
        {...(engine ? { action: { label: t('queues.showEngine'), run: () => selectSession(engine) } } : {})}
      >
        {t('queues.empty')}
      </EmptyState>
    );

  // The cursor counts from the session's first packet; capture time, in an engine's session, is the engine's own.
  const moment = cursor === undefined || !origin ? undefined : cursor + origin.seconds + origin.nanoseconds / 1e9;
  const snapshot = exact ?? (moment === undefined ? history.latest : history.at(moment)) ?? history.latest;

  return (
    <div className="queues">
      {moment !== undefined && (
        <p className="queues-then">
          {t('queues.then', { time: (snapshot.now / 1e9).toFixed(3) })}{' '}
          <button type="button" className="button button-small button-pinned" onClick={() => moveCursor(undefined)}>
            {t('cursor.now')}
          </button>
        </p>
      )}
      {listenersOf(snapshot).map((one) => (
        <Listener key={`${one.host} ${one.listener.id}`} {...one} snapshots={history.snapshots} cursor={moment} />
      ))}
      {listenersOf(snapshot).length === 0 && <p className="hint">{t('queues.noListener')}</p>}
      {record ? (
        <div className="sockets">
          {(['client', 'server'] as const).map((side) => (
            <Socket
              key={side}
              side={side}
              record={record}
              socket={socketOf(snapshot, record, side)}
              timeWait={timeWaitOf(snapshot, record, side)}
              snapshots={history.snapshots}
              cursor={moment}
            />
          ))}
        </div>
      ) : (
        <p className="hint">{t('queues.pick')}</p>
      )}
    </div>
  );
}

interface Past {
  readonly snapshots: readonly EngineSnapshot[];
  readonly cursor: number | undefined;
}

function Listener({ host, listener, snapshots, cursor }: HostListener & Past) {
  const t = useText();
  const { synQueue, acceptQueue, backlog, overflows, drops } = listener;
  const points = useSeries(snapshots, () => listenerSeries(snapshots, host, listener.id), `${host} ${listener.id}`);
  const waiting = (queue: typeof synQueue) => queue.map((one) => formatEndpoint({ address: one.remoteAddress, port: one.remotePort }));
  return (
    <section className="listener" aria-label={t('queues.listener', { port: listener.localPort })}>
      <header>
        <StateBadge state="LISTEN" />
        <strong>{formatEndpoint({ address: listener.localAddress, port: listener.localPort })}</strong>
        <span className="hint">
          {host}
          {listener.owner && ` · ${listener.owner.process}`}
        </span>
        <span className="spacer" />
        <span className={overflows + drops > 0 ? 'counter-bad' : 'hint'}>{t('queues.overflows', { overflows, drops })}</span>
      </header>
      <SlotMeter
        label={t('queues.syn')}
        help={t('queues.synHelp')}
        filled={synQueue.length}
        slots={backlog + 1}
        names={waiting(synQueue)}
        kind="syn"
      />
      <SlotMeter
        label={t('queues.accept')}
        help={t('queues.acceptHelp')}
        filled={acceptQueue.length}
        slots={backlog + 1}
        names={waiting(acceptQueue)}
        kind="accept"
      />
      <Chart label={t('queues.lengths')} points={points} lines={LISTENER_LINES} unit="count" limit={backlog + 1} cursor={cursor} />
    </section>
  );
}

/** Charts that grow are drawn anew no more often: each drawing costs some ten milliseconds. */
const CHART_MS = 500;

/** Worked out anew only when the past has grown: a moment that is looked at changes nothing of it. */
function useSeries(snapshots: readonly EngineSnapshot[], series: () => readonly Point[], key: string): readonly Point[] {
  const latest = useSlowly(snapshots.at(-1), CHART_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the array grows in place, and its last element tells
  return useMemo(series, [snapshots, latest, key]);
}

interface SocketProps extends Past {
  readonly side: Side;
  readonly record: ConnectionRecord;
  readonly socket: ConnectionSnapshot | undefined;
  readonly timeWait: number | undefined;
}

function Socket({ side, record, socket, timeWait, snapshots, cursor }: SocketProps) {
  const t = useText();
  const points = useSeries(snapshots, () => socketSeries(snapshots, record, side), `${record.id} ${side}`);
  return (
    <section className="socket" aria-label={t(`side.${side}`)}>
      <header>
        <strong>{t(`side.${side}`)}</strong>
        <EndpointName endpoint={record[side]} />
        {socket && <StateBadge state={socket.state} />}
        {timeWait !== undefined && <StateBadge state="TIME-WAIT" />}
      </header>
      {socket ? (
        <SocketNow socket={socket} />
      ) : (
        <p className="hint">
          {timeWait === undefined ? t('queues.noSocket') : t('queues.timeWait', { time: (timeWait / 1e9).toFixed(3) })}
        </p>
      )}
      {points.length > 1 && (
        <>
          <Chart label={t('queues.octets')} points={points} lines={QUEUE_LINES} unit="octets" cursor={cursor} />
          <Chart label={t('queues.windows')} points={points} lines={WINDOW_LINES} unit="octets" cursor={cursor} />
        </>
      )}
    </section>
  );
}

function SocketNow({ socket }: { readonly socket: ConnectionSnapshot }) {
  const t = useText();
  const { queues, cwnd, ssthresh, mss, srtt, rto, sequence, retransmissions, timers, owner } = socket;
  return (
    <>
      <Meter
        label={t('queues.send')}
        help={t('queues.sendHelp')}
        capacity={queues.sendBuffer}
        parts={[
          { label: t('queues.unacked'), value: queues.sendUnacked, kind: 'unacked' },
          { label: t('queues.unsent'), value: queues.sendUnsent, kind: 'unsent' },
        ]}
      />
      <Meter
        label={t('queues.receive')}
        help={t('queues.receiveHelp')}
        capacity={queues.receiveBuffer}
        parts={[
          { label: t('queues.inOrder'), value: queues.receiveInOrder, kind: 'in-order' },
          { label: t('queues.outOfOrder'), value: queues.receiveOutOfOrder, kind: 'out-of-order' },
        ]}
      />
      <dl className="facts">
        <Fact name="cwnd" value={`${cwnd} × ${mss} B`} />
        <Fact name="ssthresh" value={ssthresh > 1e6 ? '∞' : String(ssthresh)} />
        <Fact name="srtt" value={formatDuration(srtt / 1e9)} />
        <Fact name="rto" value={formatDuration(rto / 1e9)} />
        <Fact name="snd.wnd" value={formatOctets(sequence.sndWnd)} />
        <Fact name="rcv.wnd" value={formatOctets(sequence.rcvWnd)} />
        <Fact name={t('queues.retransmissions')} value={String(retransmissions)} />
        <Fact name={t('queues.owner')} value={owner ? `${owner.process} (${owner.pid})` : t('queues.orphan')} />
        {timers.map(({ timer, due }) => (
          <Fact key={timer} name={`${timer} timer`} value={`${(due / 1e9).toFixed(3)} s`} />
        ))}
      </dl>
    </>
  );
}

const Fact = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd className="mono">{value}</dd>
  </div>
);
