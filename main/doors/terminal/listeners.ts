import type { ListenerRecord, ListenersReport, QueueLengths } from '../../../preload/contract.ts';
import { decimal } from './json.ts';

/** Listeners told of as JSON. */
export const MOST_LISTENERS = 10_000;
/** Listeners shown to a reader. */
export const SHOWN_LISTENERS = 20;

/** The listeners, one after the other: since when they listen, how connections to them ended, and what waited. */
export function listenersText({ listeners, total }: ListenersReport): string {
  const shown = listeners.filter(({ state }) => state !== 'UNKNOWN');
  if (shown.length === 0) return '';
  const more = total > shown.length ? [`    and ${total - shown.length} more addresses and ports that connections were opened to`] : [];
  return ['listeners', ...shown.map(listenerText), ...more].join('\n');
}

function listenerText(record: ListenerRecord): string {
  const { endpoint, connections, established, refused, unanswered, synQueue, acceptQueue, ignoredSyns, ignoredAcks, unrepeated } = record;
  const { address, port } = endpoint;
  const count = (number: number, what: string): string[] => (number > 0 ? [`${number} ${what}`] : []);
  const ends = [
    ...count(established, 'established'),
    ...count(refused, 'refused'),
    ...count(unanswered, 'never answered'),
    ...count(unrepeated, 'answered once and forgotten: SYN cookies, or ACKs that were not captured'),
    ...count(ignoredAcks, 'kept half-open though the client had answered: no room to be accepted'),
    ...count(ignoredSyns, ignoredSyns === 1 ? 'SYN passed over' : 'SYNs passed over'),
  ];
  return [
    `    ${address.includes(':') ? `[${address}]` : address}:${port}  ${sinceWhen(record)}`,
    `        connections ${connections}${ends.length > 0 ? `: ${ends.join(', ')}` : ''}`,
    ...queueText('SYN queue', '', synQueue),
    ...queueText('accept queue', 'at most ', acceptQueue),
  ].join('\n');
}

function sinceWhen({ state, spans }: ListenerRecord): string {
  const last = spans.at(-1);
  const before = spans.at(-2);
  if (!last) return state;
  const known = `${state} from ${decimal(last.from)} (packet ${last.packet}) at the latest`;
  return before ? `${known}, ${before.state} until ${decimal(before.to)} (packet ${before.lastPacket}) at least` : known;
}

const queueText = (name: string, atMost: string, { now, most, mostAt }: QueueLengths): string[] =>
  most === 0 ? [] : [`        ${name.padEnd(12)} ${atMost}${now} now, ${atMost}${most} at ${mostAt.toFixed(3)} s`];
