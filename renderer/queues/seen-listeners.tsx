import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import type { Instant, ListenerRecord, QueueLengths } from '../../preload/contract.ts';
import { formatEndpoint } from '../format/endpoint.ts';
import { formatDuration, formatMoment } from '../format/time.ts';
import { type TextKey, useText } from '../i18n/text.ts';
import { connectionsStore, secondsSince } from '../stores/connections.ts';
import { listenersStore } from '../stores/listeners.ts';
import { selectPacket } from '../stores/selection.ts';
import { useActions, useConnectionTable, useSelectedConnection } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useSlowly } from '../ui/use-slowly.ts';
import { Chart, type ChartLine } from './chart.tsx';
import { inOrder, lengthAt, seenSeries } from './seen.ts';

const LINES: readonly ChartLine[] = [
  { key: 'syn', label: 'queues.syn', colour: 'var(--warn)', dash: '4 2' },
  { key: 'accept', label: 'queues.acceptAtMost', colour: 'var(--accent)' },
];
/** A capture that runs is looked over anew so often at most, and less often the more connections there are to look at. */
const REFRESH_MS = 2000;
const CONNECTIONS_PER_MS = 50;

interface SeenListenersProps {
  readonly session: string;
  /** Where the session's time begins. */
  readonly origin: Instant;
  /** Seconds after it; undefined for the present. */
  readonly cursor: number | undefined;
}

/** What a capture shows of the listeners its connections were opened to, and of what waited there. */
export function SeenListeners({ session, origin, cursor }: SeenListenersProps) {
  const t = useText();
  const record = useSelectedConnection();
  const report = useFreshListeners(session);
  if (!report?.origin) return <p className="loading">{t('loading')}</p>;
  const shift = secondsSince(origin, report.origin);
  if (report.listeners.length === 0)
    return (
      <EmptyState icon="layout" title={t('queues.emptyTitle')}>
        {t('queues.noneSeen')}
      </EmptyState>
    );
  return (
    <>
      {inOrder(report.listeners, record).map((one) => (
        <SeenListener key={formatEndpoint(one.endpoint)} listener={one} origin={origin} shift={shift} cursor={cursor} />
      ))}
      {report.total > report.listeners.length && (
        <p className="hint">{t('queues.moreListeners', { count: report.total - report.listeners.length })}</p>
      )}
    </>
  );
}

/** Asked at once for another session, and now and then while its connections change. */
function useFreshListeners(session: string) {
  const actions = useActions();
  const total = useConnectionTable()?.total ?? 0;
  const version = useSlowly(
    useStore(connectionsStore, (s) => s.version),
    REFRESH_MS + total / CONNECTIONS_PER_MS,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when any connection changed
  useEffect(() => actions.wantListeners(), [actions, session, version]);
  return useStore(listenersStore, (s) => (s.session === session ? s.report : undefined));
}

interface SeenListenerProps {
  readonly listener: ListenerRecord;
  readonly origin: Instant;
  readonly shift: number;
  readonly cursor: number | undefined;
}

function SeenListener({ listener, origin, shift, cursor }: SeenListenerProps) {
  const t = useText();
  const points = useMemo(() => seenSeries(listener, shift), [listener, shift]);
  const { endpoint, state, ignoredSyns, ignoredAcks, synQueue, acceptQueue } = listener;
  const at = cursor === undefined ? undefined : cursor - shift;
  return (
    <section className="listener" aria-label={t('queues.listener', { port: endpoint.port })} data-state={state}>
      <header>
        <StateBadge state={state} />
        <strong>{formatEndpoint(endpoint)}</strong>
        <Since listener={listener} origin={origin} />
        <span className="spacer" />
        {ignoredSyns + ignoredAcks > 0 && (
          <span className="counter-bad">{t('queues.passedOver', { syns: ignoredSyns, acks: ignoredAcks })}</span>
        )}
      </header>
      <SeenQueue label={t('queues.syn')} help={t('queues.synHelp')} lengths={synQueue} at={at} shift={shift} kind="syn" />
      <SeenQueue
        label={t('queues.accept')}
        help={t('queues.acceptAtMostHelp')}
        lengths={acceptQueue}
        at={at}
        shift={shift}
        kind="accept"
        atMost
      />
      <Counts listener={listener} />
      {points.length > 1 && <Chart label={t('queues.lengths')} points={points} lines={LINES} unit="count" cursor={cursor} />}
    </section>
  );
}

/** The packet that shows since when it is so; a click goes there. */
function Since({ listener: { spans }, origin }: Pick<SeenListenerProps, 'listener' | 'origin'>) {
  const t = useText();
  const last = spans.at(-1);
  if (!last) return <span className="hint">{t('queues.neverAnswered')}</span>;
  const seconds = secondsSince(origin, last.from);
  return (
    <button
      type="button"
      className="seen-since"
      title={t('queues.sinceHelp')}
      onClick={() => selectPacket(last.connection, last.packet, seconds)}
    >
      {t('queues.since', { time: formatMoment(seconds), packet: last.packet })}
    </button>
  );
}

interface SeenQueueProps {
  readonly label: string;
  readonly help: string;
  readonly lengths: QueueLengths;
  /** Seconds of the report's time; undefined for the present. */
  readonly at: number | undefined;
  readonly shift: number;
  readonly kind: 'syn' | 'accept';
  readonly atMost?: boolean;
}

function SeenQueue({ label, help, lengths, at, shift, kind, atMost = false }: SeenQueueProps) {
  const t = useText();
  const { most, mostAt, history } = lengths;
  const length = at === undefined ? lengths.now : lengthAt(history, at);
  const sign = atMost && length > 0 ? '≤ ' : '';
  return (
    <div className="meter seen-queue" title={help}>
      <span className="meter-label">{label}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: drawn like the other queues */}
      <span className="bar" role="meter" aria-label={label} aria-valuenow={length} aria-valuemin={0} aria-valuemax={most}>
        <span className={`part part-${kind}`} style={{ width: `${most === 0 ? 0 : (100 * length) / most}%` }} />
      </span>
      <span className="meter-value mono">
        {sign}
        {length}
      </span>
      <span className="hint">
        {most > 0 && t('queues.mostAt', { most: `${sign && '≤ '}${most}`, time: formatDuration(mostAt + shift) })}
      </span>
    </div>
  );
}

const COUNTS: readonly {
  readonly key: 'connections' | 'established' | 'refused' | 'unanswered' | 'unrepeated';
  readonly label: TextKey;
}[] = [
  { key: 'connections', label: 'queues.opened' },
  { key: 'established', label: 'queues.established' },
  { key: 'refused', label: 'queues.refused' },
  { key: 'unanswered', label: 'queues.unanswered' },
  { key: 'unrepeated', label: 'queues.forgotten' },
];

/** How its connections went; what never happened is left out. */
function Counts({ listener }: { readonly listener: ListenerRecord }) {
  const t = useText();
  return (
    <dl className="facts">
      {COUNTS.filter(({ key }) => listener[key] > 0).map(({ key, label }) => (
        <div key={key} title={key === 'unrepeated' ? t('queues.forgottenHelp') : undefined}>
          <dt>{t(label)}</dt>
          <dd className="mono">{listener[key]}</dd>
        </div>
      ))}
    </dl>
  );
}
