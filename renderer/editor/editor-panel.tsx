import { useStore } from 'zustand';
import { openDroppedFiles, pickFiles, SCRIPT_FILES } from '../app/open-files.ts';
import { useWindow } from '../app/window-actions.ts';
import { useText } from '../i18n/text.ts';
import { experimentStore, loadScript } from '../stores/experiment.ts';
import { lessonsStore, openLesson, partsOf } from '../stores/lessons.ts';
import { settingsStore } from '../stores/settings.ts';
import { useActions } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { CodeView } from './code-view.tsx';
import { RunControls } from './run-controls.tsx';
import './editor.css';

/** A script on the socket API, and what it runs on. */
export default function EditorPanel() {
  const t = useText();
  const actions = useActions();
  const window = useWindow();
  const language = useStore(experimentStore, (s) => s.language);
  const blank = useStore(experimentStore, (s) => !s.isOpen);
  const lessons = useStore(lessonsStore, (s) => s.lessons);

  return (
    <>
      <div className="panel-bar editor-bar">
        <RunControls blank={blank} />
        <LessonPicker />
        <button
          type="button"
          className="button button-quiet button-icon"
          aria-label={t('editor.open')}
          title={t('editor.open')}
          onClick={() => void pickFiles(SCRIPT_FILES).then((files) => openDroppedFiles(files, actions, window))}
        >
          <Icon name="open" />
        </button>
        <span className="spacer" />
        {language === 'packetdrill' ? (
          <span className="hint" title={t('editor.packetdrillHelp')}>
            packetdrill · {t('editor.engine')}
          </span>
        ) : (
          <RunSettings />
        )}
      </div>
      {blank ? (
        <EmptyState
          icon="book"
          title={t('editor.emptyTitle')}
          {...(lessons[0]
            ? {
                action: {
                  label: t('editor.openFirst'),
                  run: () => {
                    const lesson = lessons[0]!;
                    loadScript(lesson.id, lesson.source);
                    openLesson(lesson.id);
                  },
                },
              }
            : { action: { label: t('editor.blank'), run: () => loadScript('experiment', '') } })}
        >
          {t('editor.empty')}
        </EmptyState>
      ) : (
        <CodeView label={t('panel.editor')} />
      )}
    </>
  );
}

/** What a script of TypeScript runs on, and with which seed. */
function RunSettings() {
  const t = useText();
  const target = useStore(experimentStore, (s) => s.target);
  const seed = useStore(experimentStore, (s) => s.seed);
  return (
    <>
      <label>
        {t('editor.target')}
        <select
          className="field"
          value={target}
          onChange={(event) => experimentStore.setState({ target: event.target.value === 'kernel' ? 'kernel' : 'engine' })}
        >
          <option value="engine">{t('editor.engine')}</option>
          <option value="kernel">{t('editor.kernel')}</option>
        </select>
      </label>
      <label title={t('editor.seedHelp')}>
        {t('editor.seed')}
        <input
          className="field field-seed"
          type="number"
          min={0}
          step={1}
          value={seed}
          onChange={(event) => experimentStore.setState({ seed: Math.max(0, Math.floor(Number(event.target.value)) || 0) })}
        />
      </label>
    </>
  );
}

function LessonPicker() {
  const t = useText();
  const lessons = useStore(lessonsStore, (s) => s.lessons);
  const templates = useStore(lessonsStore, (s) => s.templates);
  const name = useStore(experimentStore, (s) => s.name);
  const language = useStore(settingsStore, (s) => s.language);
  return (
    <select
      className="field field-lesson"
      aria-label={t('editor.lesson')}
      value={lessons.some((lesson) => lesson.id === name) ? name : ''}
      onChange={(event) => {
        const template = templates.find(({ id }) => id === event.target.value);
        if (template) loadScript('experiment', template.source, template.language);
        const lesson = lessons.find(({ id }) => id === event.target.value);
        if (!lesson) return;
        loadScript(lesson.id, lesson.source);
        openLesson(lesson.id);
      }}
    >
      <option value="">{name === 'experiment' || lessons.some((lesson) => lesson.id === name) ? t('editor.own') : name}</option>
      <optgroup label={t('editor.templates')}>
        {templates.map(({ id }) => (
          <option key={id} value={id}>
            {t(`template.${id}`)}
          </option>
        ))}
      </optgroup>
      {partsOf(lessons).map(({ title, lessons: ones }) => (
        <optgroup key={ones[0]!.id} label={title?.[language] ?? t('panel.lessons')}>
          {ones.map((lesson) => (
            <option key={lesson.id} value={lesson.id}>
              {lesson.number}. {language === 'zh' ? lesson.titleZh : lesson.title}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
