import { useStore } from 'zustand';
import type { CaptureComparison, ComparedConnection, Direction } from '../../preload/contract.ts';
import { formatCount } from '../format/numbers.ts';
import { formatDuration } from '../format/time.ts';
import { type Translate, useText } from '../i18n/text.ts';
import type { Side } from '../side.ts';
import { comparisonStore } from '../stores/comparison.ts';
import { useSession } from '../stores/use.ts';
import './comparison.css';

interface ComparisonBarProps {
  readonly facts: CaptureComparison;
  /** The selected connection; undefined where it is not in both. */
  readonly connection: ComparedConnection | undefined;
}

/** Two microseconds, the rounding of two captures. */
const RESOLUTION = 2e3;

/** What two captures say of each other: how the clocks run, who is where, and what became of the segments on the way. */
export function ComparisonBar({ facts, connection }: ComparisonBarProps) {
  const t = useText();
  const showsBoth = useStore(comparisonStore, (s) => s.showsBoth);
  const other = useSession(facts.with)?.title ?? '';
  return (
    <section className="comparison" aria-label={t('compare.facts')}>
      <div className="comparison-line">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that a bar has no room for */}
        <span className="segmented" role="group" aria-label={t('compare.show')}>
          {([true, false] as const).map((both) => (
            <button
              type="button"
              key={String(both)}
              className="button button-small"
              aria-pressed={showsBoth === both}
              onClick={() => comparisonStore.setState({ showsBoth: both })}
            >
              {t(both ? 'compare.both' : 'compare.one')}
            </button>
          ))}
        </span>
        <span className="comparison-where" title={t('compare.marginHelp')}>
          {t(facts.nearClient === 'this' ? 'compare.nearClient' : 'compare.nearServer')} {clockText(facts, other, t)}
        </span>
      </div>
      {connection ? (
        (['client', 'server'] as const).map((side) => <DirectionLine key={side} side={side} direction={connection.directions[side]} />)
      ) : (
        <p className="comparison-line hint">{t('compare.notInBoth', { other })}</p>
      )}
    </section>
  );
}

/** The other clock against this one, and how sure that is. */
function clockText({ clock }: CaptureComparison, other: string, t: Translate): string {
  if (!clock) return t('compare.noClock');
  const { ahead, margin, drift, driftKnown } = clock;
  const ppm = (Math.abs(drift) * 1e6).toFixed(1);
  const seconds = Math.abs(ahead).toFixed(6);
  return [
    t(Number(seconds) === 0 ? 'compare.same' : ahead > 0 ? 'compare.ahead' : 'compare.behind', { other, s: seconds }),
    margin >= -RESOLUTION
      ? t('compare.margin', { margin: formatDuration(Math.max(0, margin) / 1e9) })
      : t('compare.unsteady', { early: formatDuration((-2 * margin) / 1e9) }),
    t(!driftKnown ? 'compare.driftUnknown' : ppm === '0.0' ? 'compare.noDrift' : drift > 0 ? 'compare.gains' : 'compare.loses', { ppm }),
  ].join(' ');
}

const COUNTED = [
  ['arrived', ''],
  ['lost', 'bad'],
  ['notCaptured', 'warn'],
  ['recut', ''],
  ['unknown', ''],
] as const;

/** What became of what one side sent; fates that nothing had are left out. */
function DirectionLine({ side, direction }: { readonly side: Side; readonly direction: Direction }) {
  const t = useText();
  const { delay } = direction;
  return (
    <p className="comparison-line" data-side={side}>
      <b className="comparison-side">{t(side === 'client' ? 'compare.toServer' : 'compare.toClient')}</b>
      <span>{t('compare.sent', { n: formatCount(direction.sent) })}</span>
      {COUNTED.map(
        ([fate, weight]) =>
          (direction[fate] > 0 || fate === 'arrived' || fate === 'lost') && (
            <span
              key={fate}
              data-fate={fate}
              className={direction[fate] > 0 && weight ? `fate-${weight}` : ''}
              title={t(`fateHelp.${fate}`)}
            >
              {t(`fateCount.${fate}`, { n: formatCount(direction[fate]) })}
            </span>
          ),
      )}
      {delay && (
        <span className="comparison-way" title={t('compare.wayHelp')}>
          {t('compare.way', { median: formatDuration(delay.median / 1e9) })}{' '}
          <span className="comparison-range">
            {t('compare.wayRange', { min: formatDuration(delay.min / 1e9), max: formatDuration(delay.max / 1e9) })}
          </span>
        </span>
      )}
    </p>
  );
}
