import { formatCount } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import { troubleOf } from '../stores/sessions.ts';
import { useSelection, useSession } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';

/** How much was seen of the session shown, and how much was missed, and by whom. */
export function Counters() {
  const t = useText();
  const session = useSession(useSelection((s) => s.session));
  if (!session) return null;
  const { packets, tcpPackets, malformed, connections, droppedByKernel, droppedByInterface, droppedByQueue } = session.counters;
  const dropped = droppedByKernel + droppedByInterface + droppedByQueue;
  const by = [
    droppedByKernel > 0 ? t('counters.byKernel', { n: formatCount(droppedByKernel) }) : '',
    droppedByInterface > 0 ? t('counters.byInterface', { n: formatCount(droppedByInterface) }) : '',
    droppedByQueue > 0 ? t('counters.byQueue', { n: formatCount(droppedByQueue) }) : '',
  ].filter(Boolean);
  return (
    <div className="counters" role="status" aria-label={t('counters.title')} aria-live="off">
      <Counter label={t('counters.captured')} value={packets} />
      <Counter label={t('counters.tcp')} value={tcpPackets} />
      <Counter label={t('counters.connections')} value={connections} />
      {malformed > 0 && <Counter label={t('counters.malformed')} value={malformed} bad />}
      <span title={t('counters.droppedHelp')}>
        <Counter label={t('counters.dropped')} value={dropped} bad={dropped > 0} />
        {by.length > 0 && <span className="counter-by"> ({by.join(', ')})</span>}
      </span>
    </div>
  );
}

const Counter = ({ label, value, bad = false }: { readonly label: string; readonly value: number; readonly bad?: boolean }) => (
  <span className={`counter ${bad ? 'counter-bad' : ''}`}>
    {label} <b>{formatCount(value)}</b>
  </span>
);

/** Why the session shown ended when nobody asked it to, or what goes wrong while it runs. What was captured stays. */
export function SessionFailure() {
  const t = useText();
  const session = useSession(useSelection((s) => s.session));
  const trouble = session && troubleOf(session.status);
  if (!trouble) return null;
  return (
    <div className="failure" role="alert">
      <Icon name="warn" size={14} />
      <span>
        <b>{trouble.message}</b> {trouble.help} {session.status.kind === 'failed' && t('status.kept')}
      </span>
    </div>
  );
}
