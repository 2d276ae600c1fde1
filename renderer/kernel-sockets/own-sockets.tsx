import type { ConnectionRecord, KernelSocketRecord } from '../../preload/contract.ts';
import { useWindow } from '../app/window-actions.ts';
import { formatEndpoint } from '../format/endpoint.ts';
import { useText } from '../i18n/text.ts';
import { showSocket } from '../stores/kernel-sockets.ts';
import { useSelectedConnection, useSession } from '../stores/use.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { isOfThisKernel, sideOf } from './in-capture.ts';
import { SocketFacts } from './socket-facts.tsx';
import { SocketQueues } from './socket-queues.tsx';
import { useSockets } from './use-sockets.ts';

/** Both ends, and listeners. */
const MOST = 8;

/** The selected connection's sockets on this machine, and who listens at them, as its kernel has them now; nothing for a capture that does not run here. */
export function OwnSockets({ session }: { readonly session: string }) {
  const t = useText();
  const record = useSelectedConnection();
  const its = useSession(session);
  const isOwn = its !== undefined && record !== undefined && isOfThisKernel(its);
  const looked = useSockets(isOwn ? { between: [record.client, record.server], most: MOST } : undefined);
  if (!isOwn || !looked?.report) return null;
  const { sockets } = looked.report;
  if (sockets.length === 0) return <p className="hint">{t('sockets.noneHere')}</p>;
  return (
    <div className="sockets">
      {sockets.map((socket) => (
        <OwnSocket key={socket.id} socket={socket} record={record} />
      ))}
    </div>
  );
}

function OwnSocket({ socket, record }: { readonly socket: KernelSocketRecord; readonly record: ConnectionRecord }) {
  const t = useText();
  const { show } = useWindow();
  const title = socket.listener ? t('sockets.listener') : t('sockets.ofKernel', { side: t(`side.${sideOf(socket, record)}`) });
  const reveal = () => {
    showSocket(socket.id, formatEndpoint(socket.local));
    show('sockets');
  };
  return (
    <section className="socket" aria-label={title}>
      <header>
        <strong>{title}</strong>
        <StateBadge state={socket.state} />
        <span className="spacer" />
        <button type="button" className="button button-small" onClick={reveal}>
          {t('sockets.among')}
        </button>
      </header>
      <SocketQueues socket={socket} />
      <SocketFacts socket={socket} />
    </section>
  );
}
