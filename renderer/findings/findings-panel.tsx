import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Finding, Instant } from '../../preload/contract.ts';
import { formatCount } from '../format/numbers.ts';
import { formatMoment } from '../format/time.ts';
import { useFinding, useText } from '../i18n/text.ts';
import { connectionsStore, secondsSince } from '../stores/connections.ts';
import { findingsStore, type Scope, showScope } from '../stores/findings.ts';
import { segmentsStore } from '../stores/segments.ts';
import { selectConnection, selectPacket } from '../stores/selection.ts';
import { useActions, useConnectionTable, useSelectedConnection, useSelection, useSession } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { useSlowly } from '../ui/use-slowly.ts';
import './findings.css';

/** A connection that runs is judged anew so often at most. */
const REFRESH_MS = 1000;
const BY_TIME_MS = 5000;
const ICONS: { readonly [S in Finding['severity']]: IconName } = { problem: 'cross', warning: 'warn', note: 'check' };

/** What a colleague would say of the selected connection, or of the capture: each with its packets and how to be sure. */
export function FindingsPanel() {
  const t = useText();
  const table = useConnectionTable();
  const record = useSelectedConnection();
  const { scope, ofConnection, ofCapture } = useStore(findingsStore);
  useFreshFindings();

  if (!table?.origin)
    return (
      <EmptyState icon="help" title={t('findings.emptyTitle')}>
        {t('findings.empty')}
      </EmptyState>
    );
  const findings = scope === 'capture' ? ofCapture?.findings : record ? ofConnection : [];
  return (
    <div className="findings">
      <Scopes scope={scope} connection={record?.id} grave={ofCapture?.total} />
      {scope === 'capture' && ofCapture !== undefined && ofCapture.unread > 0 && (
        <p className="findings-more">{t('findings.unread', { count: ofCapture.unread })}</p>
      )}
      {findings === undefined ? (
        <p className="loading">{t('loading')}</p>
      ) : findings.length === 0 ? (
        <EmptyState
          icon={scope === 'capture' ? 'check' : 'help'}
          title={t(scope === 'capture' ? 'findings.nothingWrong' : 'findings.nothingYet')}
          {...(record === undefined && scope === 'connection' && table.held > 0
            ? { action: { label: t('select.first'), run: () => selectConnection(0) } }
            : {})}
        >
          {t('findings.empty')}
        </EmptyState>
      ) : (
        <ol aria-label={t('panel.findings')}>
          {findings.map((finding) => (
            <Row key={keyOf(finding)} finding={finding} origin={table.origin as Instant} />
          ))}
        </ol>
      )}
    </div>
  );
}

/** Asks while the panel is shown: at once for another connection, and now and then while things change. */
function useFreshFindings(): void {
  const actions = useActions();
  const session = useSelection((s) => s.session);
  const connection = useSelection((s) => s.connection);
  const scope = useStore(findingsStore, (s) => s.scope);
  const unread = useStore(findingsStore, (s) => s.ofCapture?.unread ?? 0);
  const record = useSlowly(useSelectedConnection(), REFRESH_MS);
  const version = useSlowly(
    useStore(connectionsStore, (s) => s.version),
    REFRESH_MS,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the record changed
  useEffect(() => actions.wantFindings(), [actions, session, connection, record]);
  const running = useSession(session)?.status.kind === 'running';
  // Some findings come by time alone: nothing arrives, and CLOSE-WAIT lasts.
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => actions.wantFindings(), BY_TIME_MS);
    return () => clearInterval(timer);
  }, [actions, running]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when any connection changed, and until all are read
  useEffect(() => {
    if (scope === 'capture') actions.wantCaptureFindings();
  }, [actions, session, scope, version, unread]);
}

const keyOf = ({ connection, kind, reason, side, packets }: Finding): string =>
  `${connection ?? ''} ${kind} ${reason ?? ''} ${side ?? ''} ${packets[0]}`;

interface ScopesProps {
  readonly scope: Scope;
  readonly connection: number | undefined;
  readonly grave: number | undefined;
}

function Scopes({ scope, connection, grave }: ScopesProps) {
  const t = useText();
  const button = (one: Scope, label: string) => (
    <button type="button" aria-pressed={scope === one} onClick={() => showScope(one)}>
      {label}
    </button>
  );
  return (
    <fieldset className="findings-scopes">
      <legend className="visually-hidden">{t('findings.scope')}</legend>
      {button('connection', connection === undefined ? t('findings.noConnection') : t('findings.connection', { id: connection }))}
      {button('capture', grave === undefined ? t('findings.capture') : t('findings.captureCount', { count: formatCount(grave) }))}
    </fieldset>
  );
}

function Row({ finding, origin }: { readonly finding: Finding; readonly origin: Instant }) {
  const t = useText();
  const [open, setOpen] = useState(finding.severity !== 'note');
  const { kind, severity, side, connection, ambiguous, packets, packetCount, from, to } = finding;
  const { text, confirm } = useFinding(finding);
  const start = secondsSince(origin, from);
  const end = secondsSince(origin, to);
  const show = (packet: number) => selectPacket(connection ?? finding.connections?.[0] ?? 0, packet, momentOf(finding, packet, origin));
  return (
    <li className={`finding finding-${severity}`} data-kind={kind} data-severity={severity}>
      <button
        type="button"
        className="finding-head"
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
          if (packets[0] !== undefined) show(packets[0]);
        }}
      >
        <span className="finding-mark" role="img" aria-label={t(`severity.${severity}`)}>
          <Icon name={ICONS[severity]} />
        </span>
        <span className="finding-title">{t(`finding.${kind}`)}</span>
        {ambiguous && <span className="finding-open">{t('findings.ambiguous')}</span>}
        <span className="finding-where">
          {connection !== undefined && <span className="mono">#{connection}</span>}
          {side && <span>{t(`side.${side}`)}</span>}
          <span className="mono">
            {formatMoment(start)}
            {end > start && ` – ${formatMoment(end)}`}
          </span>
        </span>
        <span className="finding-text">{text}</span>
      </button>
      {open && (
        <div className="finding-more">
          <p>
            <b>{t('findings.confirm')}</b> {withCode(confirm)}
          </p>
          <p className="finding-packets">
            <b>{t('findings.packets')}</b>
            {packets.map((packet, i) => (
              <span key={packet}>
                {i === packets.length - 1 && packetCount > packets.length && <span aria-hidden="true"> … </span>}
                <button type="button" className="finding-packet mono" onClick={() => show(packet)}>
                  #{packet}
                </button>
              </span>
            ))}
            {packetCount > packets.length && <span className="finding-count">{t('findings.inAll', { count: packetCount })}</span>}
          </p>
        </div>
      )}
    </li>
  );
}

/** What stands between backticks is a command or a counter's name. */
const withCode = (text: string) =>
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text keep their places
  text.split('`').map((piece, i) => (i % 2 === 1 ? <code key={i}>{piece}</code> : piece));

/** When a packet of a finding was captured, in the session's seconds: from its row where that is here, else from the finding. */
function momentOf({ packets, from, to }: Finding, packet: number, origin: Instant): number {
  const row = segmentsStore.getState().rows.find((one) => one?.frame === packet);
  if (row) return secondsSince(origin, row.at);
  return secondsSince(origin, packet === packets.at(-1) && packets.length > 1 ? to : from);
}
