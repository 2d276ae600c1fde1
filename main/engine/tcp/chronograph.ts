import { seqAdd, seqAfter } from '../../wire/seq.ts';
import { type Jiffies, jiffies } from '../jiffies.ts';
import type { Tcb } from './tcb.ts';
import { hasUnsent } from './transmit.ts';

/** What a sender waits for: the user, the network, the peer's window, or room in its own buffer. */
type Limit = 'idle' | 'network' | 'receive-window' | 'send-buffer';

/** For how long a sender was held up by what, in milliseconds (Linux tcp_chrono): TCP_INFO tells it. */
export class Chronograph {
  limit: Limit = 'idle';
  private since: Jiffies = 0;
  private network = 0;
  private receiveWindow = 0;
  private sendBuffer = 0;

  turn(limit: Limit, now: Jiffies): void {
    const span = (now - this.since) | 0;
    if (this.limit === 'network') this.network += span;
    else if (this.limit === 'receive-window') this.receiveWindow += span;
    else if (this.limit === 'send-buffer') this.sendBuffer += span;
    this.limit = limit;
    this.since = now;
  }

  /** `busy`: data waited for its acknowledgment, or to be sent at all, for whatever reason. */
  read(now: Jiffies): { readonly busy: number; readonly receiveWindow: number; readonly sendBuffer: number } {
    this.turn(this.limit, now);
    const { network, receiveWindow, sendBuffer } = this;
    return { busy: network + receiveWindow + sendBuffer, receiveWindow, sendBuffer };
  }
}

/** Notes what the sender waits for from now on. */
export function noteLimit(tcb: Tcb): void {
  const limit = limitOf(tcb);
  if (limit === (tcb.chronograph?.limit ?? 'idle')) return;
  tcb.chronograph ??= new Chronograph();
  tcb.chronograph.turn(limit, jiffies(tcb.host.clock.now));
}

function limitOf(tcb: Tcb): Limit {
  const { sent, unsent } = tcb.sendQueue;
  if (sent.length === 0 && !hasUnsent(tcb)) return 'idle';
  if (sent.inFlight >= tcb.congestion.cwnd) return 'network';
  if (unsent > 0) return seqAfter(seqAdd(tcb.sndNxt, Math.min(tcb.mss, unsent)), tcb.windowEnd) ? 'receive-window' : 'network';
  return tcb.isMissingRoom ? 'send-buffer' : 'network';
}
