import type { Result } from '../../wire/result.ts';
import type { Nanos } from '../../wire/units.ts';
import { Timer } from '../clock.ts';
import type { Host } from '../host.ts';
import type { Binding } from '../ports.ts';
import type { Listener } from '../tcp/listener.ts';
import { defaultSettings, type SocketSettings } from '../tcp/settings.ts';
import type { Tcb } from '../tcp/tcb.ts';
import type { UdpEndpoint } from '../udp/udp-endpoint.ts';
import type { UnixEndpoint } from '../unix/unix-endpoint.ts';
import type { SocketAddress } from './address.ts';
import { type Errno, fail } from './errno.ts';
import type { Protocol } from './protocol.ts';

export type Domain = 'AF_INET' | 'AF_INET6' | 'AF_UNIX';
export type SocketType = 'SOCK_STREAM' | 'SOCK_DGRAM';
export type Done<T> = (result: Result<T, Errno>) => void;
/** One try at a call; undefined means that it would block. */
export type Attempt<T> = () => Result<T, Errno> | undefined;

/** What a file system asks of a program. */
export interface Owner {
  readonly uid: number;
  readonly umask: number;
}

interface Parked {
  /** Tries again; true when the call is complete. */
  retry(): boolean;
  abandon(): void;
}

/**
 * What a descriptor refers to; several may refer to the same one (dup). A stream socket is unconnected at first, then a
 * listener or one end of a connection; sockets of other kinds keep what they are in `udp` or `unix`.
 */
export class Socket {
  readonly host: Host;
  readonly domain: Domain;
  readonly type: SocketType;
  readonly protocol: Protocol;
  settings: SocketSettings;
  /** Descriptors that refer to it. */
  references = 0;
  nonBlocking = false;
  binding: Binding | undefined;
  listener: Listener | undefined;
  tcb: Tcb | undefined;
  /** shutdown(SHUT_RD) before there was a connection. */
  readClosed = false;
  udp: UdpEndpoint | undefined;
  unix: UnixEndpoint | undefined;
  /** The AF_UNIX listener a connect() waits for. */
  connectsTo: UnixEndpoint | undefined;
  /** Whose program made it: what AF_UNIX asks for permissions. */
  owner: Owner = { uid: 0, umask: 0o022 };
  /** A connect() has been made and its outcome not yet told. */
  connecting = false;
  private readonly watchers = new Set<() => void>();
  /** Where connect() was told to go, while TCP_FASTOPEN_CONNECT waits for the first write. */
  putOff: SocketAddress | undefined;
  private parked: Parked[] = [];
  private readonly wakeUp: Timer = new Timer(() => this.retryParked());

  constructor(host: Host, domain: Domain, type: SocketType, protocol: Protocol) {
    this.host = host;
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
    this.settings = defaultSettings(host.sysctls);
  }

  /** Something changed: whoever waits looks again, in an event of its own, as a process that is scheduled anew. */
  readonly wake = (): void => {
    if (this.watchers.size > 0) for (const watcher of [...this.watchers]) watcher();
    if (this.parked.length > 0 && !this.wakeUp.isSet) this.host.clock.set(this.wakeUp, 0 as Nanos);
  };

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
    this.parked.push({
      retry: () => {
        const later = attempt();
        if (later) done(later);
        return later !== undefined;
      },
      abandon: () => done(fail('EBADF', 'the descriptor was closed')),
    });
  }

  /** Calls `watcher` whenever something changes; returns how to stop. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  get isWaiting(): boolean {
    return this.parked.length > 0;
  }

  /** The descriptor is gone: nobody can complete what still waits. */
  abandonParked(): void {
    const { parked } = this;
    this.parked = [];
    this.host.clock.cancel(this.wakeUp);
    for (const call of parked) call.abandon();
  }

  private retryParked(): void {
    const { parked } = this;
    this.parked = [];
    let waiting = 0;
    for (let i = 0; i < parked.length; i++) if (!parked[i]!.retry()) parked[waiting++] = parked[i]!;
    parked.length = waiting;
    if (waiting > 0) this.parked = [...parked, ...this.parked]; // what was parked meanwhile came later
  }
}
