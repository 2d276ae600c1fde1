import { unreachable } from '../../wire/result.ts';
import type { Nanos } from '../../wire/units.ts';
import { Timer, type TimerOwner } from '../clock.ts';
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
/** Timers of one part of a connection's life each, so that they share a place too (Linux sk_timer). */
type SlowTimer = 'syn-ack' | 'keepalive' | 'fin-wait-2';

const isSending = (kind: ConnectionTimer): kind is SendingTimer =>
  kind === 'retransmit' || kind === 'loss-probe' || kind === 'reordering' || kind === 'persist';

/** The timers of one connection: three places, as on Linux, and a timer in them only while it is set. */
export class Timers implements TimerOwner {
  private readonly tcb: Tcb;
  /** Which of the sender's timers runs. */
  pending: SendingTimer | undefined;
  private sending: Timer | undefined;
  private delayedAck: Timer | undefined;
  private slowPending: SlowTimer | undefined;
  private slow: Timer | undefined;

  constructor(tcb: Tcb) {
    this.tcb = tcb;
  }

  private of(kind: ConnectionTimer): Timer | undefined {
    if (kind === this.pending) return this.sending;
    if (kind === 'delayed-ack') return this.delayedAck;
    return kind === this.slowPending ? this.slow : undefined;
  }

  isSet(kind: ConnectionTimer): boolean {
    return this.of(kind) !== undefined;
  }

  /** Deadline, or undefined while not set. */
  due(kind: ConnectionTimer): Nanos | undefined {
    const timer = this.of(kind);
    return timer && this.tcb.host.clock.dueOf(timer);
  }

  /** A timer takes the place of another kind that runs there. */
  set(kind: ConnectionTimer, delay: Nanos): void {
    const { clock } = this.tcb.host;
    const timer = this.take(kind);
    clock.set(timer, delay);
    this.tell(kind, 'set', timer);
  }

  private take(kind: ConnectionTimer): Timer {
    if (kind === 'delayed-ack') {
      this.delayedAck ??= new Timer(this);
      return this.delayedAck;
    }
    if (isSending(kind)) {
      if (this.pending !== undefined && this.pending !== kind) this.tell(this.pending, 'cancelled', this.sending!);
      this.pending = kind;
      this.sending ??= new Timer(this);
      return this.sending;
    }
    if (this.slowPending !== undefined && this.slowPending !== kind) this.tell(this.slowPending, 'cancelled', this.slow!);
    this.slowPending = kind;
    this.slow ??= new Timer(this);
    return this.slow;
  }

  cancel(kind: ConnectionTimer): void {
    const timer = this.of(kind);
    if (!timer) return;
    this.tell(kind, 'cancelled', timer);
    this.leave(timer);
    this.tcb.host.clock.cancel(timer);
  }

  cancelAll(): void {
    if (this.pending !== undefined) this.cancel(this.pending);
    this.cancel('delayed-ack');
    if (this.slowPending !== undefined) this.cancel(this.slowPending);
  }

  /** The deadlines that stand. */
  *deadlines(): Iterable<{ readonly timer: ConnectionTimer; readonly due: Nanos }> {
    for (const timer of [this.pending, 'delayed-ack', this.slowPending] as const) {
      const due = timer && this.due(timer);
      if (timer && due !== undefined) yield { timer, due };
    }
  }

  expire(timer: Timer): void {
    const kind = this.leave(timer);
    this.tcb.host.recorder?.touched(this.tcb);
    this.tell(kind, 'fired', timer);
    onExpiry(kind, this.tcb);
  }

  /** Its place is free; returns which of the timers it was. */
  private leave(timer: Timer): ConnectionTimer {
    if (timer === this.delayedAck) {
      this.delayedAck = undefined;
      return 'delayed-ack';
    }
    if (timer === this.sending) {
      const kind = this.pending!;
      this.pending = undefined;
      this.sending = undefined;
      return kind;
    }
    const kind = this.slowPending!;
    this.slowPending = undefined;
    this.slow = undefined;
    return kind;
  }

  private tell(timer: ConnectionTimer, change: 'set' | 'cancelled' | 'fired', at: Timer): void {
    const { probes, clock, name } = this.tcb.host;
    if (!probes.wants('timer')) return;
    const due = clock.dueOf(at) ?? clock.now; // it fires now
    probes.emit({ kind: 'timer', at: clock.now, host: name, connection: this.tcb.id, timer, change, due });
  }
}
