import type { KernelSocket } from '../../../kernel/socket.ts';
import { ipAddressBytes, parseIpAddress } from '../../../wire/ip-address.ts';
import type { Result } from '../../../wire/result.ts';
import type { SocketCall } from '../../lab/calls.ts';
import type { SocketAddress } from '../../lab/values.ts';
import type { CallFailure, CallValue, SocketView, TargetProcess } from '../target.ts';
import { type Attempt, failure, PERFORM } from './calls.ts';
import type { KernelHost } from './kernel-host.ts';
import type { KernelLab } from './kernel-lab.ts';
import { KernelSocketView, type OpenSocket, textOf } from './open-socket.ts';

/** Standard input, output and error come before the first socket, as in any program. */
const FIRST_DESCRIPTOR = 3;
const MOST_DESCRIPTORS = 1024;

/** Calls after which nothing new can be on the link. */
const SILENT: ReadonlySet<SocketCall['name']> = new Set([
  'socket',
  'bind',
  'listen',
  'dup',
  'fcntl',
  'ioctl',
  'setsockopt',
  'getsockopt',
  'getsockname',
  'getpeername',
]);

/** A process of the script: descriptors of its own, each naming a socket of the real kernel. */
export class KernelProcess implements TargetProcess {
  readonly name: string;
  readonly host: KernelHost;
  readonly lab: KernelLab;
  private readonly open = new Map<number, OpenSocket>();
  /** What each descriptor names, or named last. */
  private readonly known = new Map<number, OpenSocket>();

  constructor(name: string, host: KernelHost, lab: KernelLab) {
    this.name = name;
    this.host = host;
    this.lab = lab;
  }

  call(call: SocketCall, done: (result: Result<CallValue, CallFailure>) => void): void {
    const attempt = (PERFORM[call.name] as (process: KernelProcess, call: SocketCall) => Attempt)(this, call);
    const tell = SILENT.has(call.name) ? done : (result: Result<CallValue, CallFailure>) => this.lab.whenSeen(() => done(result));
    this.lab.park(() => {
      const result = attempt();
      if (result) tell(result);
      return result !== undefined;
    });
  }

  socket(fd: number): SocketView | undefined {
    const subject = this.known.get(fd);
    return subject && new KernelSocketView(subject, this.lab);
  }

  /** The descriptor of a connection that fits, the lowest there is. */
  descriptorOf(fits: (socket: { readonly local: SocketAddress; readonly remote: SocketAddress }) => boolean): number | undefined {
    const held = [...this.open].filter(([, { local, remote }]) => local && remote && fits({ local, remote }));
    return held.length > 0 ? Math.min(...held.map(([fd]) => fd)) : undefined;
  }

  at(fd: number): OpenSocket | undefined {
    return this.open.get(fd);
  }

  get descriptors(): readonly number[] {
    return [...this.open.keys()];
  }

  /** Gives a new socket its descriptor, the lowest that is free. */
  install(socket: KernelSocket, about: Pick<OpenSocket, 'isIpv6' | 'isStream'>): number {
    const subject: OpenSocket = {
      ...about,
      socket,
      descriptors: 0,
      nonBlocking: false,
      isBound: false,
      isForAny: false,
      isListener: false,
      local: undefined,
      remote: undefined,
    };
    return this.give(subject, this.lowestFree());
  }

  /** One more descriptor for a socket; what the descriptor named before is let go. */
  give(subject: OpenSocket, fd: number): number {
    subject.descriptors++;
    this.release(fd);
    this.open.set(fd, subject);
    this.known.set(fd, subject);
    return fd;
  }

  get isFull(): boolean {
    return this.open.size >= MOST_DESCRIPTORS;
  }

  lowestFree(): number {
    let fd = FIRST_DESCRIPTOR;
    while (this.open.has(fd)) fd++;
    return fd;
  }

  /** False when there is no such descriptor. */
  release(fd: number): boolean {
    const subject = this.open.get(fd);
    if (!subject) return false;
    this.open.delete(fd);
    if (--subject.descriptors === 0) this.lab.sockets.close(subject.socket);
    return true;
  }

  /** Where an address of the script is on this machine, or why a call may not go there. */
  reach({ address, port }: SocketAddress): { readonly octets: Uint8Array; readonly port: number } | CallFailure {
    const parsed = parseIpAddress(address);
    if (!parsed) return { errno: 'EAFNOSUPPORT', because: `on the kernel there is IP only, and "${address}" is no IP address` };
    const real = this.lab.addresses.toReal(parsed);
    if (!real) return { errno: 'EACCES', because: `${address} is outside loopback and no address of a host of this script` };
    return { octets: ipAddressBytes(real), port };
  }

  /** Binds a socket that has no address yet to its own host's, as the kernel would choose among those of one machine. */
  bindToHost(subject: OpenSocket, port = 0): Result<number, CallFailure> {
    const own = this.host.addresses.find((address) => address.includes(':') === subject.isIpv6) ?? (subject.isIpv6 ? '::1' : '127.0.0.1');
    const place = this.reach({ address: own, port });
    if ('errno' in place) return { ok: false, error: place };
    if (port === 0) subject.socket.setOption(SOL_IP, IP_BIND_ADDRESS_NO_PORT, ON);
    const bound = subject.socket.bind(place);
    subject.isBound = true;
    return bound.ok ? bound : failure(bound.errno);
  }

  /** Notes the ends of a socket; what is captured of them is shown from now on. */
  note(subject: OpenSocket): void {
    const local = subject.socket.name(false);
    const remote = subject.socket.name(true);
    if (local.ok && local.value.port > 0) {
      const end = { address: textOf(local.value.octets), port: local.value.port };
      subject.local = this.lab.named(end);
      this.lab.claim(end, this.host.name);
    }
    if (remote.ok && remote.value.port > 0)
      subject.remote = this.lab.named({ address: textOf(remote.value.octets), port: remote.value.port });
  }
}

const SOL_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;
const ON = new Uint8Array(Int32Array.of(1).buffer);
