import { unreachable } from '../../wire/result.ts';
import type { Nanos } from '../../wire/units.ts';
import { Timer } from '../clock.ts';
import type { TimerKind } from '../probes.ts';
import { onDelayedAckTimeout } from './delayed-ack.ts';
import { onFinWait2Timeout } from './finish.ts';
import { onKeepaliveTimeout } from './keepalive.ts';
import { onPersistTimeout } from './persist.ts';
import { onReorderingTimeout } from './rack.ts';
import { onRetransmitTimeout } from './retransmit-timeout.ts';
import { onSynAckTimeout } from './syn-ack.ts';
import { onProbeTimeout } from './tail-loss-probe.ts';
import type { Tcb } from './tcb.ts';

export type ConnectionTimer = Exclude<TimerKind, 'time-wait'>;

function onExpiry(kind: ConnectionTimer, tcb: Tcb): void {
  switch (kind) {
    case 'retransmit':
      onRetransmitTimeout(tcb);
      return;
    case 'loss-probe':
      onProbeTimeout(tcb);
      return;
    case 'reordering':
      onReorderingTimeout(tcb);
      return;
    case 'persist':
      onPersistTimeout(tcb);
      return;
    case 'delayed-ack':
      onDelayedAckTimeout(tcb);
      return;
    case 'syn-ack':
      onSynAckTimeout(tcb);
      return;
    case 'keepalive':
      onKeepaliveTimeout(tcb);
      return;
    case 'fin-wait-2':
      onFinWait2Timeout(tcb);
      return;
    default:
      unreachable(kind);
  }
}

/** The timers of one connection; each comes into being when first set, so an idle connection has none. */
export class Timers {
  private readonly tcb: Tcb;
  private readonly timers: { [K in ConnectionTimer]?: Timer } = {};

  constructor(tcb: Tcb) {
    this.tcb = tcb;
  }

  isSet(kind: ConnectionTimer): boolean {
    return this.timers[kind]?.isSet ?? false;
  }

  /** Deadline, or undefined while not set. */
  due(kind: ConnectionTimer): Nanos | undefined {
    const timer = this.timers[kind];
    return timer?.isSet ? timer.due : undefined;
  }

  set(kind: ConnectionTimer, delay: Nanos): void {
    let timer = this.timers[kind];
    if (!timer) {
      timer = new Timer(() => this.expire(kind));
      this.timers[kind] = timer;
    }
    this.tcb.host.clock.set(timer, delay);
    this.tell(kind, 'set', timer.due);
  }

  cancel(kind: ConnectionTimer): void {
    const timer = this.timers[kind];
    if (!timer?.isSet) return;
    this.tcb.host.clock.cancel(timer);
    this.tell(kind, 'cancelled', timer.due);
  }

  cancelAll(): void {
    for (const kind of Object.keys(this.timers) as ConnectionTimer[]) this.cancel(kind);
  }

  /** The deadlines that stand. */
  *deadlines(): Iterable<{ readonly timer: ConnectionTimer; readonly due: Nanos }> {
    for (const [kind, timer] of Object.entries(this.timers)) if (timer.isSet) yield { timer: kind as ConnectionTimer, due: timer.due };
  }

  private expire(kind: ConnectionTimer): void {
    this.tell(kind, 'fired', this.tcb.host.clock.now);
    onExpiry(kind, this.tcb);
  }

  private tell(timer: ConnectionTimer, change: 'set' | 'cancelled' | 'fired', due: Nanos): void {
    const { probes, clock, name } = this.tcb.host;
    if (probes.wants('timer')) probes.emit({ kind: 'timer', at: clock.now, host: name, connection: this.tcb.id, timer, change, due });
  }
}
