import { useStore } from 'zustand';
import { formatOctets } from '../format/numbers.ts';
import { useText } from '../i18n/text.ts';
import { leftCapturesStore } from '../stores/left-captures.ts';
import { useActions } from '../stores/use.ts';
import { Icon } from '../ui/icon.tsx';

/** What a Workbench that crashed had captured; nothing where there is none. */
export function LeftCaptures() {
  const t = useText();
  const actions = useActions();
  const left = useStore(leftCapturesStore, (s) => s.left);
  if (left.length === 0) return null;
  return (
    <section className="left-captures" aria-label={t('left.title')}>
      <h3>
        <Icon name="warn" /> {t('left.title')}
      </h3>
      <p>{t('left.help')}</p>
      <ul>
        {left.map(({ id, title, began, octets }) => (
          <li key={id}>
            <span className="left-name">{title}</span>
            <span className="faint">
              {new Date(began).toLocaleString()} · {formatOctets(octets)}
            </span>
            <button type="button" className="button button-small" onClick={() => void actions.openLeft(id)}>
              {t('left.open')}
            </button>
            <button type="button" className="button button-quiet button-small" onClick={() => void actions.discardLeft(id)}>
              {t('left.discard')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
