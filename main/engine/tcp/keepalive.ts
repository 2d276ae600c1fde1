import { Flag } from '../../wire/segment.ts';
import { seqAdd } from '../../wire/seq.ts';
import { ms, type Nanos, seconds } from '../../wire/units.ts';
import { nanosSince } from '../jiffies.ts';
import { giveUp } from './finish.ts';
import { EMPTY, sendReset, sendSegment } from './output.ts';
import type { Tcb } from './tcb.ts';
import { hasUnsent } from './transmit.ts';

/** TCP_KEEPIDLE: how long nothing must have been heard before we ask. */
const idle = (tcb: Tcb): Nanos => seconds(tcb.settings.keepIdle ?? tcb.host.sysctls.now['net.ipv4.tcp_keepalive_time']);
/** TCP_KEEPINTVL: between unanswered questions. */
const interval = (tcb: Tcb): Nanos => seconds(tcb.settings.keepInterval ?? tcb.host.sysctls.now['net.ipv4.tcp_keepalive_intvl']);
/** TCP_KEEPCNT: so many unanswered questions mean that nobody is there. */
const mostProbes = (tcb: Tcb): number => tcb.settings.keepCount ?? tcb.host.sysctls.now['net.ipv4.tcp_keepalive_probes'];

const silence = (tcb: Tcb): number => nanosSince(tcb.lastHeardAt, tcb.host.clock.now);

function mayProbe(tcb: Tcb): boolean {
  switch (tcb.state) {
    case 'CLOSED':
    case 'LISTEN':
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
    case 'TIME-WAIT':
      return false;
    default:
      return tcb.settings.keepAlive;
  }
}

/** SO_KEEPALIVE (RFC 9293 §3.8.4): begins when the connection stands, or when the user asks for it or for other times. */
export function startKeepalive(tcb: Tcb): void {
  if (mayProbe(tcb)) tcb.timers.set('keepalive', Math.max(0, idle(tcb) - silence(tcb)) as Nanos);
  else tcb.timers.cancel('keepalive');
}

/** Linux tcp_keepalive_timer. */
export function onKeepaliveTimeout(tcb: Tcb): void {
  if (!mayProbe(tcb)) return;
  const { timers, host } = tcb;
  if (tcb.sendQueue.sent.length > 0 || hasUnsent(tcb)) {
    timers.set('keepalive', idle(tcb)); // whatever waits is itself a question that somebody must answer
    return;
  }
  if (silence(tcb) < idle(tcb)) {
    timers.set('keepalive', (idle(tcb) - silence(tcb)) as Nanos);
    return;
  }
  if (isDead(tcb)) {
    sendReset(tcb);
    giveUp(tcb);
    return;
  }
  host.counters.add('TCPKeepAlive');
  // A number already acknowledged: outside the window, so the peer must answer, and no octet is risked.
  sendSegment(tcb, seqAdd(tcb.sndUna, -1), Flag.ACK, EMPTY, 'keepalive');
  tcb.probesOut++;
  timers.set('keepalive', interval(tcb));
}

/** TCP_USER_TIMEOUT, where it is set, stands in for the count (tcp(7)). */
function isDead(tcb: Tcb): boolean {
  const { userTimeout } = tcb.settings;
  if (userTimeout > 0) return tcb.probesOut > 0 && silence(tcb) >= ms(userTimeout);
  return tcb.probesOut >= mostProbes(tcb);
}
