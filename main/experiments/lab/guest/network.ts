import type { SocketCall } from '../requests.ts';
import { ask, here, wait } from './channel.ts';
import { comesToHold } from './check.ts';

/** Octets travel as text, one character each. */
const asCharacters = (octets: Uint8Array): string => {
  let characters = '';
  for (let at = 0; at < octets.length; at += 4096) characters += String.fromCharCode(...octets.subarray(at, at + 4096));
  return characters;
};
const asOctets = (characters: string): Uint8Array => Uint8Array.from(characters, (one) => one.charCodeAt(0));
const encode = (data: string | Uint8Array): string =>
  typeof data === 'string' ? String(ask({ op: 'encode', text: data })) : asCharacters(data);

export const text = (octets: Uint8Array): string => String(ask({ op: 'decode', octets: asCharacters(octets) }));

/** Flags as the C constants' bits; the laboratory wants their names. */
export const MESSAGE_FLAGS = { MSG_PEEK: 0x02, MSG_DONTWAIT: 0x40, MSG_WAITALL: 0x100, MSG_NOSIGNAL: 0x4000 } as const;
const flagNames = (bits: number): string[] => Object.entries(MESSAGE_FLAGS).flatMap(([name, bit]) => ((bits & bit) !== 0 ? [name] : []));

export class Host {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly id: number;
  constructor(name: string, { addresses, sysctls = {} }: HostOptions) {
    this.name = name;
    this.id = ask({ op: 'host', name, addresses: [...addresses], sysctls: tunables(sysctls) }) as number;
    this.addresses = addresses.map((one) => one.split('/')[0]!);
  }
  process(name: string): Process {
    return new ProcessOnHost(this, name);
  }
  sysctl(name: string): number | readonly number[] | string;
  sysctl(name: string, value: number | readonly number[] | string): void;
  sysctl(name: string, value?: number | readonly number[] | string): unknown {
    return ask({ op: 'sysctl', host: this.id, name, value: typeof value === 'object' ? [...value] : value });
  }
  counters(): Readonly<Record<string, number>> {
    return ask({ op: 'counters', host: this.id }) as Record<string, number>;
  }
  connections(): readonly Connection[] {
    return ask({ op: 'connections', host: this.id }) as Connection[];
  }
}

const tunables = (sysctls: Sysctls): Record<string, number | number[] | string> =>
  Object.fromEntries(Object.entries(sysctls).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]));

class ProcessOnHost implements Process {
  readonly name: string;
  readonly host: Host;
  private readonly id: number;
  constructor(host: Host, name: string) {
    this.host = host;
    this.name = name;
    this.id = ask({ op: 'process', host: host.id, name }) as number;
  }

  socket(domain: string, type: string, _protocol = 0): Promise<Fd> {
    return this.call({ name: 'socket', domain, type }) as Promise<Fd>;
  }
  bind(fd: Fd, address: SocketAddress): Promise<void> {
    return this.call({ name: 'bind', fd, address }) as Promise<void>;
  }
  listen(fd: Fd, backlog = 4096): Promise<void> {
    return this.call({ name: 'listen', fd, backlog }) as Promise<void>;
  }
  accept(fd: Fd): Promise<Fd> {
    return this.call({ name: 'accept', fd }) as Promise<Fd>;
  }
  connect(fd: Fd, address: SocketAddress): Promise<void> {
    return this.call({ name: 'connect', fd, address }) as Promise<void>;
  }
  send(fd: Fd, data: string | Uint8Array, flags = 0): Promise<number> {
    return this.call({ name: 'send', fd, octets: encode(data), flags: flagNames(flags) }) as Promise<number>;
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
  setsockopt<O extends SettableOption>(fd: Fd, level: string, option: O, value: SocketOptions[O]): Promise<void> {
    return this.call({ name: 'setsockopt', fd, level, option, value }) as Promise<void>;
  }
  getsockopt<O extends SocketOption>(fd: Fd, level: string, option: O): Promise<SocketOptions[O]> {
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

/** Counted over the whole run, as the laboratory counts them. */
const rules: ((segment: Segment) => boolean)[] = [];
export const judge = (rule: number, segment: Segment): boolean => Boolean(rules[rule]?.(segment));

export class Cable implements Link {
  private readonly id: number;
  constructor(a: Host, b: Host, settings: LinkOptions) {
    this.id = ask({ op: 'link', a: a.id, b: b.id, settings: { ...settings } }) as number;
  }
  segments(): readonly Segment[] {
    return ask({ op: 'segments', link: this.id }) as Segment[];
  }
  drop(which: (segment: Segment) => boolean): void {
    rules.push(which);
    ask({ op: 'rule', link: this.id });
  }
  hold(which: (segment: Segment) => boolean, seconds: number): void {
    rules.push(which);
    ask({ op: 'rule', link: this.id, hold: seconds });
  }
  release(): void {
    ask({ op: 'release', link: this.id });
  }
  set(options: LinkOptions): void {
    ask({ op: 'set-link', link: this.id, settings: { ...options } });
  }
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

export async function awaitCondition(condition: () => boolean, seconds: number | undefined, what: string, stack: string): Promise<void> {
  if (await comesToHold(condition, seconds, what, stack)) return;
  const error = new TimeoutError(`waited ${seconds} s for ${what}`);
  Object.defineProperty(error, 'stack', { value: stack, configurable: true });
  throw error;
}
