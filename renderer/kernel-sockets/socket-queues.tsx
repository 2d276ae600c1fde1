import type { KernelSocketRecord } from '../../preload/contract.ts';
import { useText } from '../i18n/text.ts';
import { Meter, SlotMeter } from '../queues/meters.tsx';

/** What waits in a socket's queues, against what they may hold. */
export function SocketQueues({ socket }: { readonly socket: KernelSocketRecord }) {
  const t = useText();
  const { listener, sendQueue, receiveQueue, memory } = socket;
  if (listener) {
    const { accept, syn } = listener;
    return (
      <>
        <SlotMeter
          label={t('queues.accept')}
          help={t('queues.acceptHelp')}
          filled={accept.length}
          slots={accept.backlog === undefined ? Math.max(1, accept.length) : accept.backlog + 1}
          names={[]}
          kind="accept"
        />
        <p className="hint">
          {t(syn.shared ? 'sockets.halfOpenShared' : 'sockets.halfOpen', { count: syn.length })}
          {listener.drops !== undefined && ` · ${t('sockets.dropped', { count: listener.drops })}`}
        </p>
      </>
    );
  }
  if (!sendQueue || !receiveQueue || !memory) return null;
  const unsent = sendQueue.unsent ?? 0;
  return (
    <>
      <Meter
        label={t('queues.send')}
        help={t('sockets.limitHelp')}
        capacity={Math.max(1, memory.sendLimit)}
        parts={[
          { label: t('queues.unacked'), value: sendQueue.length - unsent, kind: 'unacked' },
          { label: t('queues.unsent'), value: unsent, kind: 'unsent' },
        ]}
      />
      <Meter
        label={t('queues.receive')}
        help={t('sockets.limitHelp')}
        capacity={Math.max(1, memory.receiveLimit)}
        parts={[{ label: t('queues.receive'), value: receiveQueue.length, kind: 'in-order' }]}
      />
    </>
  );
}

interface FillProps {
  readonly label: string;
  readonly value: number;
  readonly limit: number;
  readonly kind: string;
  readonly text: string;
}

/** A queue in a row of the list. */
function Fill({ label, value, limit, kind, text }: FillProps) {
  return (
    <span className="fill" title={label}>
      {/* biome-ignore lint/a11y/useSemanticElements: drawn like the other queues */}
      <span className="bar" role="meter" aria-label={label} aria-valuenow={value} aria-valuemin={0} aria-valuemax={limit}>
        <span className={`part part-${kind}`} style={{ width: `${Math.min(100, (100 * value) / Math.max(1, limit))}%` }} />
      </span>
      <span className={`mono ${value >= limit && limit > 0 ? 'counter-bad' : ''}`}>{text}</span>
    </span>
  );
}

/** The fill of both queues, in one line: of a listener connections, of a connection the kernel's memory. */
export function QueueFill({ socket }: { readonly socket: KernelSocketRecord }) {
  const t = useText();
  const { listener, sendQueue, receiveQueue, memory } = socket;
  if (listener) {
    const { accept, syn, drops } = listener;
    const limit = accept.backlog === undefined ? 0 : accept.backlog + 1;
    return (
      <>
        <Fill
          label={t('queues.accept')}
          value={accept.length}
          limit={limit}
          kind="accept"
          text={limit > 0 ? `${accept.length}/${limit}` : String(accept.length)}
        />
        <span className="hint">
          {syn.length > 0 && `SYN ${syn.length}`}
          {drops ? ` ${t('sockets.dropped', { count: drops })}` : ''}
        </span>
      </>
    );
  }
  if (!sendQueue || !receiveQueue || !memory) return null;
  return (
    <>
      <Fill
        label={t('queues.receive')}
        value={memory.receive}
        limit={memory.receiveLimit}
        kind="in-order"
        text={short(receiveQueue.length)}
      />
      <Fill label={t('queues.send')} value={memory.queued} limit={memory.sendLimit} kind="unacked" text={short(sendQueue.length)} />
    </>
  );
}

const short = (octets: number): string =>
  octets < 10_000 ? String(octets) : octets < 1e6 ? `${(octets / 1000).toFixed(0)} k` : `${(octets / 1e6).toFixed(1)} M`;
