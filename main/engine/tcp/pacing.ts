import { seqDistance } from '../../wire/seq.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import { Timer } from '../clock.ts';
import type { Tcb } from './tcb.ts';
import { transmit, transmitLost } from './transmit.ts';

/** So many segments leave at once in any case: a connection begins with a window, not with a trickle. */
const UNPACED_SEGMENTS = 10;

/** When a paced connection may send next. */
export class Pacer {
  /** What leaves now has used up the time until here. */
  nextAt = 0 as Nanos;
  timer: Timer | undefined;
}

/** SO_MAX_PACING_RATE asks for it, or the interface spaces all connections out (Linux's queueing discipline fq). */
export const isPaced = ({ settings, host }: Tcb): boolean => settings.maxPacingRate !== undefined || host.pacing;

/** Octets a second that the window allows, and a reserve that lets it grow (Linux tcp_update_pacing_rate); infinite before the first round trip. */
export function pacingRate({ congestion, mss, roundTrip, sendQueue, settings, host: { sysctls } }: Tcb): number {
  const most = settings.maxPacingRate ?? Number.POSITIVE_INFINITY;
  if (roundTrip.srtt === 0) return most;
  const isSlowStart = congestion.cwnd < congestion.ssthresh / 2;
  const percent = sysctls.now[isSlowStart ? 'net.ipv4.tcp_pacing_ss_ratio' : 'net.ipv4.tcp_pacing_ca_ratio'];
  const window = mss * Math.max(congestion.cwnd, sendQueue.sent.length);
  return Math.min(most, (window * (percent / 100)) / (roundTrip.srtt / seconds(1)));
}

/** Is it time for the next buffer? If not, a timer sees to it (Linux tcp_pacing_check). */
export function isItsTurn(tcb: Tcb): boolean {
  const { pacer } = tcb;
  const { clock } = tcb.host;
  if (!pacer || pacer.nextAt <= clock.now) return true;
  pacer.timer ??= new Timer(() => onTurn(tcb));
  if (!pacer.timer.isSet) clock.set(pacer.timer, (pacer.nextAt - clock.now) as Nanos);
  return false;
}

/** The rate alone holds back what is next: no window has to be probed. */
export const waitsForTurn = ({ pacer }: Tcb): boolean => pacer?.timer?.isSet === true;

/** Octets left: the next ones follow when the rate has room for them. Who was silent gets half of that for nothing (tcp_update_skb_after_send). */
export function noteDeparture(tcb: Tcb, octets: number): void {
  const { host } = tcb;
  tcb.pacer ??= new Pacer();
  const { pacer } = tcb;
  const credit = Math.max(0, host.clock.now - pacer.nextAt);
  const from = Math.max(pacer.nextAt, host.clock.now);
  if (seqDistance(tcb.iss, tcb.sndNxt) <= UNPACED_SEGMENTS * tcb.mss + 1) {
    pacer.nextAt = from as Nanos;
    return;
  }
  const takes = (octets / pacingRate(tcb)) * seconds(1);
  pacer.nextAt = Math.round(from + takes - Math.min(takes / 2, credit)) as Nanos;
}

function onTurn(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  tcb.host.recorder?.touched(tcb);
  if (sent.lostOut > sent.resentOut) transmitLost(tcb);
  transmit(tcb);
}

/** The connection is over. */
export function stopPacing({ pacer, host }: Tcb): void {
  if (pacer?.timer) host.clock.cancel(pacer.timer);
}
