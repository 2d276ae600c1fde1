import { useStore } from 'zustand';
import { useText } from '../i18n/text.ts';
import { experimentStore } from '../stores/experiment.ts';
import { runStore } from '../stores/run.ts';
import { useActions } from '../stores/use.ts';

/** Offers to hold a run that is over against the one before. */
export function CompareButton() {
  const t = useText();
  const actions = useActions();
  const running = useStore(experimentStore, (s) => s.running);
  const possible = useStore(runStore, (s) => s.session !== undefined && s.before !== undefined);
  if (running || !possible) return null;
  return (
    <button
      type="button"
      className="button button-quiet button-small"
      aria-label={t('run.compare')}
      title={t('run.compareHelp')}
      onClick={() => void actions.compareRuns()}
    >
      {t('run.compareShort')}
    </button>
  );
}

/** Where the two runs part; one click leads there in the run on show. */
export function Comparison() {
  const t = useText();
  const actions = useActions();
  const difference = useStore(runStore, (s) => s.difference);
  if (difference === undefined) return null;
  const there = difference?.second?.step;
  return (
    <p className="comparison" role="status" aria-label={t('run.compare')}>
      {difference ? difference.inWords : t('run.same')}{' '}
      {there !== undefined && (
        <button type="button" className="button button-quiet button-small" onClick={() => actions.lookAt(there)}>
          {t('run.goThere')}
        </button>
      )}
    </p>
  );
}
