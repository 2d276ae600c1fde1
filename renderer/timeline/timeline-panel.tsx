import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { NothingPasses } from '../filter/nothing-passes.tsx';
import { useText } from '../i18n/text.ts';
import { runStore } from '../stores/run.ts';
import { moveCursor } from '../stores/selection.ts';
import { sessionsStore } from '../stores/sessions.ts';
import { useActions, useConnectionTable, useNothingPasses, useSelection } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Scrubber } from './scrubber.tsx';
import { TimelineCanvas, type TimelineHandle } from './timeline-canvas.tsx';
import { TimelineTable } from './timeline-table.tsx';
import './timeline.css';

export type Mode = 'fit' | 'follow' | 'free';

/** Every connection as a pair of lanes over time, or as a table of the same facts. */
export function TimelinePanel() {
  const t = useText();
  const actions = useActions();
  const empty = (useConnectionTable()?.held ?? 0) === 0;
  const [asTable, setAsTable] = useState(false);
  const [mode, setMode] = useState<Mode>('follow');
  const handle = useRef<TimelineHandle>(null);
  const pinned = useSelection((s) => s.cursor !== undefined);

  const session = useSelection((s) => s.session);
  const ofRun = useStore(runStore, (s) => s.session !== undefined && s.session === session);

  const nothingPasses = useNothingPasses();
  const ofFile = useStore(sessionsStore, (s) => s.sessions.some(({ id, source }) => id === session && source.kind === 'file'));

  // Whoever looks at a moment does not want it to slide away; whoever comes back to now wants to see it. A run that is stepped
  // through grows step by step, and is seen whole; so is a file, which grows no more.
  useEffect(
    () => setMode((before) => (pinned ? (ofRun ? 'fit' : before === 'follow' ? 'free' : before) : ofFile ? 'fit' : 'follow')),
    [pinned, ofRun, ofFile],
  );

  // A run that is stepped through may not have sent anything yet.
  if (empty)
    return (
      <>
        <EmptyState
          icon="follow"
          title={t('timeline.emptyTitle')}
          action={{ label: t('engine.play'), run: () => void actions.engine('play') }}
        >
          {t('timeline.empty')}
        </EmptyState>
        <Scrubber />
      </>
    );

  return (
    <>
      <div className="panel-bar">
        <Tool
          icon="follow"
          label={t('timeline.follow')}
          keys="F"
          pressed={mode === 'follow'}
          onClick={() => setMode(mode === 'follow' ? 'free' : 'follow')}
          disabled={asTable}
        />
        <Tool
          icon="fit"
          label={t('timeline.fit')}
          keys="0"
          pressed={mode === 'fit'}
          onClick={() => setMode(mode === 'fit' ? 'free' : 'fit')}
          disabled={asTable}
        />
        <Tool icon="zoomIn" label={t('timeline.zoomIn')} keys="+" onClick={() => handle.current?.zoom(0.5)} disabled={asTable} />
        <Tool icon="zoomOut" label={t('timeline.zoomOut')} keys="−" onClick={() => handle.current?.zoom(2)} disabled={asTable} />
        {!asTable && <span className="hint">{t('timeline.hint')}</span>}
        <span className="spacer" />
        {pinned && (
          <button type="button" className="button button-small button-pinned" onClick={() => moveCursor(undefined)}>
            {t('cursor.now')}
          </button>
        )}
        <Tool icon="table" label={t('timeline.table')} pressed={asTable} onClick={() => setAsTable(!asTable)} />
      </div>
      {nothingPasses ? <NothingPasses /> : asTable ? <TimelineTable /> : <TimelineCanvas mode={mode} onMode={setMode} ref={handle} />}
      <Scrubber />
    </>
  );
}

interface ToolProps {
  readonly icon: Parameters<typeof Icon>[0]['name'];
  readonly label: string;
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function Tool({ icon, label, keys, pressed, disabled = false, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="button button-quiet button-icon"
      aria-label={label}
      aria-pressed={pressed}
      title={keys ? `${label} (${keys})` : label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
