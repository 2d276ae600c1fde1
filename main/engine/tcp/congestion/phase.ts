import type { Tcb } from '../tcb.ts';
import { tellWindow } from './tell.ts';
import type { Phase } from './window.ts';

export function enterPhase(tcb: Tcb, phase: Phase): void {
  tcb.congestion.phase = phase;
  tcb.congestion.control.entered?.(tcb, phase);
  tellWindow(tcb);
}

/** Open when nothing is missing and nothing was sent twice, else Disorder (Linux tcp_try_keep_open). */
export function settlePhase(tcb: Tcb): void {
  const { sent } = tcb.sendQueue;
  const phase = sent.leftOut > 0 || sent.holdsRetransmission ? 'disorder' : 'open';
  if (tcb.congestion.phase === phase) return;
  tcb.congestion.recover = tcb.sndNxt;
  enterPhase(tcb, phase);
}
