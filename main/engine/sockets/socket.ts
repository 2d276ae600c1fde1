import { bitProperties } from '../bits.ts';
import { Timer, type TimerOwner } from '../clock.ts';
import type { Host } from '../host.ts';
import type { Binding } from '../ports.ts';
import { type Rare, rareProperties } from '../rare.ts';
import type { Listener } from '../tcp/listener.ts';
import type { SocketSettings } from '../tcp/settings.ts';
import type { Tcb } from '../tcp/tcb.ts';
import type { UdpEndpoint } from '../udp/udp-endpoint.ts';
import type { UnixEndpoint } from '../unix/unix-endpoint.ts';
import type { SocketAddress } from './address.ts';
import { type Attempt, type Done, Patience, type Settle } from './attempt.ts';
import { type ErrnoName, fail } from './errno.ts';
import type { ErrorQueue } from './error-queue.ts';
import type { Protocol } from './protocol.ts';
import type { Watcher } from './wait.ts';
import { WaitingCall } from './waiting-call.ts';

export type Domain = 'AF_INET' | 'AF_INET6' | 'AF_UNIX';
export type SocketType = 'SOCK_STREAM' | 'SOCK_DGRAM';
/** What socket(2) asks for, and what the calls mean for it. */
export interface SocketKind {
  readonly domain: Domain;
  readonly type: SocketType;
  readonly protocol: Protocol;
}

/** What a file system asks of a program. */
export interface Owner {
  readonly uid: number;
  readonly umask: number;
}

const ROOT: Owner = { uid: 0, umask: 0o022 };

/** Wants to know when something changed. */
export interface Wakeable {
  wake(): void;
}

/**
 * What a descriptor refers to; several may refer to the same one (dup). A stream socket is unconnected at first, then a
 * listener or one end of a connection; sockets of other kinds keep what they are in `udp` or `unix`.
 */
export class Socket implements TimerOwner, Wakeable {
  readonly host: Host;
  readonly kind: SocketKind;
  settings: SocketSettings;
  /** Descriptors that refer to it. */
  references = 0;
  declare nonBlocking: boolean;
  binding: Binding | undefined;
  declare listener: Listener | undefined;
  tcb: Tcb | undefined;
  /** shutdown(SHUT_RD) before there was a connection. */
  declare readClosed: boolean;
  /** Of a connection that the program itself took apart, told once. */
  declare error: ErrnoName | undefined;
  /** What waits for MSG_ERRQUEUE, while there is neither a connection nor a UDP endpoint to hold it. */
  declare errorQueue: ErrorQueue | undefined;
  declare udp: UdpEndpoint | undefined;
  declare unix: UnixEndpoint | undefined;
  /** The AF_UNIX listener a connect() waits for. */
  declare connectsTo: UnixEndpoint | undefined;
  /** Whose program made it: what AF_UNIX asks for permissions. */
  owner: Owner = ROOT;
  /** A connect() has been made and its outcome not yet told. */
  declare connecting: boolean;
  /** Each with whether it shares (EPOLLEXCLUSIVE): of those that do, one that was woken is enough. */
  private watchers: Map<Watcher, boolean> | undefined;
  /** Where connect() was told to go, while TCP_FASTOPEN_CONNECT waits for the first write. */
  declare putOff: SocketAddress | undefined;
  /** The call that has waited longest; the others follow it. */
  private waiting: WaitingCall | undefined;
  private wakeUp: Timer | undefined;
  bits = 0;
  rare: Rare | undefined;

  constructor(host: Host, kind: SocketKind, settings: SocketSettings) {
    this.host = host;
    this.kind = kind;
    this.settings = settings;
  }

  get domain(): Domain {
    return this.kind.domain;
  }

  get type(): SocketType {
    return this.kind.type;
  }

  get protocol(): Protocol {
    return this.kind.protocol;
  }

  /** setsockopt(2): other settings from here on, for what the socket stands for, too. */
  change(changes: Partial<SocketSettings>): void {
    const settings = { ...this.settings, ...changes };
    this.settings = settings;
    if (this.tcb) this.tcb.settings = settings;
    if (this.listener) this.listener.settings = settings;
    if (this.udp) this.udp.settings = settings;
  }

  /** Something changed: whoever waits looks again, in an event of its own, as a process that is scheduled anew. */
  wake(): void {
    this.host.recorder?.used(this);
    this.tellWatchers();
    if (!this.waiting || this.wakeUp?.isSet) return;
    this.wakeUp ??= new Timer(this);
    this.host.clock.soon.set(this.wakeUp);
  }

  /** Whoever watches looks at it: also when a write found no room, for the room that comes later is news only to one who knows (SOCK_NOSPACE). */
  tellWatchers(): void {
    if (!this.watchers || this.watchers.size === 0) return;
    let isTaken = false;
    for (const [watcher, isExclusive] of [...this.watchers]) if (!(isExclusive && isTaken) && watcher() && isExclusive) isTaken = true;
  }

  /** Completes the call now if it can; else it waits, for `patience` milliseconds at most, or gives EAGAIN where it must not wait. */
  complete<R, T>(attempt: Attempt<R>, settle: Settle<R, T>, done: Done<T>, patience: number): void {
    const result = attempt.try();
    if (result) done(settle(result));
    else if (patience === Patience.NONE) done(fail('EAGAIN'));
    else this.wait(new WaitingCall(attempt, settle as Settle<unknown, unknown>, done as Done<unknown>), patience);
  }

  private wait(call: WaitingCall, patience: number): void {
    if (this.waiting) lastOf(this.waiting).next = call;
    else this.waiting = call;
    if (patience !== Patience.ENDLESS) call.endAfter(patience, this.host.clock, () => this.leave(call));
  }

  private leave(call: WaitingCall): void {
    if (this.waiting === call) this.waiting = call.next;
    else for (let one = this.waiting; one; one = one.next) if (one.next === call) one.next = call.next;
  }

  /** Calls `watcher` whenever something changes; returns how to stop. */
  watch(watcher: Watcher, isExclusive = false): () => void {
    this.watchers ??= new Map();
    this.watchers.set(watcher, isExclusive);
    return () => this.watchers?.delete(watcher);
  }

  /** The descriptor is gone: nobody can complete what still waits. */
  abandonWaiting(): void {
    let call = this.waiting;
    this.waiting = undefined;
    if (this.wakeUp) this.host.clock.soon.cancel(this.wakeUp);
    for (; call; call = call.next) call.end(fail('EBADF', 'the descriptor was closed'));
  }

  /** The program runs again: what waits is tried anew, but for what begins to wait meanwhile. */
  expire(): void {
    let call = this.waiting;
    if (!call) return;
    this.host.recorder?.used(this);
    const last = lastOf(call);
    while (call && !call.isOver) {
      const next: WaitingCall | undefined = call === last ? undefined : call.next;
      const result = call.try();
      if (result) {
        this.leave(call);
        call.end(result); // after which the socket may be closed, and nobody wait any more
      }
      call = next;
    }
  }
}

function lastOf(first: WaitingCall): WaitingCall {
  let last = first;
  while (last.next) last = last.next;
  return last;
}

bitProperties(Socket.prototype, ['nonBlocking', 'readClosed', 'connecting']);
rareProperties(Socket.prototype, {
  listener: undefined,
  error: undefined,
  errorQueue: undefined,
  udp: undefined,
  unix: undefined,
  connectsTo: undefined,
  putOff: undefined,
});
