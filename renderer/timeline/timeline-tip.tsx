import type { TcpState } from '../../main/tcp-model/states.ts';
import { transitionsOn } from '../../main/tcp-model/transitions.ts';
import type { ConnectionEvent, ConnectionRecord, Instant, StateSpan } from '../../preload/contract.ts';
import { formatEndpoint } from '../format/endpoint.ts';
import { formatMoment } from '../format/time.ts';
import { type Translate, useText } from '../i18n/text.ts';
import type { Side } from '../side.ts';
import { secondsSince } from '../stores/connections.ts';
import { StateBadge } from '../ui/state-badge.tsx';

/** What the pointer is on. */
export interface Hit {
  readonly record: ConnectionRecord;
  readonly side: Side;
  readonly span: StateSpan | undefined;
  readonly before: StateSpan | undefined;
  readonly event: ConnectionEvent | undefined;
  readonly origin: Instant;
}

export function TimelineTip({ hit }: { readonly hit: Hit }) {
  const t = useText();
  const { record, side, span, before, event, origin } = hit;
  if (!span) return null;
  return (
    <>
      <p className="tip-who">
        {t(`side.${side}`)} <code>{formatEndpoint(record[side])}</code>
      </p>
      <p>
        <StateBadge state={span.state} certainty={span.certainty} />{' '}
        {t('tip.since', { time: formatMoment(secondsSince(origin, span.from)) })}
      </p>
      <p className="tip-rule">
        {t('tip.packet', { n: span.packet })} · {describeRule(before?.state, span, t)}
      </p>
      {span.certainty !== 'seen' && <p className="tip-note">{t(`certainty.${span.certainty}`)}</p>}
      {event && (
        <p className="tip-event">
          {event.kind} · {t('tip.packet', { n: event.packet })}
        </p>
      )}
    </>
  );
}

/** Why an endpoint is in a state: the trigger, and the row of the transition table it took. */
export function describeRule(from: StateSpan['state'] | undefined, span: StateSpan, t: Translate): string {
  if (span.trigger === 'start') return t('rule.start');
  const row =
    from && from !== 'UNKNOWN' ? transitionsOn(from as TcpState, span.trigger).find((candidate) => candidate.to === span.state) : undefined;
  return [t(`trigger.${span.trigger}`), row?.action, row?.source].filter(Boolean).join(' · ');
}
