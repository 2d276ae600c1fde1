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

/** The timers of a sender. Only one of them runs at a time, so they share one place in the clock (as on Linux, icsk_pending). */
export type SendingTimer = 'retransmit' | 'loss-probe' | 'reordering' | 'persist';

const isSending = (kind: ConnectionTimer): kind is SendingTimer =>
  kind === 'retransmit' || kind === 'loss-probe' || kind === 'reordering' || kind === 'persist';

/** The timers of one connection; each comes into being when first set, so an idle connection has none. */
export class Timers {
  private readonly tcb: Tcb;
  private readonly others: { [K in ConnectionTimer]?: Timer } = {};
  private sending: Timer | undefined;
  /** Which of the sender's timers runs. */
  pending: SendingTimer | undefined;

  constructor(tcb: Tcb) {
    this.tcb = tcb;
  }

  private of(kind: ConnectionTimer): Timer | undefined {
    if (isSending(kind)) return this.pending === kind ? this.sending : undefined;
    return this.others[kind];
  }

  isSet(kind: ConnectionTimer): boolean {
    return this.of(kind)?.isSet ?? false;
  }

  /** Deadline, or undefined while not set. */
  due(kind: ConnectionTimer): Nanos | undefined {
    const timer = this.of(kind);
    return timer?.isSet ? timer.due : undefined;
  }

  /** One of the sender's timers takes the place of the one that runs. */
  set(kind: ConnectionTimer, delay: Nanos): void {
    let timer: Timer;
    if (isSending(kind)) {
      if (this.pending !== undefined && this.pending !== kind) this.tell(this.pending, 'cancelled', this.sending!.due);
      this.pending = kind;
      this.sending ??= new Timer(() => this.expire(this.pending!));
      timer = this.sending;
    } else {
      this.others[kind] ??= new Timer(() => this.expire(kind));
      timer = this.others[kind];
    }
    this.tcb.host.clock.set(timer, delay);
    this.tell(kind, 'set', timer.due);
  }

  cancel(kind: ConnectionTimer): void {
    const timer = this.of(kind);
    if (!timer?.isSet) return;
    if (timer === this.sending) this.pending = undefined;
    this.tcb.host.clock.cancel(timer);
    this.tell(kind, 'cancelled', timer.due);
  }

  cancelAll(): void {
    if (this.pending !== undefined) this.cancel(this.pending);
    for (const kind of Object.keys(this.others) as ConnectionTimer[]) this.cancel(kind);
  }

  /** The deadlines that stand. */
  *deadlines(): Iterable<{ readonly timer: ConnectionTimer; readonly due: Nanos }> {
    if (this.pending !== undefined) yield { timer: this.pending, due: this.sending!.due };
    for (const [kind, timer] of Object.entries(this.others)) if (timer.isSet) yield { timer: kind as ConnectionTimer, due: timer.due };
  }

  private expire(kind: ConnectionTimer): void {
    if (isSending(kind)) this.pending = undefined;
    this.tell(kind, 'fired', this.tcb.host.clock.now);
    onExpiry(kind, this.tcb);
  }

  private tell(timer: ConnectionTimer, change: 'set' | 'cancelled' | 'fired', due: Nanos): void {
    const { probes, clock, name } = this.tcb.host;
    if (probes.wants('timer')) probes.emit({ kind: 'timer', at: clock.now, host: name, connection: this.tcb.id, timer, change, due });
  }
}
