import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { Session } from '../../preload/contract.ts';
import { formatCount } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import { engineStore } from '../stores/engine.ts';
import { selectSession } from '../stores/selection.ts';
import { sessionsStore, troubleOf } from '../stores/sessions.ts';
import { useActions, useSelection, useSession } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';
import { CompareMenu } from './compare-menu.tsx';

/** One tab for each capture, file and engine run, and the counters of the one shown. */
export function SessionTabs() {
  const t = useText();
  const sessions = useStore(sessionsStore, (s) => s.sessions);
  const selected = useSelection((s) => s.session);
  return (
    <div className="sessions">
      <div className="session-tabs" role="tablist" aria-label={t('sessions.title')}>
        {sessions.map((session) => (
          <SessionTab key={session.id} session={session} selected={session.id === selected} />
        ))}
      </div>
      <SaveCapture />
      <CompareMenu />
      <Counters />
    </div>
  );
}

function SessionTab({ session, selected }: { readonly session: Session; readonly selected: boolean }) {
  const t = useText();
  const actions = useActions();
  const { kind } = session.status;
  // The engine of the window is always there; only what a person brought can be closed.
  const engine = useStore(engineStore, (s) => s.view?.session);
  const tab = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) tab.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected]);
  return (
    <div ref={tab} className={`session-tab ${selected ? 'session-tab-on' : ''}`} role="presentation">
      <button type="button" role="tab" aria-selected={selected} title={t(`status.${kind}`)} onClick={() => selectSession(session.id)}>
        <span className={`dot dot-${session.source.kind}-${kind}`} aria-hidden="true" />
        <span className="session-title">{session.title}</span>
        <span className="visually-hidden">{t(`status.${kind}`)}</span>
      </button>
      {session.id !== engine && (
        <button
          type="button"
          className="session-close"
          aria-label={t('sessions.close', { title: session.title })}
          title={t('sessions.closeHelp')}
          onClick={() => void actions.closeSession(session.id)}
        >
          <Icon name="close" size={12} />
        </button>
      )}
    </div>
  );
}

/** Saves what the shown session holds as a capture file. */
function SaveCapture() {
  const t = useText();
  const actions = useActions();
  const session = useSession(useSelection((s) => s.session));
  if (!session || session.counters.packets === 0) return null;
  return (
    <button
      type="button"
      className="button button-quiet button-small session-action"
      aria-label={t('sessions.save')}
      title={t('sessions.saveHelp')}
      onClick={() => void actions.saveCapture(session)}
    >
      <Icon name="down" size={14} /> <span className="action-label">{t('sessions.save')}</span>
    </button>
  );
}

/** How much was seen and how much was missed, and by whom; and why it ended, when nobody asked it to. */
function Counters() {
  const t = useText();
  const session = useSession(useSelection((s) => s.session));
  if (!session) return null;
  const trouble = troubleOf(session.status);
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
      {trouble && (
        <span className="failure" role="alert" title={trouble.help}>
          <Icon name="warn" size={14} />
          <span>
            {trouble.message}
            {trouble.help ? ` ${trouble.help}` : ''} {session.status.kind === 'failed' && t('status.kept')}
          </span>
        </span>
      )}
    </div>
  );
}

const Counter = ({ label, value, bad = false }: { readonly label: string; readonly value: number; readonly bad?: boolean }) => (
  <span className={`counter ${bad ? 'counter-bad' : ''}`}>
    {label} <b>{formatCount(value)}</b>
  </span>
);
