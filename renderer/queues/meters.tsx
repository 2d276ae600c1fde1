// biome-ignore-all lint/a11y/useSemanticElements: a <meter> cannot show two parts or places
import { formatOctets } from '../format/numbers.ts';

interface SlotMeterProps {
  readonly label: string;
  readonly help: string;
  readonly filled: number;
  readonly slots: number;
  /** Who waits, in order. */
  readonly names: readonly string[];
  readonly kind: 'syn' | 'accept';
}

/** More places than this are drawn as one bar. */
const MOST_SLOTS = 32;

/** A queue of connections, one box a place. */
export function SlotMeter({ label, help, filled, slots, names, kind }: SlotMeterProps) {
  const full = filled >= slots;
  return (
    <div className={`meter ${full ? 'meter-full' : ''}`} title={help}>
      <span className="meter-label">{label}</span>
      <span className="slots" role="meter" aria-label={label} aria-valuenow={filled} aria-valuemin={0} aria-valuemax={slots}>
        {slots <= MOST_SLOTS ? (
          Array.from({ length: slots }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a place in a queue is its position
            <span key={i} className={`slot ${i < filled ? `slot-${kind}` : ''}`} title={names[i]} />
          ))
        ) : (
          <span className="bar">
            <span className={`part part-${kind}`} style={{ width: `${Math.min(100, (100 * filled) / slots)}%` }} />
          </span>
        )}
      </span>
      <span className="meter-value mono">
        {filled}/{slots}
      </span>
    </div>
  );
}

interface MeterProps {
  readonly label: string;
  readonly help: string;
  readonly capacity: number;
  readonly parts: readonly { readonly label: string; readonly value: number; readonly kind: string }[];
}

/** A queue of octets within its buffer. A few octets in a large buffer still show. */
export function Meter({ label, help, capacity, parts }: MeterProps) {
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <div className="meter" title={help}>
      <span className="meter-label">{label}</span>
      <span className="bar" role="meter" aria-label={label} aria-valuenow={total} aria-valuemin={0} aria-valuemax={capacity}>
        {parts.map(({ label: name, value, kind }) => (
          <span
            key={kind}
            className={`part part-${kind}`}
            style={{ width: `${Math.min(100, (100 * value) / capacity)}%`, minWidth: value > 0 ? 4 : 0 }}
            title={`${name}: ${formatOctets(value)}`}
          />
        ))}
      </span>
      <span className="meter-value mono">{parts.map(({ value }) => formatOctets(value)).join(' + ')}</span>
    </div>
  );
}
