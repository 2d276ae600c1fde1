import { useStore } from 'zustand';
import { CAPTURE_FILES, openDroppedFiles, pickFiles } from '../app/open-files.ts';
import { useWindow } from '../app/window-actions.ts';
import { useText } from '../i18n/text.ts';
import { interfacesStore, wantedCapture } from '../stores/interfaces.ts';
import { capturing, isCaptured, sessionsStore } from '../stores/sessions.ts';
import { useActions, useSelection } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';
import { InterfacePicker } from './interface-picker.tsx';

/** What to listen to, through which filter, from when to when. */
export function CaptureControls() {
  const t = useText();
  const actions = useActions();
  const window = useWindow();
  const filter = useStore(interfacesStore, (s) => s.filter);
  const chosen = useStore(interfacesStore, (s) => s.interfaces.find((i) => i.name === s.chosen));
  const interfaces = useStore(interfacesStore);
  const wanted = wantedCapture(interfaces);
  const captured = useStore(sessionsStore, (s) => wanted !== undefined && isCaptured(s, wanted));
  const shown = useSelection((s) => s.session);
  const live = useStore(sessionsStore, (s) => capturing(s, shown));

  return (
    <form
      className="group"
      aria-label={t('capture.controls')}
      onSubmit={(event) => {
        event.preventDefault();
        void actions.startCapture();
      }}
    >
      <InterfacePicker />
      <input
        className="field field-filter"
        type="text"
        spellCheck={false}
        autoComplete="off"
        value={filter}
        aria-label={t('capture.filter')}
        placeholder={t('capture.filterHint')}
        title={t('capture.filterHelp')}
        onChange={(event) => interfacesStore.setState({ filter: event.target.value })}
      />
      <button
        type="submit"
        className="button button-primary"
        disabled={captured || !wanted}
        title={captured ? t('capture.runs') : wanted ? t('capture.startHelp') : chosen?.capture.why}
      >
        <Icon name="record" size={14} />
        {t('capture.start')}
      </button>
      <button
        type="button"
        className="button"
        disabled={live === undefined}
        title={live && t('capture.stopHelp', { title: live.title })}
        onClick={() => void actions.stopCapture()}
      >
        <Icon name="stop" size={14} />
        {t('capture.stop')}
      </button>
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={t('capture.open')}
        title={t('capture.open')}
        onClick={() => void pickFiles(CAPTURE_FILES).then((files) => openDroppedFiles(files, actions, window))}
      >
        <Icon name="open" />
      </button>
    </form>
  );
}
