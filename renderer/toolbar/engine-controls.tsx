import { useStore } from 'zustand';
import { useText } from '../i18n/text.ts';
import { engineStore } from '../stores/engine.ts';
import { useActions } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 60] as const;

/** The engine in the window: its echo server and client, and how fast their time passes. */
export function EngineControls() {
  const t = useText();
  const actions = useActions();
  const known = useStore(engineStore, (s) => s.view !== undefined);
  const running = useStore(engineStore, (s) => s.view?.running ?? false);
  const speed = useStore(engineStore, (s) => s.view?.speed ?? 1);
  const speeds = SPEEDS.includes(speed as (typeof SPEEDS)[number]) ? SPEEDS : [...SPEEDS, speed].sort((a, b) => a - b);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that a toolbar has no room for
    <div className="group engine-group" role="group" aria-label={t('engine.controls')}>
      <span className="group-label">{t('engine.label')}</span>
      <EngineClock />
      <button
        type="button"
        className="button button-icon"
        disabled={!known}
        aria-label={t(running ? 'engine.pause' : 'engine.play')}
        title={`${t(running ? 'engine.pause' : 'engine.play')} (F8)`}
        onClick={() => void actions.engine(running ? 'pause' : 'play')}
      >
        <Icon name={running ? 'pause' : 'play'} />
      </button>
      <button
        type="button"
        className="button button-icon"
        disabled={!known}
        aria-label={t('engine.step')}
        title={`${t('engine.step')} (F10)`}
        onClick={() => void actions.engine('step')}
      >
        <Icon name="step" />
      </button>
      <button
        type="button"
        className="button button-icon"
        disabled={!known}
        aria-label={t('engine.restart')}
        title={t('engine.restart')}
        onClick={() => void actions.engine('restart')}
      >
        <Icon name="restart" />
      </button>
      <select
        className="field"
        aria-label={t('engine.speed')}
        title={t('engine.speed')}
        disabled={!known}
        value={speed}
        onChange={(event) => void actions.engine(running ? 'play' : 'show', Number(event.target.value))}
      >
        {speeds.map((s) => (
          <option key={s} value={s}>
            ×{s}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Its own component, because it alone changes thirty times a second. */
function EngineClock() {
  const t = useText();
  const time = useStore(engineStore, (s) => (s.view ? s.time.toFixed(3) : '–'));
  return (
    <output className="clock" aria-label={t('engine.time')} title={t('engine.time')} aria-live="off">
      {time} s
    </output>
  );
}
