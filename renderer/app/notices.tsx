import { useStore } from 'zustand';
import { useText } from '../i18n/text.ts';
import { linkStore } from '../stores/link.ts';
import { dismiss, noticesStore } from '../stores/notices.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icon.tsx';

/** Says that the Workbench stopped answering, for as long as it does. */
export function LinkBanner() {
  const t = useText();
  const link = useStore(linkStore, (s) => s.link);
  if (link !== 'lost' && link !== 'unreachable') return null;
  return (
    <div className="banner" role="alert">
      <Icon name="warn" />
      <strong>{t(link === 'lost' ? 'link.lost' : 'link.unreachable')}</strong>
      <span>{t(link === 'lost' ? 'link.lostHelp' : 'link.unreachableHelp')}</span>
    </div>
  );
}

/** Failures, each with what to do about it, until they are closed. */
export function Notices() {
  const t = useText();
  const notices = useStore(noticesStore, (s) => s.notices);
  return (
    <div className="notices" role="status" aria-live="polite" aria-label={t('notices')}>
      {notices.map(({ id, error }) => (
        <div className="notice" key={id}>
          <Icon name="warn" />
          <div className="notice-text">
            <p>{error.message}</p>
            {error.help && (
              <p className="notice-help">
                {error.help} <CopyButton text={error.help} />
              </p>
            )}
          </div>
          <button type="button" className="button button-quiet button-icon" aria-label={t('dismiss')} onClick={() => dismiss(id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
