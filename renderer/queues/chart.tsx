import { memo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatOctets } from '../format/numbers.ts';
import { type TextKey, useText } from '../i18n/text.ts';
import { decimate, type Point } from './decimate.ts';

export interface ChartLine {
  readonly key: string;
  readonly label: TextKey;
  readonly colour: string;
  readonly dash?: string;
}

interface ChartProps {
  readonly label: string;
  readonly points: readonly Point[];
  readonly lines: readonly ChartLine[];
  readonly unit: 'octets' | 'count';
  readonly limit?: number;
  readonly cursor: number | undefined;
}

/** More points than pixels would only cost time. */
const MOST_POINTS = 240;
/** A limit that is further away than this many times the data would only flatten it. */
const NEAR = 4;

/** Octets and labels left of the plot, and what is left free at its right. */
const LEFT = 50;
const RIGHT = 8;

/** Lengths over the engine's time, and the moment that is looked at; only the line of that moves with it. */
export function Chart({ cursor, ...drawn }: ChartProps) {
  const { points } = drawn;
  const [first, last] = [points[0]?.time ?? 0, points.at(-1)?.time ?? 0];
  const share = cursor === undefined || last <= first ? -1 : (cursor - first) / (last - first);
  return (
    <div className="chart-with-cursor">
      <Drawn {...drawn} />
      {share >= 0 && share <= 1 && (
        <div className="chart-cursor" style={{ left: `calc(${LEFT}px + (100% - ${LEFT + RIGHT}px) * ${share})` }} aria-hidden="true" />
      )}
    </div>
  );
}

/** A step holds until the next change. */
const Drawn = memo(function Drawn({ label, points, lines, unit, limit }: Omit<ChartProps, 'cursor'>) {
  const t = useText();
  const data = decimate(
    points,
    lines.map((line) => line.key),
    MOST_POINTS,
  );
  const highest = Math.max(0, ...data.flatMap((point) => lines.map((line) => point[line.key] ?? 0)));
  const format = (value: number): string => (unit === 'octets' ? formatOctets(value) : String(value));
  return (
    <figure className="chart" aria-label={label}>
      <figcaption>
        {label}
        {lines.map((line) => (
          <span className="chart-key" key={line.key}>
            <svg width="14" height="6" aria-hidden="true">
              <line x1="0" y1="3" x2="14" y2="3" stroke={line.colour} strokeWidth="2" strokeDasharray={line.dash} />
            </svg>
            {t(line.label)}
          </span>
        ))}
      </figcaption>
      <div className="chart-box">
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={data as Point[]} margin={{ top: 4, right: RIGHT, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="time"
              type="number"
              domain={['dataMin', 'dataMax']}
              tickFormatter={(value: number) => `${value.toFixed(1)} s`}
              stroke="var(--faint)"
              tick={{ fontSize: 10, fill: 'var(--muted)' }}
              tickLine={false}
              minTickGap={40}
              height={18}
            />
            <YAxis
              width={LEFT}
              allowDecimals={false}
              tickFormatter={format}
              stroke="var(--faint)"
              tick={{ fontSize: 10, fill: 'var(--muted)' }}
              tickLine={false}
              axisLine={false}
              tickCount={3}
            />
            <Tooltip
              isAnimationActive={false}
              contentStyle={{
                background: 'var(--raised)',
                border: '1px solid var(--line-strong)',
                borderRadius: 6,
                fontSize: 11,
                padding: '4px 8px',
              }}
              labelFormatter={(value) => `${Number(value).toFixed(3)} s`}
              formatter={(value) => format(Number(value))}
            />
            {limit !== undefined && highest >= limit / NEAR && (
              <ReferenceLine y={limit} stroke="var(--bad)" strokeDasharray="2 3" ifOverflow="extendDomain" />
            )}
            {lines.map((line) => (
              <Line
                key={line.key}
                dataKey={line.key}
                name={t(line.label)}
                type="stepAfter"
                stroke={line.colour}
                strokeWidth={1.5}
                {...(line.dash ? { strokeDasharray: line.dash } : {})}
                dot={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
});
