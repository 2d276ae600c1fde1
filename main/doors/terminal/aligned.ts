import type { AlignedFiles } from '../../workbench/terminal.ts';
import { columns } from './table.ts';

type Connection = AlignedFiles['connections'][number];
type Direction = Connection['directions']['client'];

/** Two microseconds, the rounding of two captures. */
const RESOLUTION = 2e3;

const ms = (nanoseconds: number): string => `${(nanoseconds / 1e6).toFixed(3)} ms`;
const ppm = (drift: number): string => `${(drift * 1e6).toFixed(1)} ppm`;

/** What is said of two captures together. */
export function alignedText(aligned: AlignedFiles): string {
  const { nearClient, connections } = aligned;
  const near = nearClient === 'a' ? 'The first capture is' : 'The second capture is';
  return [
    `${near} the one nearer to the clients. ${clockText(aligned)}`,
    `${connections.length === 1 ? 'One connection is' : `${connections.length} connections are`} in both.`,
    '',
    ...connections.map((connection) => connectionText(aligned, connection)),
  ].join('\n');
}

function clockText({ clock }: AlignedFiles): string {
  if (!clock)
    return 'Segments of one direction alone are in both, so the clocks cannot be told from the way: the shortest way counts as none.';
  const way = clock.ahead >= 0 ? 'ahead' : 'behind';
  const drift = clock.driftKnown
    ? `it ${clock.drift >= 0 ? 'gains' : 'loses'} ${ppm(Math.abs(clock.drift))} (possible: ${ppm(clock.driftRange[0])} to ${ppm(clock.driftRange[1])})`
    : 'the captures are too short to tell its drift, taken for none';
  const doubt =
    clock.margin >= -RESOLUTION
      ? `by ${ms(Math.max(0, clock.margin))} it may be otherwise, if the ways differ`
      : `no steady clock explains all segments: some seem to arrive ${ms(-2 * clock.margin)} before they left (a clock was set meanwhile?)`;
  return `The second clock is ${Math.abs(clock.ahead).toFixed(6)} s ${way} (${doubt}); ${drift}.`;
}

function connectionText(aligned: AlignedFiles, { a, b, directions }: Connection): string {
  const { client, server } = aligned.record(a);
  const name = ({ address, port }: typeof client) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  return [
    `#${a} (second capture: #${b})  ${name(client)} → ${name(server)}`,
    `    client → server  ${directionText(directions.client)}`,
    `    server → client  ${directionText(directions.server)}`,
    '',
  ].join('\n');
}

function directionText({ sent, arrived, lost, recut, notCaptured, lostFrames, delay }: Direction): string {
  const parts = [`${sent} sent, ${arrived} arrived`];
  if (lost > 0)
    parts.push(`${lost} lost on the way (packets ${lostFrames.slice(0, 8).join(', ')}${lost > 8 ? ', …' : ''} where they left)`);
  if (recut > 0) parts.push(`${recut} came in other pieces (offload)`);
  if (notCaptured > 0) parts.push(`${notCaptured} more arrived that the capture where they left missed`);
  if (delay) parts.push(`way ${ms(delay.min)} at best, half within ${ms(delay.median)}, ${ms(delay.max)} at worst`);
  return parts.join('; ');
}

/** Every segment of a connection with both its moments, in seconds of the first capture. */
export function fatesText(aligned: AlignedFiles, connection: Connection): string {
  const seconds = (moment: { readonly at: number } | undefined) => (moment ? (moment.at / 1e9).toFixed(6) : '-');
  const rows = aligned
    .fates(connection)
    .map(({ from, sent, arrived, fate, seq, length }) => [
      seconds(sent),
      seconds(arrived),
      from === 'client' ? 'client →' : '← server',
      fate,
      String(seq),
      String(length),
      sent ? String(sent.frame) : '-',
      arrived ? String(arrived.frame) : '-',
    ]);
  return columns(['SENT', 'ARRIVED', 'FROM', 'FATE', 'SEQ', 'LENGTH', 'FRAME SENT', 'FRAME ARRIVED'], rows);
}

export function alignedJson(aligned: AlignedFiles, only?: Connection): object {
  const { nearClient, clock, connections } = aligned;
  return {
    nearClient,
    ...(clock && { clock }),
    connections: (only ? [only] : connections).map((connection) => {
      const { client, server } = aligned.record(connection.a);
      return { ...connection, client, server, ...(only && { segments: aligned.fates(connection) }) };
    }),
  };
}
