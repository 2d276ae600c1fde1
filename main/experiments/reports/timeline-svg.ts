import type { TcpState } from '../../tcp-model/states.ts';
import { type Markup, markup } from './markup.ts';
import type { ReportedChange } from './recorded-run.ts';

const MOST_ROWS = 60;
const MOST_MOMENTS = 400;
const LEFT = 150;
const WIDTH = 1000;
const TOP = 26;
const ROW = 26;
/** Narrower than this a bar has no room for its state's name, and narrower than the other none for the short one. */
const ROOM_FOR_NAME = 100;
const ROOM_FOR_SHORT = 32;

/**
 * The states of every connection, one row for each end. Along the bottom runs not time but what happened: each moment at which
 * some state changed takes the same room, for a handshake and the minute of TIME-WAIT after it fit on no common scale.
 */
export function timelineSvg(changes: readonly ReportedChange[], end: number): Markup {
  const moments = [...new Set(changes.map(({ time }) => time)), end].sort((a, b) => a - b).slice(0, MOST_MOMENTS);
  const x = (time: number): number => {
    const at = moments.findIndex((moment) => moment >= time);
    return LEFT + ((at < 0 ? moments.length - 1 : at) * (WIDTH - LEFT)) / Math.max(1, moments.length - 1);
  };
  const lives = [...byEnd(changes)];
  const shown = lives.slice(0, MOST_ROWS);
  const height = TOP + shown.length * ROW + 8;
  const rows = shown.map(([name, ofOne], row) => life(name, ofOne, x, TOP + row * ROW));
  const left = lives.length - shown.length;
  return markup`<svg viewBox="0 0 ${WIDTH + 8} ${height}" width="${WIDTH + 8}" height="${height}" role="img" aria-label="States of ${shown.length} connections">${ticks(moments, x, height)}${rows}</svg>${
    left > 0 ? markup`<p class="hint">${left} more connections are left out; the JSON report has them all.</p>` : undefined
  }`;
}

function byEnd(changes: readonly ReportedChange[]): ReadonlyMap<string, readonly ReportedChange[]> {
  const ends = new Map<string, ReportedChange[]>();
  for (const change of changes) {
    const name = `${change.host} #${change.connection}`;
    const known = ends.get(name);
    if (known) known.push(change);
    else ends.set(name, [change]);
  }
  return ends;
}

function life(name: string, changes: readonly ReportedChange[], x: (time: number) => number, y: number): Markup {
  const bars = changes.map(({ time, to }, i) => {
    if (to === 'CLOSED') return undefined;
    const [from, until] = [x(time), x(changes[i + 1]?.time ?? Number.POSITIVE_INFINITY)];
    const width = Math.max(2, until - from);
    const name = width >= ROOM_FOR_NAME ? to : width >= ROOM_FOR_SHORT ? LOOK[to].short : undefined;
    const label = name && markup`<text x="${from + 4}" y="${y + 14}">${name}</text>`;
    return markup`<g class="${LOOK[to].group}"><title>${to} from ${(time / 1e9).toFixed(6)} s</title><rect x="${from}" y="${y}" width="${width}" height="18" rx="3"/>${label}</g>`;
  });
  return markup`<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end" class="host">${name}</text>${bars}
`;
}

const MOST_TICKS = 10;

function ticks(moments: readonly number[], x: (time: number) => number, height: number): readonly Markup[] {
  const every = Math.max(1, Math.ceil(moments.length / MOST_TICKS));
  return moments
    .filter((_, i) => i % every === 0)
    .map(
      (time) =>
        markup`<path class="tick" d="M${x(time)} 18V${height}"/><text class="time" x="${x(time)}" y="12" text-anchor="middle">${(time / 1e9).toFixed(3)} s</text>`,
    );
}

/** How a state is coloured, by what the connection is doing, and what it is called where there is little room. */
const LOOK: { readonly [S in TcpState]: { readonly group: string; readonly short: string } } = {
  CLOSED: { group: 'idle', short: '' },
  LISTEN: { group: 'listening', short: 'LIS' },
  'SYN-SENT': { group: 'opening', short: 'S-S' },
  'SYN-RECEIVED': { group: 'opening', short: 'S-R' },
  ESTABLISHED: { group: 'open', short: 'EST' },
  'FIN-WAIT-1': { group: 'closing', short: 'FW1' },
  'FIN-WAIT-2': { group: 'closing', short: 'FW2' },
  'CLOSE-WAIT': { group: 'closing', short: 'C-W' },
  CLOSING: { group: 'closing', short: 'CLO' },
  'LAST-ACK': { group: 'closing', short: 'L-A' },
  'TIME-WAIT': { group: 'waiting', short: 'T-W' },
};
