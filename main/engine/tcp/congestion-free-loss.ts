import { enterPhase } from './congestion/phase.ts';
import type { Tcb } from './tcb.ts';
import { transmitLost } from './transmit.ts';

/**
 * Sends again what is marked as lost for another reason than congestion: it was too large for the path, or a server did not
 * take the data of a SYN. The window stays as it is (Linux tcp_non_congestion_loss_retransmit).
 */
export function resendWithoutCongestion(tcb: Tcb): void {
  const { congestion } = tcb;
  if (congestion.phase !== 'loss') {
    congestion.recover = tcb.sndNxt;
    congestion.ssthresh = congestion.currentSsthresh;
    congestion.priorSsthresh = 0;
    congestion.undoMarker = undefined;
    enterPhase(tcb, 'loss');
  }
  transmitLost(tcb);
}
