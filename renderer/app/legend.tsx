import { useEffect, useRef } from 'react';
import { TCP_STATES } from '../../main/tcp-model/states.ts';
import { useText } from '../i18n/text.ts';
import { lookOf } from '../state-colours.ts';
import { Icon } from '../ui/icon.tsx';
import { StateSwatch } from '../ui/state-badge.tsx';
import { SHORTCUTS } from './shortcuts.ts';

/** What the colours and patterns mean, and which keys do what. */
export function Legend({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="legend" aria-label={t('legend.title')} onClose={onClose}>
      <header>
        <h2>{t('legend.title')}</h2>
        <button type="button" className="button button-quiet button-icon" aria-label={t('close')} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <div className="legend-columns">
        <ul>
          {TCP_STATES.map((state) => (
            <li key={state}>
              <StateSwatch state={state} />
              <code>{lookOf(state).short}</code>
              <span>{state}</span>
            </li>
          ))}
        </ul>
        <div>
          <ul>
            <li>
              <StateSwatch state="ESTABLISHED" assumed />
              <span>{t('legend.assumed')}</span>
            </li>
            <li>
              <StateSwatch state="UNKNOWN" />
              <span>{t('legend.unknown')}</span>
            </li>
          </ul>
          <p>{t('legend.lanes')}</p>
          <h3>{t('legend.keys')}</h3>
          <dl className="keys">
            {SHORTCUTS.map(({ keys, does }) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{t(does)}</dd>
              </div>
            ))}
          </dl>
        </div>
      </div>
    </dialog>
  );
}
