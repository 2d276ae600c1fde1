import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { Session } from '../../preload/contract.ts';
import { useText } from '../i18n/text.ts';
import { engineStore } from '../stores/engine.ts';
import { selectSession } from '../stores/selection.ts';
import { sessionsStore } from '../stores/sessions.ts';
import { useActions, useSelection, useSession } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';
import { CompareMenu } from './compare-menu.tsx';

/** One tab for each capture, file and engine run, and what can be done with the one shown. */
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
      <button
        type="button"
        role="tab"
        aria-selected={selected}
        title={`${session.title} · ${t(`status.${kind}`)}`}
        onClick={() => selectSession(session.id)}
      >
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
