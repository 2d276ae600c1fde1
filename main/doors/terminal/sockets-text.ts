import type { KernelSocketRecord, KernelSocketsReport, SocketsGap } from '../../../preload/sockets.ts';
import { columns } from './table.ts';

const HEAD = ['STATE', 'LOCAL', 'REMOTE', 'QUEUES', 'OWNER'] as const;
/** As good as none: the kernel's sign for a threshold that was never set. */
const NO_THRESHOLD = 0x7fff_ffff;

const octets = new Intl.NumberFormat('en-GB');
const count = (number: number): string => octets.format(number);
const digits = (number: number): string => String(Number(number.toPrecision(3)));
const ms = (milliseconds: number): string => (milliseconds >= 1000 ? `${digits(milliseconds / 1000)} s` : `${digits(milliseconds)} ms`);
const micros = (number: number): string => ms(number / 1000);

function rate(octetsPerSecond: number): string {
  const bits = octetsPerSecond * 8;
  const [unit, size] = bits >= 1e9 ? (['Gbit/s', 1e9] as const) : bits >= 1e6 ? (['Mbit/s', 1e6] as const) : (['kbit/s', 1e3] as const);
  return `${digits(bits / size)} ${unit}`;
}

/** How many sockets there are, and in which states. */
export function headline({ at, states }: KernelSocketsReport): string {
  const total = Object.values(states).reduce((sum, number) => sum + number, 0);
  const each = Object.entries(states).map(([state, number]) => `${state} ${count(number)}`);
  return `${new Date(at).toTimeString().slice(0, 8)}  ${count(total)} TCP socket${total === 1 ? '' : 's'} in this network namespace${each.length > 0 ? `: ${each.join(', ')}` : ''}`;
}

/** One row for each socket, and under it what the kernel tells of the connection; at most `lines` of them where that is given. */
export function socketLines({ sockets, total }: KernelSocketsReport, lines = Number.POSITIVE_INFINITY): readonly string[] {
  if (sockets.length === 0) return ['None of them was asked for.'];
  const details = sockets.map(detailLines);
  const height = 1 + sockets.length + details.reduce((sum, { length }) => sum + length, 0);
  const shown = height <= lines ? sockets.length : Math.max(0, Math.min(sockets.length, lines - 2));
  const [head, ...rows] = columns(HEAD, sockets.slice(0, shown).map(row)).trimEnd().split('\n');
  const more = total > shown ? [`and ${count(total - shown)} more`] : [];
  return [head!, ...rows.flatMap((text, i) => (height <= lines ? [text, ...details[i]!] : [text])), ...more];
}

function row(socket: KernelSocketRecord): readonly string[] {
  const { state, local, remote, interface: on } = socket;
  return [state, place(local, on), remote ? place(remote) : '-', queues(socket), owner(socket)];
}

const place = ({ address, port }: KernelSocketRecord['local'], on?: string): string => {
  const where = on === undefined ? address : `${address}%${on}`;
  return `${address.includes(':') ? `[${where}]` : where}:${port}`;
};

function queues({ listener, sendQueue, receiveQueue, holder, state }: KernelSocketRecord): string {
  if (listener) {
    const { accept, syn, drops } = listener;
    const { length, backlog } = accept;
    const parts = [
      `accept ${count(length)}${backlog === undefined ? '' : ` (backlog ${count(backlog)}${length > backlog ? ', FULL' : ''})`}`,
    ];
    if (syn.length > 0) parts.push(`SYN ${count(syn.length)}${syn.shared ? ' with others on this port' : ''}`);
    if (drops) parts.push(`dropped ${count(drops)}`);
    return parts.join(', ');
  }
  if (!sendQueue || !receiveQueue || holder === 'syn-queue' || state === 'TIME-WAIT' || state === 'CLOSED') return '-';
  const { length, unsent } = sendQueue;
  const split = length > 0 && unsent !== undefined ? ` (${count(length - unsent)} unacknowledged, ${count(unsent)} unsent)` : '';
  return `receive ${count(receiveQueue.length)}, send ${count(length)}${split}`;
}

const HOLDERS = {
  process: 'a process not seen',
  'syn-queue': 'the SYN queue',
  'accept-queue': 'the accept queue',
  kernel: 'no process any more',
} as const;

function owner({ owners, holder, user, uid, timer, state }: KernelSocketRecord): string {
  if (owners.length > 0) return `${owners.map(({ process, pid }) => `${process} (${pid})`).join(', ')} ${user ?? uid}`;
  if (holder === 'process') return `${HOLDERS.process}, of ${user ?? uid}`;
  return `${HOLDERS[holder]}${timer && state === 'TIME-WAIT' ? `, ${ms(timer.left)} left` : ''}`;
}

