import { useState } from 'react';
import { useStore } from 'zustand';
import { useText } from '../i18n/text.ts';
import { runStore } from '../stores/run.ts';
import { useActions, useSelection } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';

/** Every step of a run, side by side: wherever the handle stands, the whole window shows that moment. */
export function Scrubber() {
  const t = useText();
  const actions = useActions();
  const session = useSelection((s) => s.session);
  const run = useStore(runStore);
  const [wanted, setWanted] = useState('');
  const position = run.moment?.position ?? run.position;
  if (run.session === undefined || run.session !== session || !position || position.steps === 0) return null;
  const { step, steps, time, line } = position;
  const where = [t('run.at', { step, steps, time: (time / 1e9).toFixed(6) }), ...(line ? [t('run.line', { line })] : [])].join(' · ');
  const happened = run.moment?.happened ?? [];
  return (
    <div className="scrubber">
      <input
        type="range"
        min={0}
        max={steps}
        step={1}
        value={step}
        aria-label={t('run.moment')}
        aria-valuetext={where}
        onChange={(event) => actions.lookAt(Number(event.target.value))}
      />
      <output className="scrubber-at mono">{where}</output>
      <span className="scrubber-what" title={happened.join('\n')}>
        {happened.at(-1)}
      </span>
      <form
        className="scrubber-to"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted.trim()) void actions.runTo(wanted);
        }}
      >
        <input
          className="field"
          aria-label={t('run.to')}
          title={t('run.toHelp')}
          placeholder={t('run.toHint')}
          value={wanted}
          spellCheck={false}
          onChange={(event) => setWanted(event.target.value)}
        />
        <button
          type="submit"
          className="button button-quiet button-icon"
          aria-label={t('run.toGo')}
          title={t('run.toGo')}
          disabled={!wanted.trim()}
        >
          <Icon name="follow" />
        </button>
      </form>
    </div>
  );
}
