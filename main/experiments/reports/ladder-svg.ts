import { type Markup, markup } from './markup.ts';
import type { ReportedSegment } from './recorded-run.ts';

const MOST_SEGMENTS = 300;
const LEFT = 110;
const BETWEEN = 230;
const TOP = 40;
const STEP = 22;
/** A segment takes time: its arrow falls by so much. */
const FALL = 7;

/** Every segment in its order, one arrow each, between the hosts at the two ends of its link. */
export function ladderSvg(segments: readonly ReportedSegment[]): Markup {
  const hosts = [...new Set(segments.flatMap(({ from, to }) => [from, to]))];
  const shown = segments.slice(0, MOST_SEGMENTS);
  const x = (host: string): number => LEFT + 50 + hosts.indexOf(host) * BETWEEN;
  const width = LEFT + 100 + (hosts.length - 1) * BETWEEN + 60;
  const height = TOP + shown.length * STEP + 16;
  const columns = hosts.map(
    (host) =>
      markup`<text x="${x(host)}" y="18" text-anchor="middle" class="host">${host}</text><path class="host-line" d="M${x(host)} 26V${height}"/>`,
  );
  const rows = shown.map((segment, i) => arrow(segment, x(segment.from), x(segment.to), TOP + i * STEP, width));
  const rest = segments.length - shown.length;
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Ladder of ${shown.length} segments">${columns}${rows}</svg>${
    rest > 0 ? markup`<p class="hint">${rest} more segments are left out; the JSON report has them all.</p>` : undefined
  }`;
}

function arrow(segment: ReportedSegment, from: number, to: number, y: number, width: number): Markup {
  const back = to > from ? -7 : 7;
  const head = `M${to + back} ${y + FALL - 4}L${to} ${y + FALL}L${to + back} ${y + FALL + 3}`;
  const kind = segment.flags.includes('RST') ? 'reset' : isAgain(segment) ? 'again' : 'plain';
  return markup`<g class="${kind}"><text x="${LEFT - 8}" y="${y + 6}" text-anchor="end" class="time">${seconds(segment.time)}</text>
<path d="M${from} ${y}L${to} ${y + FALL}${head}"/><text x="${(from + to) / 2}" y="${y - 1}" text-anchor="middle" class="flags">${labelOf(segment)}</text>${
    segment.line === undefined
      ? undefined
      : markup`<text x="${width - 4}" y="${y + 6}" text-anchor="end" class="time">line ${segment.line}</text>`
  }</g>
`;
}

const isAgain = ({ cause }: ReportedSegment): boolean =>
  cause === 'retransmission' || cause === 'fast-retransmission' || cause === 'loss-probe';

function labelOf({ flags, relativeSeq, relativeAck, length }: ReportedSegment): string {
  const numbers = length > 0 ? ` ${relativeSeq}:${relativeSeq + length}` : '';
  return `${flags || 'no flags'}${numbers}${flags.includes('ACK') ? ` ack ${relativeAck}` : ''}`;
}

const seconds = (time: number): string => `${(time / 1e9).toFixed(6)} s`;
