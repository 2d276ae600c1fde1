import type { Check } from '../../preload/contract.ts';
import { useText } from '../i18n/text.ts';

/** What was expected and what was, side by side; what differs stands between « and » and is marked. */
export function BothSides({ check: { expected, actual } }: { readonly check: Check }) {
  const t = useText();
  return (
    <span className="line-sides">
      <span>
        {t('check.expected')} <Marked text={expected} />
      </span>
      <span>
        {t('check.actual')} <Marked text={actual} />
      </span>
    </span>
  );
}

function Marked({ text }: { readonly text: string }) {
  return (
    <code>
      {text.split(/(«[^»]*»)/).map((part, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places
        part.startsWith('«') ? <mark key={i}>{part}</mark> : part,
      )}
    </code>
  );
}
