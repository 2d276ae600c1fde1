import { ok, type Result } from '../../wire/result.ts';
import type { Host } from '../host.ts';
import type { Done } from './attempt.ts';
import { type Errno, fail } from './errno.ts';
import type { Descriptor } from './poll.ts';
import { type Owner, Socket } from './socket.ts';

const FIRST_FD = 3; // 0, 1 and 2 are standard input, output and error
const MAX_FILES = 1_048_576;

/** Whose program it is, for the permissions of AF_UNIX; root unless said otherwise. */
export interface Credentials {
  readonly uid?: number;
  readonly umask?: number;
}

const NOTHING = (): void => {};

/**
 * What a program has open, and the calls about descriptors themselves. Every call ends through `done`: before the call
 * returns when it need not wait, else in a later event of the engine.
 */
export class Descriptors implements Owner {
  readonly host: Host;
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  readonly umask: number;
  private readonly table: (Descriptor | undefined)[] = [];
  private lowestFree = FIRST_FD;

  constructor(host: Host, name: string, pid: number, { uid = 0, umask = 0o022 }: Credentials = {}) {
    this.uid = uid;
    this.umask = umask;
    this.host = host;
    this.name = name;
    this.pid = pid;
  }

  /** Open descriptors of sockets, ascending. */
  descriptors(): readonly (readonly [number, Socket])[] {
    return this.open().flatMap(([fd, descriptor]) => (descriptor instanceof Socket ? [[fd, descriptor] as const] : []));
  }

  close(fd: number, done: Done<void>): void {
    const returns = this.enter('close', fd, done);
    const descriptor = this.lookUp(fd);
    if (!descriptor) {
      returns(fail('EBADF', `no descriptor ${fd}`));
      return;
    }
    if (descriptor instanceof Socket) this.host.recorder?.released(descriptor, this, fd);
    this.table[fd] = undefined;
    this.lowestFree = Math.min(this.lowestFree, fd);
    this.letGo(descriptor, returns);
  }

  /** The lowest free descriptor for what `fd` refers to. */
  dup(fd: number, done: Done<number>): void {
    const returns = this.enter('dup', fd, done);
    const descriptor = this.lookUp(fd);
    returns(descriptor ? this.install(descriptor) : fail('EBADF', `no descriptor ${fd}`));
  }

  /** `other` refers to what `fd` does; what it referred to before is closed silently. */
  dup2(fd: number, other: number, done: Done<number>): void {
    const returns = this.enter('dup2', fd, done);
    const descriptor = this.lookUp(fd);
    if (!descriptor || !(other >= 0 && other < MAX_FILES)) {
      returns(fail('EBADF', `no descriptor ${descriptor ? other : fd}`));
      return;
    }
    const before = this.lookUp(other);
    if (fd === other) {
      returns(ok(other));
      return;
    }
    if (before instanceof Socket) this.host.recorder?.released(before, this, other);
    this.hold(other, descriptor);
    if (before) this.letGo(before, NOTHING);
    returns(ok(other));
  }

  /** The program ends: every descriptor is closed, as the kernel does. */
  exit(): void {
    for (const [fd] of this.open()) this.close(fd, NOTHING);
  }

  protected readonly lookUp = (fd: number): Descriptor | undefined => this.table[fd];

  protected install(descriptor: Descriptor): Result<number, Errno> {
    let fd = this.lowestFree;
    while (this.table[fd]) fd++;
    if (fd >= MAX_FILES) return fail('EMFILE', `more than ${MAX_FILES} descriptors`);
    this.hold(fd, descriptor);
    if (descriptor instanceof Socket) descriptor.owner = this;
    this.lowestFree = fd + 1;
    return ok(fd);
  }

  private hold(fd: number, descriptor: Descriptor): void {
    this.table[fd] = descriptor;
    if (!(descriptor instanceof Socket)) return;
    descriptor.references++;
    this.host.recorder?.held(descriptor, this, fd);
  }

  /** A call on a socket. */
  protected call<T>(name: string, fd: number, done: Done<T>, run: (socket: Socket, returns: Done<T>) => void): void {
    const returns = this.enter(name, fd, done);
    const socket = this.socketAt(fd, returns);
    if (socket) run(socket, returns);
  }

  /** The socket behind a descriptor; undefined where there is none, and then the call has failed. */
  protected socketAt(fd: number, returns: Done<never>): Socket | undefined {
    const descriptor = this.table[fd];
    if (descriptor instanceof Socket) {
      this.host.recorder?.used(descriptor);
      return descriptor;
    }
    returns(descriptor ? fail('ENOTSOCK', `descriptor ${fd} is no socket`) : fail('EBADF', `no descriptor ${fd}`));
    return undefined;
  }

  /** Tells of the call and, through the callback it gives back, of its return. */
  protected enter<T>(call: string, fd: number, done: Done<T>): Done<T> {
    const { probes } = this.host;
    return probes.wants('call') ? this.told(call, fd, done) : done;
  }

  private told<T>(call: string, fd: number, done: Done<T>): Done<T> {
    const { probes, clock, name: host } = this.host;
    const number = this.host.nextCallNumber();
    const about = { kind: 'call', host, process: this.name, call, fd, number } as const;
    probes.emit({ ...about, at: clock.now, phase: 'enter' });
    return (result) => {
      probes.emit({ ...about, at: clock.now, phase: 'return', ...(!result.ok && { errno: result.error.errno }) });
      done(result);
    };
  }

  private open(): (readonly [number, Descriptor])[] {
    const open: (readonly [number, Descriptor])[] = [];
    // Passes over what was never there, unlike a loop over all numbers.
    this.table.forEach((descriptor, fd) => {
      if (descriptor) open.push([fd, descriptor]);
    });
    return open;
  }

  /** One descriptor less; with the last one what it refers to goes. */
  private letGo(descriptor: Descriptor, done: Done<void>): void {
    if (descriptor instanceof Socket) {
      if (--descriptor.references === 0) descriptor.protocol.close(descriptor, done);
      else done(ok(undefined));
      return;
    }
    if (!this.table.includes(descriptor)) descriptor.close();
    done(ok(undefined));
  }
}
