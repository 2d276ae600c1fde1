import type { Tcb } from '../tcb.ts';

/** Tells whoever listens how the congestion window stands. */
export function tellWindow(tcb: Tcb): void {
  const { probes, clock, name } = tcb.host;
  if (!probes.wants('cwnd')) return;
  const { cwnd, ssthresh, phase } = tcb.congestion;
  probes.emit({ kind: 'cwnd', at: clock.now, host: name, connection: tcb.id, cwnd, ssthresh, phase });
}
