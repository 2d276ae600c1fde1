import { abort, finish, startFinWait2 } from '../finish.ts';
import { setState } from '../state.ts';
import type { Tcb } from '../tcb.ts';
import { transmit } from '../transmit.ts';

/**
 * The user sends no more: CLOSE of RFC 9293 §3.10.4. A FIN never overtakes data the
 * user has queued; the state changes at once, like Linux, also where the FIN must wait.
 */
export function closeSending(tcb: Tcb): void {
  switch (tcb.state) {
    case 'SYN-SENT':
      finish(tcb, 'close'); // nothing is synchronized, so there is nothing to finish
      return;
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
      tcb.finQueued = true;
      setState(tcb, 'FIN-WAIT-1', 'close');
      transmit(tcb);
      return;
    case 'CLOSE-WAIT':
      tcb.finQueued = true;
      setState(tcb, 'LAST-ACK', 'close');
      transmit(tcb);
      return;
    default: // closing already or gone: there is no second FIN
  }
}

/** shutdown(SHUT_WR): in SYN-RECEIVED nothing happens before the handshake is over (Linux 6.10 and later, tcp_shutdown). */
export function shutDownSending(tcb: Tcb): void {
  if (tcb.state === 'SYN-RECEIVED') tcb.finQueued = true;
  else closeSending(tcb);
}

/** The last descriptor is gone. Data nobody read must not look delivered, so then the peer gets a RST (RFC 2525 §2.17). */
export function closeCompletely(tcb: Tcb): void {
  const { counters } = tcb.host;
  const unread = tcb.receiveQueue.length;
  tcb.readClosed = true;
  if (isOver(tcb)) return;
  if (unread > 0) {
    counters.add('TCPAbortOnClose');
    abort(tcb);
  } else if (tcb.settings.linger === 0) {
    counters.add('TCPAbortOnData');
    abort(tcb);
  } else if (tcb.state === 'FIN-WAIT-2' && tcb.settings.finWait2 === -1) {
    counters.add('TCPAbortOnLinger');
    abort(tcb);
  } else closeSending(tcb);
  becomeOrphan(tcb);
}

const isOver = (tcb: Tcb): boolean => tcb.state === 'CLOSED' || tcb.state === 'TIME-WAIT';

/** No descriptor refers to it from here on; a blocked SO_LINGER close keeps it a while longer. */
export function becomeOrphan(tcb: Tcb): void {
  tcb.holder = undefined;
  if (isOver(tcb)) return;
  const { connections, counters, sysctls } = tcb.host;
  tcb.orphan = true;
  connections.orphans++;
  if (connections.orphans > sysctls.now['net.ipv4.tcp_max_orphans']) {
    counters.add('TCPAbortOnMemory');
    abort(tcb);
  } else if (tcb.state === 'FIN-WAIT-2') startFinWait2(tcb);
}
