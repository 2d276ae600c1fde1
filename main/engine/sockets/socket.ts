import type { Result } from '../../wire/result.ts';
import type { Nanos } from '../../wire/units.ts';
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
import { type Errno, type ErrnoName, fail } from './errno.ts';
import type { ErrorQueue } from './error-queue.ts';
import type { Protocol } from './protocol.ts';

export type Domain = 'AF_INET' | 'AF_INET6' | 'AF_UNIX';
export type SocketType = 'SOCK_STREAM' | 'SOCK_DGRAM';
/** What socket(2) asks for, and what the calls mean for it. */
export interface SocketKind {
  readonly domain: Domain;
  readonly type: SocketType;
  readonly protocol: Protocol;
}

export type Done<T> = (result: Result<T, Errno>) => void;
/** One try at a call; undefined means that it would block. */
export type Attempt<T> = () => Result<T, Errno> | undefined;

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

/** A call that waits for the socket to change. */
interface Parked {
  readonly attempt: Attempt<unknown>;
  readonly done: Done<unknown>;
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
  private watchers: Set<() => void> | undefined;
  /** Where connect() was told to go, while TCP_FASTOPEN_CONNECT waits for the first write. */
  declare putOff: SocketAddress | undefined;
  private parked: Parked[] | undefined;
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
    if (!this.parked || this.wakeUp?.isSet) return;
    this.wakeUp ??= new Timer(this);
    this.host.clock.set(this.wakeUp, 0 as Nanos);
  }

  /** Whoever watches looks at it: also when a write found no room, for the room that comes later is news only to one who knows (SOCK_NOSPACE). */
  tellWatchers(): void {
    if (this.watchers && this.watchers.size > 0) for (const watcher of [...this.watchers]) watcher();
  }

  /** Completes the call now if it can; else it waits, or gives EAGAIN where it must not wait. */
  complete<T>(attempt: Attempt<T>, done: Done<T>, mayWait = !this.nonBlocking): void {
    const result = attempt();
    if (result) {
      done(result);
      return;
    }
    if (!mayWait) {
      done(fail('EAGAIN'));
      return;
    }
    const call: Parked = { attempt, done: done as Done<unknown> };
    if (this.parked) this.parked.push(call);
    else this.parked = [call];
  }

  /** Calls `watcher` whenever something changes; returns how to stop. */
  watch(watcher: () => void): () => void {
    this.watchers ??= new Set();
    this.watchers.add(watcher);
    return () => this.watchers?.delete(watcher);
  }

  get isWaiting(): boolean {
    return this.parked !== undefined;
  }

  /** The descriptor is gone: nobody can complete what still waits. */
  abandonParked(): void {
    const { parked } = this;
    this.parked = undefined;
    if (this.wakeUp) this.host.clock.cancel(this.wakeUp);
    if (parked) for (const { done } of parked) done(fail('EBADF', 'the descriptor was closed'));
  }

  /** The program runs again: what was parked is tried anew. */
  expire(): void {
    const { parked } = this;
    if (!parked) return;
    this.host.recorder?.used(this);
    this.parked = undefined;
    let waiting = 0;
    for (const call of parked) {
      const result = call.attempt();
      if (result) call.done(result);
      else parked[waiting++] = call;
    }
    if (waiting === 0) return;
    parked.length = waiting;
    this.parked = this.parked ? [...parked, ...this.parked] : parked; // what was parked meanwhile came later
  }
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