const INDENT = '    ';

function detailLines(socket: KernelSocketRecord): readonly string[] {
  if (socket.state === 'LISTEN' || socket.state === 'CLOSED') return [];
  const lines = [pathLine(socket), lossLine(socket), memoryLine(socket)];
  return lines.filter((line) => line !== '').map((line) => INDENT + line);
}

/** The way to the peer as this end knows it. */
function pathLine({ congestion, tcpInfo: info }: KernelSocketRecord): string {
  if (!info) return '';
  const of = (name: string): number => info[`tcpi_${name}`] ?? 0;
  const threshold = of('snd_ssthresh');
  return [
    ...(congestion ? [`${congestion.algorithm}${congestion.state ? `, ${congestion.state}` : ''}`] : []),
    of('rtt') > 0 ? `rtt ${micros(of('rtt'))} ± ${micros(of('rttvar'))}` : 'rtt not measured',
    `rto ${micros(of('rto'))}`,
    `cwnd ${of('snd_cwnd')} × ${count(of('snd_mss'))}`,
    ...(threshold < NO_THRESHOLD ? [`ssthresh ${threshold}`] : []),
    ...('tcpi_snd_wnd' in info ? [`peer’s window ${count(of('snd_wnd'))}`] : []),
    ...(of('delivery_rate') > 0
      ? [`delivers ${rate(of('delivery_rate'))}${of('delivery_rate_app_limited') ? ', held back by the program' : ''}`]
      : []),
  ].join('; ');
}

const TIMERS = {
  retransmission: 'retransmission',
  'syn-ack': 'SYN,ACK again',
  'keep-alive': 'keep-alive',
  'fin-wait-2': 'end of FIN-WAIT-2',
  'time-wait': 'end of TIME-WAIT',
  persist: 'window probe',
  unknown: 'a timer unknown here',
} as const;

/** What is under way, what was lost, and which timer runs. */
function lossLine({ tcpInfo, timer, state, shutdown }: KernelSocketRecord): string {
  const of = (name: string): number => tcpInfo?.[`tcpi_${name}`] ?? 0;
  const segments = (name: string, what: string): string[] => (of(name) > 0 ? [`${what} ${count(of(name))}`] : []);
  const flight = [
    ...segments('unacked', 'in flight'),
    ...segments('sacked', 'sacked'),
    ...segments('lost', 'lost'),
    ...segments('retrans', 'sent again now'),
    ...segments('total_retrans', 'retransmitted in all'),
  ];
  // In other states the peer's FIN says the same.
  const isDeaf = shutdown?.receive && (state === 'ESTABLISHED' || state === 'FIN-WAIT-1' || state === 'FIN-WAIT-2');
  const tries = timer && timer.tries > 0 ? `, tried ${timer.tries === 1 ? 'once' : `${timer.tries} times`}` : '';
  return [
    ...(flight.length > 0 ? [`segments ${flight.join(', ')}`] : []),
    ...(timer && state !== 'TIME-WAIT' ? [`${TIMERS[timer.kind]} in ${ms(timer.left)}${tries}`] : []),
    ...(isDeaf ? ['its program receives no more (SHUT_RD)'] : []),
  ].join('; ');
}

function memoryLine({ memory }: KernelSocketRecord): string {
  if (!memory || memory.receive + memory.queued + memory.backlog + memory.drops === 0) return '';
  const { receive, receiveLimit, queued, sendLimit, backlog, drops } = memory;
  return [
    `memory: receive ${count(receive)} of ${count(receiveLimit)}`,
    `send ${count(queued)} of ${count(sendLimit)}`,
    ...(backlog > 0 ? [`not looked at yet ${count(backlog)}`] : []),
    ...(drops > 0 ? [`packets dropped ${count(drops)}`] : []),
  ].join('; ');
}

/** What is missing in a list, and why. */
export function gapText(gap: SocketsGap): string {
  switch (gap.kind) {
    case 'no-sock-diag':
      return `The kernel does not tell through sock_diag (${gap.why}); /proc/net/tcp knows no backlogs, tcp_info, memory or congestion control.`;
    case 'hidden-owners': {
      const whose =
        gap.sockets === 1 ? 'The owner of one socket is not known:' : `The owners of ${count(gap.sockets)} sockets are not known:`;
      const { processes } = gap;
      return processes > 0
        ? `${whose} ${count(processes)} process${processes === 1 ? '' : 'es'} may not be looked into by this user.`
        : `${whose} no process that /proc shows here holds ${gap.sockets === 1 ? 'it' : 'them'}.`;
    }
    case 'changed':
      return 'The list changed while it was read: a socket may be missing.';
    case 'unreadable':
      return `${count(gap.messages)} messages of the kernel could not be read.`;
  }
}
