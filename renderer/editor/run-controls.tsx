import { useStore } from 'zustand';
import type { StepUnit } from '../../preload/contract.ts';
import { type TextKey, useText } from '../i18n/text.ts';
import { experimentStore, targetOf } from '../stores/experiment.ts';
import { runStore } from '../stores/run.ts';
import { useActions } from '../stores/use.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

const UNITS: readonly StepUnit[] = ['event', 'segment', 'call', 'line'];

/** Run, pause, go on, stop; and one step forward or back, by whatever the person counts in. */
export function RunControls({ blank }: { readonly blank: boolean }) {
  const t = useText();
  const actions = useActions();
  const running = useStore(experimentStore, (s) => s.running);
  const onKernel = useStore(experimentStore, (s) => targetOf(s) === 'kernel');
  const position = useStore(runStore, (s) => s.position);
  const unit = useStore(runStore, (s) => s.unit);
  const held = running && position?.run === 'paused';

  return (
    <>
      {!running && (
        <Labelled primary icon="play" label="editor.run" keys="Ctrl+Enter" disabled={blank} onClick={() => void actions.runExperiment()} />
      )}
      {held && <Labelled primary icon="play" label="run.continue" keys="F8" onClick={() => void actions.continueRun()} />}
      {running && !held && !onKernel && <Labelled icon="pause" label="run.pause" keys="F8" onClick={() => void actions.pauseRun()} />}
      {running && <Labelled danger icon="stop" label="editor.stop" keys="Ctrl+." onClick={() => void actions.stopExperiment()} />}
      {!onKernel && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that a toolbar has no room for
        <span className="step-group" role="group" aria-label={t('run.steps')}>
          <Bare
            icon="stepBack"
            label="run.back"
            keys="Shift+F10"
            disabled={!position || position.step === 0}
            onClick={() => void actions.backRun()}
          />
          <Bare icon="step" label="run.step" keys="F10" disabled={blank} onClick={() => void actions.stepRun()} />
          <select
            className="field field-unit"
            aria-label={t('run.unit')}
            value={unit}
            onChange={(event) => runStore.setState({ unit: UNITS.find((one) => one === event.target.value) ?? 'event' })}
          >
            {UNITS.map((one) => (
              <option key={one} value={one}>
                {t(`run.unit.${one}`)}
              </option>
            ))}
          </select>
        </span>
      )}
    </>
  );
}

interface ButtonProps {
  readonly icon: IconName;
  readonly label: TextKey;
  readonly keys: string;
  readonly disabled?: boolean;
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly onClick: () => void;
}

function Labelled({ icon, label, keys, disabled = false, primary = false, danger = false, onClick }: ButtonProps) {
  const t = useText();
  const kind = primary ? 'button-primary' : danger ? 'button-danger' : '';
  return (
    <button type="button" className={`button button-small ${kind}`} disabled={disabled} onClick={onClick} title={keys}>
      <Icon name={icon} size={14} /> {t(label)}
    </button>
  );
}

function Bare({ icon, label, keys, disabled = false, onClick }: ButtonProps) {
  const t = useText();
  return (
    <button
      type="button"
      className="button button-quiet button-icon"
      aria-label={t(label)}
      title={`${t(label)} (${keys})`}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
