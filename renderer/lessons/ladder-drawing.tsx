import type { LadderSketch } from './ladder-sketch.ts';

const WIDTH = 320;
const LEFT = 40;
const RIGHT = WIDTH - LEFT;
const TOP = 34;
const STEP = 26;
/** A segment takes time: its arrow falls by so much. */
const FALL = 8;

/** What a lesson expects, as a small ladder. A screen reader gets the same as a list of words. */
export function LadderDrawing({ sketch }: { readonly sketch: LadderSketch }) {
  const { left, right, arrows } = sketch;
  const height = TOP + arrows.length * STEP + 6;
  const inWords = arrows.map(({ towardsRight, label }) => `${towardsRight ? left : right}: ${label}`).join('; ');
  return (
    <svg className="ladder-sketch" viewBox={`0 0 ${WIDTH} ${height}`} width={WIDTH} height={height} role="img" aria-label={inWords}>
      <text x={LEFT} y={16} textAnchor="middle">
        {left}
      </text>
      <text x={RIGHT} y={16} textAnchor="middle">
        {right}
      </text>
      <path d={`M${LEFT} 24V${height}M${RIGHT} 24V${height}`} className="ladder-sketch-host" />
      {arrows.map(({ towardsRight, label }, i) => {
        const y = TOP + i * STEP;
        const [from, to] = towardsRight ? [LEFT, RIGHT] : [RIGHT, LEFT];
        const back = towardsRight ? -7 : 7;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: arrows never move or change
          <g key={i}>
            <path d={`M${from} ${y}L${to} ${y + FALL}M${to + back} ${y + FALL - 4}L${to} ${y + FALL}L${to + back} ${y + FALL + 3}`} />
            <text x={WIDTH / 2} y={y + 1} textAnchor="middle" className="mono">
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
