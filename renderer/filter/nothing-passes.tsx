import { useText } from '../i18n/text.ts';
import { applyFilter } from '../stores/filter.ts';
import { EmptyState } from '../ui/empty-state.tsx';

/** In place of a list of connections of which none passes the display filter. */
export function NothingPasses() {
  const t = useText();
  return (
    <EmptyState icon="cross" title={t('filter.nothingTitle')} action={{ label: t('filter.clear'), run: () => applyFilter('') }}>
      {t('filter.nothing')}
    </EmptyState>
  );
}
