import type { KernelSocketRecord } from '../../preload/contract.ts';
import { formatCount, formatOctets } from '../format/numbers.ts';
import { formatDuration } from '../format/time.ts';
import { type TextKey, useText } from '../i18n/text.ts';

/** As good as none: the kernel's sign for a threshold that was never set. */
const NO_THRESHOLD = 0x7fff_ffff;

/** What the kernel tells of a socket beside its queues. */
export function SocketFacts({ socket }: { readonly socket: KernelSocketRecord }) {
  const t = useText();
  const { tcpInfo, congestion, timer, memory, listener } = socket;
  const of = (name: string): number => tcpInfo?.[`tcpi_${name}`] ?? 0;
  const seconds = (name: string): string => formatDuration(of(name) / 1e6);
  const connection: readonly (readonly [string, string] | false | undefined)[] =
    tcpInfo && !listener
      ? [
          ['rtt', of('rtt') > 0 ? `${seconds('rtt')} ± ${seconds('rttvar')}` : '–'],
          ['rto', seconds('rto')],
          ['cwnd', `${of('snd_cwnd')} × ${of('snd_mss')} B`],
          ['ssthresh', of('snd_ssthresh') >= NO_THRESHOLD ? '∞' : String(of('snd_ssthresh'))],
          'tcpi_snd_wnd' in tcpInfo && ([t('queues.sndWnd'), formatOctets(of('snd_wnd'))] as const),
          [t('queues.flight'), formatCount(of('unacked'))],
          ['lost', formatCount(of('lost'))],
          ['sacked', formatCount(of('sacked'))],
          [t('queues.retransmissions'), formatCount(of('total_retrans'))],
          ['delivery rate', `${formatOctets(of('delivery_rate'))}/s`],
        ]
      : [];
  const facts = [
    [t('queues.owner'), useOwner(socket)] as const,
    ...connection,
    congestion && (['congestion', `${congestion.algorithm}${listener ? '' : ` · ${congestion.state ?? ''}`}`] as const),
    timer &&
      ([t(`sockets.timer.${timer.kind}`), `${formatDuration(timer.left / 1000)}${timer.tries > 0 ? ` · ${timer.tries}×` : ''}`] as const),
    memory &&
      !listener &&
      ([
        'skmem',
        `${formatOctets(memory.receive)} / ${formatOctets(memory.receiveLimit)} · ${formatOctets(memory.queued)} / ${formatOctets(memory.sendLimit)}`,
      ] as const),
    memory !== undefined && memory.drops > 0 && !listener && ([t('sockets.packetsDropped'), formatCount(memory.drops)] as const),
    socket.uid !== undefined && (['uid', socket.user ?? String(socket.uid)] as const),
    ['inode', String(socket.inode)] as const,
  ];
  return (
    <dl className="facts">
      {facts
        .filter((fact) => fact !== false && fact !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono" title={value}>
              {value}
            </dd>
          </div>
        ))}
    </dl>
  );
}

const HOLDERS = {
  process: 'sockets.unseen',
  'syn-queue': 'queues.syn',
  'accept-queue': 'queues.accept',
  kernel: 'sockets.closed',
} as const satisfies Record<KernelSocketRecord['holder'], TextKey>;

/** The processes that hold a socket, or where it is without one. */
export function useOwner({ owners, holder }: KernelSocketRecord): string {
  const t = useText();
  return owners.length > 0 ? owners.map(({ process, pid }) => `${process} (${pid})`).join(', ') : t(HOLDERS[holder]);
}
