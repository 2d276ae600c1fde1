import { useMemo } from 'react';
import { formatMoment } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import { secondsSince } from '../stores/connections.ts';
import { selectConnection, selectPacket } from '../stores/selection.ts';
import { useConnectionTable, useSelectedConnection, useSelection } from '../stores/use.ts';
import { describeRule } from '../timeline/timeline-tip.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { changesOf } from './changes.ts';
import './state-changes.css';

/** The selected connection's life as a list: when, which end, from which state to which, and the packet behind it. */
export function StateChangesPanel() {
  const t = useText();
  const table = useConnectionTable();
  const record = useSelectedConnection();
  const packet = useSelection((s) => s.packet);
  const changes = useMemo(() => (record ? changesOf(record) : []), [record]);

  if (!record || !table?.origin)
    return (
      <EmptyState
        icon="down"
        title={t('changes.emptyTitle')}
        {...(table && table.held > 0 ? { action: { label: t('select.first'), run: () => selectConnection(0) } } : {})}
      >
        {t('changes.empty')}
      </EmptyState>
    );

  const { origin } = table;
  return (
    <div className="changes">
      <p className="changes-who">
        <span>
          {t('side.client')} <EndpointName endpoint={record.client} />
        </span>
        <span>
          {t('side.server')} <EndpointName endpoint={record.server} />
        </span>
      </p>
      <ol aria-label={t('panel.changes')}>
        {changes.map(({ side, from, span }, i) => {
          const at = secondsSince(origin, span.from);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: changes are only ever appended
              key={i}
              data-end={side}
              data-state={span.state}
              data-packet={span.packet}
              data-certainty={span.certainty}
            >
              <button
                type="button"
                className={`change change-${side}`}
                aria-pressed={span.packet === packet}
                onClick={() => selectPacket(record.id, span.packet, at)}
              >
                <span className="change-time mono">{formatMoment(at)}</span>
                <span className="change-side">{t(`side.${side}`)}</span>
                <span className="change-states">
                  {from && (
                    <>
                      <span className="change-from">{from}</span> <span aria-hidden="true">›</span>{' '}
                    </>
                  )}
                  <StateBadge state={span.state} certainty={span.certainty} />
                </span>
                <span className="change-packet mono">#{span.packet}</span>
                <span className="change-rule">
                  {describeRule(from, span, t)}
                  {span.certainty !== 'seen' && ` · ${t(`certainty.short.${span.certainty}`)}`}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
