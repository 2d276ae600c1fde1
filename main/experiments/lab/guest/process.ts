import type { SocketCall } from '../calls.ts';
import { ask, here, wait } from './channel.ts';
import { awaitCondition } from './check.ts';
import { flagNames, O_NONBLOCK } from './constants.ts';
import { asCharacters, asOctets, encode } from './octets.ts';

export class ProcessOnHost implements Process {
  readonly name: string;
  readonly host: Host;
  private readonly id: number;
  constructor(host: Host, hostId: number, name: string, { uid, umask }: Credentials) {
    this.host = host;
    this.name = name;
    this.id = ask({ op: 'process', host: hostId, name, credentials: { uid, umask } }) as number;
  }

  socket(domain: string, type: string, _protocol = 0): Promise<Fd> {
    return this.call({ name: 'socket', domain, type }) as Promise<Fd>;
  }
  socketpair(domain: string, type: string, _protocol = 0): Promise<readonly [Fd, Fd]> {
    return this.call({ name: 'socketpair', domain, type }) as Promise<readonly [Fd, Fd]>;
  }
  bind(fd: Fd, address: SocketAddress | UnixAddress): Promise<void> {
    return this.call({ name: 'bind', fd, address: plain(address) }) as Promise<void>;
  }
  listen(fd: Fd, backlog = 4096): Promise<void> {
    return this.call({ name: 'listen', fd, backlog }) as Promise<void>;
  }
  accept(fd: Fd): Promise<Fd> {
    return this.call({ name: 'accept', fd }) as Promise<Fd>;
  }
  connect(fd: Fd, address: SocketAddress | UnixAddress | 'AF_UNSPEC'): Promise<void> {
    return this.call({ name: 'connect', fd, address: address === 'AF_UNSPEC' ? address : plain(address) }) as Promise<void>;
  }
  send(fd: Fd, data: string | Uint8Array, flags = 0): Promise<number> {
    return this.call({ name: 'send', fd, octets: encode(data), flags: flagNames(flags) }) as Promise<number>;
  }
  sendto(fd: Fd, data: string | Uint8Array, flags: number, address: SocketAddress | UnixAddress): Promise<number> {
    return this.call({ name: 'sendto', fd, octets: encode(data), flags: flagNames(flags), address: plain(address) }) as Promise<number>;
  }
  sendmsg(fd: Fd, { buffers, to }: MessageToSend, flags = 0): Promise<number> {
    const call = { name: 'sendmsg', fd, buffers: buffers.map(encode), flags: flagNames(flags), address: to && plain(to) } as const;
    return this.call(call) as Promise<number>;
  }
  recvfrom(fd: Fd, length: number, flags = 0): Promise<ReceivedMessage> {
    return this.call({ name: 'recvfrom', fd, length, flags: flagNames(flags) }).then((message) => {
      const { octets, ...about } = message as { octets: string; length: number; from?: SocketAddress };
      return { ...about, data: asOctets(octets) };
    });
  }
  recv(fd: Fd, length: number, flags = 0): Promise<Uint8Array> {
    return this.call({ name: 'recv', fd, length, flags: flagNames(flags) }).then((octets) => asOctets(String(octets)));
  }
  shutdown(fd: Fd, how: 'SHUT_RD' | 'SHUT_WR' | 'SHUT_RDWR'): Promise<void> {
    return this.call({ name: 'shutdown', fd, how }) as Promise<void>;
  }
  close(fd: Fd): Promise<void> {
    return this.call({ name: 'close', fd }) as Promise<void>;
  }
  dup(fd: Fd): Promise<Fd> {
    return this.call({ name: 'dup', fd }) as Promise<Fd>;
  }
  dup2(fd: Fd, other: Fd): Promise<Fd> {
    return this.call({ name: 'dup2', fd, other }) as Promise<Fd>;
  }
  fcntl(fd: Fd, _command: 'F_SETFL', flags: number): Promise<void> {
    return this.call({ name: 'fcntl', fd, nonBlocking: (flags & O_NONBLOCK) !== 0 }) as Promise<void>;
  }
  ioctl(fd: Fd, request: 'SIOCINQ' | 'SIOCOUTQ' | 'SIOCATMARK'): Promise<number> {
    return this.call({ name: 'ioctl', fd, request }) as Promise<number>;
  }
  poll(entries: readonly PollEntry[], timeout?: number): Promise<readonly PollResult[]> {
    const call = { name: 'poll', entries: entries.map(({ fd, events }) => ({ fd, events: events >>> 0 })), timeout } as const;
    return this.call(call).then((ready) => (ready as ReadyDescriptor[]).map(({ fd, events }) => ({ fd, revents: events })));
  }
  epoll_create(): Promise<Fd> {
    return this.call({ name: 'epoll_create' }) as Promise<Fd>;
  }
  epoll_ctl(epfd: Fd, op: 'EPOLL_CTL_ADD' | 'EPOLL_CTL_MOD' | 'EPOLL_CTL_DEL', fd: Fd, events = 0): Promise<void> {
    return this.call({ name: 'epoll_ctl', fd: epfd, op, other: fd, events: events >>> 0 }) as Promise<void>;
  }
  epoll_wait(epfd: Fd, maxevents: number, timeout?: number): Promise<readonly ReadyDescriptor[]> {
    return this.call({ name: 'epoll_wait', fd: epfd, most: maxevents, timeout }) as Promise<ReadyDescriptor[]>;
  }
  unlink(path: string): Promise<void> {
    return this.call({ name: 'unlink', path }) as Promise<void>;
  }
  setsockopt<O extends keyof SettableOptions>(fd: Fd, level: string, option: O, value: SettableOptions[O]): Promise<void> {
    const given: SettableOptions[keyof SettableOptions] = value;
    const told = given instanceof Uint8Array ? { octets: asCharacters(given) } : given;
    return this.call({ name: 'setsockopt', fd, level, option, value: told }) as Promise<void>;
  }
  getsockopt<O extends keyof SocketOptions>(fd: Fd, level: string, option: O): Promise<SocketOptions[O]> {
    return this.call({ name: 'getsockopt', fd, level, option }) as Promise<SocketOptions[O]>;
  }
  getsockname(fd: Fd): Promise<SocketAddress> {
    return this.call({ name: 'getsockname', fd }) as Promise<SocketAddress>;
  }
  getpeername(fd: Fd): Promise<SocketAddress> {
    return this.call({ name: 'getpeername', fd }) as Promise<SocketAddress>;
  }
  exit(): Promise<void> {
    return this.call({ name: 'exit' }) as Promise<void>;
  }

  state(fd: Fd): TcpState {
    return this.observe(fd, 'state') as TcpState;
  }
  history(fd: Fd): readonly TcpState[] {
    return this.observe(fd, 'history') as TcpState[];
  }
  queues(fd: Fd): Queues {
    return this.observe(fd, 'queues') as Queues;
  }
  tcpInfo(fd: Fd): Readonly<Record<string, number>> {
    return this.observe(fd, 'tcpInfo') as Record<string, number>;
  }
  until(fd: Fd, state: TcpState, { within }: { readonly within?: number } = {}): Promise<void> {
    return awaitCondition(() => this.state(fd) === state, within, `${this.name}'s socket ${fd} to reach ${state}`, here());
  }

  private call(call: SocketCall): Promise<unknown> {
    return wait({ op: 'call', process: this.id, call, stack: here() });
  }
  private observe(fd: Fd, what: 'state' | 'history' | 'queues' | 'tcpInfo'): unknown {
    return ask({ op: 'observe', process: this.id, fd, what });
  }
}

/** A path stands where the laboratory expects an address. */
const plain = (address: SocketAddress | UnixAddress): SocketAddress => ('path' in address ? { address: address.path, port: 0 } : address);
