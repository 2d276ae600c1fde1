import type { ComparedMoment } from '../../preload/contract.ts';
import type { Stroke } from './compared-geometry.ts';
import { kindOf } from './ladder-rows.ts';

interface ComparedArrowsProps {
  readonly strokes: readonly Stroke[];
  readonly rows: readonly (ComparedMoment | undefined)[];
  readonly isOn: (row: number) => boolean;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The ways of all segments in sight, drawn once over their rows; the rows say the same in words. */
export function ComparedArrows({ strokes, rows, isOn, top, width, height }: ComparedArrowsProps) {
  return (
    <svg
      className="compared-arrows"
      style={{ transform: `translate(-50%, ${top}px)` }}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      {strokes.map((stroke) => {
        const moment = rows[stroke.row]!;
        const kind = moment.fate === 'lost' ? 'lost' : moment.fate === 'arrived' ? kindOf(moment) : 'apart';
        return (
          <g key={stroke.key} className={`way way-${kind} ${isOn(stroke.row) ? 'way-on' : ''} ${stroke.dashed ? 'way-dashed' : ''}`}>
            <line x1={stroke.x1} y1={stroke.y1} x2={stroke.x2} y2={stroke.y2} />
            <End {...stroke} />
          </g>
        );
      })}
    </svg>
  );
}

function End({ x1, y1, x2, y2, end }: Stroke) {
  if (end === 'open') return null;
  const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return (
    <path
      className={`way-${end}-end`}
      d={end === 'arrow' ? 'M0 0 -9 -4.5 -9 4.5z' : 'M-5 -5 5 5M5 -5 -5 5'}
      transform={`translate(${x2} ${y2}) rotate(${end === 'arrow' ? turn : 0})`}
    />
  );
}
