import { useStore } from 'zustand';
import type { LessonInfo } from '../../preload/contract.ts';
import { useWindow } from '../app/window-actions.ts';
import { useText } from '../i18n/text.ts';
import { experimentStore, loadScript } from '../stores/experiment.ts';
import { lessonsStore, openLesson, partsOf } from '../stores/lessons.ts';
import { settingsStore } from '../stores/settings.ts';
import { useActions } from '../stores/use.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { LessonText } from './lesson-text.tsx';
import './lessons.css';

/** The lessons, and the text of the one open. */
export function LessonsPanel() {
  const t = useText();
  const { lessons, open } = useStore(lessonsStore);
  const language = useStore(settingsStore, (s) => s.language);
  const lesson = lessons.find(({ id }) => id === open);

  if (lessons.length === 0)
    return (
      <EmptyState icon="book" title={t('lessons.emptyTitle')}>
        {t('lessons.empty')}
      </EmptyState>
    );
  return (
    <div className="lessons">
      <nav aria-label={t('lessons.list')}>
        {partsOf(lessons).map(({ title, minutes, lessons: ones }) => (
          <section key={ones[0]!.id}>
            {title && (
              <h2 className="lesson-part">
                {title[language]} <span className="hint">{t('lessons.minutes', { n: minutes })}</span>
              </h2>
            )}
            <ol>
              {ones.map((one) => (
                <li key={one.id}>
                  <button type="button" aria-current={one.id === open} onClick={() => openLesson(one.id)}>
                    <span className="lesson-number">{one.number}</span>
                    <span>{language === 'zh' ? one.titleZh : one.title}</span>
                  </button>
                </li>
              ))}
            </ol>
          </section>
        ))}
      </nav>
      {lesson ? <Lesson lesson={lesson} key={lesson.id} /> : <p className="lesson-none hint">{t('lessons.pick')}</p>}
    </div>
  );
}

function Lesson({ lesson }: { readonly lesson: LessonInfo }) {
  const t = useText();
  const actions = useActions();
  const window = useWindow();
  const language = useStore(settingsStore, (s) => s.language);
  const running = useStore(experimentStore, (s) => s.running);
  const load = (): void => {
    // What the person changed in this lesson's script stays; another script gives way.
    if (experimentStore.getState().name !== lesson.id) loadScript(lesson.id, lesson.source);
  };
  return (
    <article className="lesson" lang={language} aria-label={language === 'zh' ? lesson.titleZh : lesson.title}>
      <div className="lesson-bar">
        <button
          type="button"
          className="button button-primary button-small"
          disabled={running}
          onClick={() => {
            load();
            void actions.runExperiment();
            window.show('console');
          }}
        >
          <Icon name="play" size={14} /> {t('lessons.run')}
        </button>
        <button
          type="button"
          className="button button-small"
          onClick={() => {
            load();
            window.show('editor');
          }}
        >
          {t('lessons.script')}
        </button>
      </div>
      <LessonText text={language === 'zh' ? lesson.textZh : lesson.text} />
    </article>
  );
}
