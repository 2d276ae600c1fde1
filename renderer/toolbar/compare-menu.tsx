import { useStore } from 'zustand';
import { CAPTURE_FILES, pickFiles } from '../app/open-files.ts';
import { useText } from '../i18n/text.ts';
import { comparisonStore } from '../stores/comparison.ts';
import { sessionsStore } from '../stores/sessions.ts';
import { useActions, useSelection, useSession } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';
import { Popover } from '../ui/popover.tsx';

/** Compares the capture shown with another one of the same connections, made elsewhere on their way. */
export function CompareMenu() {
  const t = useText();
  const actions = useActions();
  const session = useSession(useSelection((s) => s.session));
  const sessions = useStore(sessionsStore, (s) => s.sessions);
  const aligning = useStore(comparisonStore, (s) => s.aligning !== undefined && s.aligning === session?.id);
  if (!session || session.source.kind === 'engine') return null;
  const others = sessions.filter(({ id, source }) => id !== session.id && source.kind !== 'engine');
  const withFile = async (): Promise<void> => {
    const [file] = await pickFiles(CAPTURE_FILES);
    if (file) await actions.compareWithFile(session.id, file.name, new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <Popover
      label={t('compare.help')}
      className="button button-quiet button-small session-action"
      button={
        <>
          <Icon name="compare" size={14} /> <span className="action-label">{t(aligning ? 'compare.aligning' : 'compare.button')}</span>
        </>
      }
    >
      {(close) => (
        <div className="menu menu-wide" role="menu" aria-label={t('compare.help')}>
          <p className="menu-note">{t('compare.about')}</p>
          {others.map(({ id, title }) => (
            <button
              type="button"
              key={id}
              role="menuitemradio"
              aria-checked={session.comparedWith === id}
              onClick={() => {
                close();
                void actions.compare(session.id, id);
              }}
            >
              <span className="menu-mark">{session.comparedWith === id && <Icon name="check" size={14} />}</span>
              <span className="menu-text">{title}</span>
            </button>
          ))}
          <button
            type="button"
            role="menuitem"
            onClick={() => {
              close();
              void withFile();
            }}
          >
            <span className="menu-mark">
              <Icon name="open" size={14} />
            </span>
            {t('compare.file')}
          </button>
          {session.comparedWith !== undefined && (
            <button
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                void actions.endComparison(session.id);
              }}
            >
              <span className="menu-mark">
                <Icon name="close" size={14} />
              </span>
              {t('compare.end')}
            </button>
          )}
        </div>
      )}
    </Popover>
  );
}
