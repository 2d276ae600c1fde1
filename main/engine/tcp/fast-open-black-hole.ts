import { seqDistance } from '../../wire/seq.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import type { Host } from '../host.ts';
import { isLoopback } from '../ip/addresses.ts';
import type { Tcb } from './tcb.ts';

const MOST_DOUBLINGS = 6;

/** How a host's clients stand with networks that swallow what was opened fast: after bad experience they do without for a while. */
export class FastOpenPause {
  /** Bad experiences since the last good one; each doubles the pause. */
  private times = 0;
  private since = 0 as Nanos;

  /** When connections may be opened fast again; `length` is the first pause, 0 for never pausing. */
  endsAt(length: Nanos): Nanos {
    return (length === 0 || this.times === 0 ? 0 : this.since + length * 2 ** Math.min(this.times - 1, MOST_DOUBLINGS)) as Nanos;
  }

  get hasBeen(): boolean {
    return this.times > 0;
  }

  begin(now: Nanos): void {
    this.times++;
    this.since = now;
  }

  forget(): void {
    this.times = 0;
  }
}

const pauseLength = (host: Host): Nanos => seconds(host.sysctls.now['net.ipv4.tcp_fastopen_blackhole_timeout_sec']);

/** Does this host do without Fast Open at the moment (Linux tcp_fastopen_active_should_disable)? */
export const fastOpenPauses = (host: Host): boolean => host.clock.now < host.fastOpenPause.endsAt(pauseLength(host));

function pause(host: Host): void {
  if (pauseLength(host) === 0) return;
  host.fastOpenPause.begin(host.clock.now);
  host.counters.add('TCPFastOpenBlackhole');
}

/**
 * A timeout of a connection we opened fast. Some middleboxes swallow everything that follows a SYN with data, so the third
 * in a row, or giving up before that, is taken for one (Linux tcp_fastopen_active_detect_blackhole).
 */
export function suspectBlackHole(tcb: Tcb, givesUp: boolean): void {
  const { fastOpenAttempt: attempt } = tcb;
  if (!attempt?.optionSent && !attempt?.dataOctets) return;
  if (tcb.timeouts !== 2 && !(tcb.timeouts < 2 && givesUp)) return;
  pause(tcb.host);
  tcb.host.counters.add('TCPFastOpenActiveFail');
}

/**
 * The end of a connection we opened fast. A FIN beyond a gap and not one octet of data: what lay between was swallowed.
 * Data that came, after a pause was over, says that all is well again (Linux tcp_fastopen_active_disable_ofo_check).
 */
export function learnFromEnd(tcb: Tcb): void {
  const { host, fastOpenAttempt: attempt, receiveQueue } = tcb;
  if (!attempt?.optionSent) return;
  const controls = tcb.endOfStream ? 2 : 1; // SYN and FIN
  const hasHeardData = seqDistance(tcb.irs, tcb.rcvNxt) > controls || receiveQueue.hasGap;
  if (!hasHeardData) {
    if (tcb.finAt !== undefined && !tcb.endOfStream) pause(host);
  } else if (attempt.afterPause && !isLoopback(tcb.remoteAddress)) host.fastOpenPause.forget();
}
