import {
  errnoName,
  type KernelResult,
  kernelError,
  type LinuxNative,
  loadLinuxNative,
  type NativeReady,
  type NativeSocket,
} from './linux-native.ts';

/** What a system call gives: a value, or the name of its errno. */
export type Called<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errno: string };

/** One end of a connection: 4 or 16 octets in network order, none where there is no address. */
export interface KernelEnd {
  readonly octets: Uint8Array;
  readonly port: number;
}

/** Linux's numbers. */
export const DOMAIN = { AF_INET: 2, AF_INET6: 10 } as const;
export const TYPE = { SOCK_STREAM: 1, SOCK_DGRAM: 2 } as const;
export const HOW = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;
export const QUEUE = { SIOCINQ: 0x541b, SIOCOUTQ: 0x5411, SIOCATMARK: 0x8905 } as const;
export const POLL = { IN: 0x01, OUT: 0x04 } as const;

const END_ROOM = 18;

const called = (status: number): Called<number> => (status < 0 ? { ok: false, errno: errnoName(status) } : { ok: true, value: status });

/** A socket of the real kernel. No call on it blocks: what would have to wait fails with EAGAIN or EINPROGRESS. */
export class KernelSocket {
  private readonly native: LinuxNative;
  private readonly socket: NativeSocket;

  constructor(native: LinuxNative, socket: NativeSocket) {
    this.native = native;
    this.socket = socket;
  }

  bind({ octets, port }: KernelEnd): Called<number> {
    return called(this.native.socketBind(this.socket, octets, port));
  }

  /** To an end without an address it takes the connection apart (AF_UNSPEC). */
  connect({ octets, port }: KernelEnd): Called<number> {
    return called(this.native.socketConnect(this.socket, octets, port));
  }

  listen(backlog: number): Called<number> {
    return called(this.native.socketListen(this.socket, backlog));
  }

  shutdown(how: keyof typeof HOW): Called<number> {
    return called(this.native.socketShutdown(this.socket, HOW[how]));
  }

  /** Octets taken; less than there are when the send queue is full. */
  send(data: Uint8Array, flags: number, { octets, port }: KernelEnd): Called<number> {
    return called(this.native.socketSend(this.socket, data, flags, octets, port));
  }

  /** Octets received into `data`, and who sent them where a datagram says so. */
  receive(data: Uint8Array, flags: number): Called<{ readonly length: number; readonly from: Uint8Array }> {
    const from = new Uint8Array(END_ROOM);
    const length = called(this.native.socketReceive(this.socket, data, flags, from));
    return length.ok ? { ok: true, value: { length: length.value, from } } : length;
  }

  /** getsockname(2), getpeername(2). */
  name(ofPeer: boolean): Called<KernelEnd> {
    const out = new Uint8Array(END_ROOM);
    const length = called(this.native.socketName(this.socket, ofPeer, out));
    return length.ok ? { ok: true, value: endIn(out, length.value) } : length;
  }

  setOption(level: number, name: number, value: Uint8Array): Called<number> {
    return called(this.native.socketSetOption(this.socket, level, name, value));
  }

  /** At most `room` octets. */
  option(level: number, name: number, room: number): Called<Uint8Array> {
    const value = new Uint8Array(room);
    const length = called(this.native.socketGetOption(this.socket, level, name, value));
    return length.ok ? { ok: true, value: value.subarray(0, length.value) } : length;
  }

  /** SIOCINQ, SIOCOUTQ or SIOCATMARK of ioctl(2). */
  queue(request: keyof typeof QUEUE): Called<number> {
    return called(this.native.socketQueue(this.socket, QUEUE[request]));
  }

  /** The conditions of poll(2) that hold now. */
  poll(events: number): number {
    return Math.max(0, this.native.socketPoll(this.socket, events));
  }

  /** Takes a connection out of the accept queue. */
  accept(): NativeSocket | number {
    return this.native.socketAccept(this.socket);
  }

  watchIn(set: NativeReady): number {
    return this.native.readyAdd(set, this.socket);
  }

  /** Idempotent. Afterwards every call fails with EBADF. */
  close(): void {
    this.native.socketClose(this.socket);
  }
}

/** The end that the native code wrote: two octets of port, then the address. */
export const endIn = (out: Uint8Array, length: number): KernelEnd => ({
  octets: out.slice(2, 2 + length),
  port: (out[0]! << 8) | out[1]!,
});

/** Sockets that belong together: what happens to any of them is told, and all of them close together. */
export class KernelSockets {
  private readonly native: LinuxNative;
  private readonly open = new Set<KernelSocket>();
  private readonly most: number;
  private set: NativeReady | undefined;

  private constructor(native: LinuxNative, most: number) {
    this.native = native;
    this.most = most;
  }

  /** `onReady` is called when something has changed about any of them; at most `most` are open at a time. */
  static open(onReady: () => void, most: number): KernelResult<KernelSockets> {
    const native = loadLinuxNative();
    if (!native.ok) return native;
    if (typeof native.value.socketOpen !== 'function')
      return kernelError('not-built', 'The native code is older than this program.', 'Build it anew: make -C native/linux clean all');
    const sockets = new KernelSockets(native.value, most);
    const set = native.value.readyOpen(() => {
      if (!sockets.set) return;
      native.value.readyArm(sockets.set); // before anything is tried: what changes from here on is told again
      onReady();
    });
    if (typeof set === 'number') return kernelError('refused', `Sockets cannot be watched (${errnoName(set)}).`);
    sockets.set = set;
    return { ok: true, value: sockets };
  }

  socket(domain: keyof typeof DOMAIN, type: keyof typeof TYPE): Called<KernelSocket> {
    if (this.open.size >= this.most) return { ok: false, errno: 'EMFILE' };
    return this.keep(this.native.socketOpen(DOMAIN[domain], TYPE[type]));
  }

  accept(listener: KernelSocket): Called<KernelSocket> {
    if (this.open.size >= this.most) return { ok: false, errno: 'EMFILE' };
    return this.keep(listener.accept());
  }

  close(socket: KernelSocket): void {
    this.open.delete(socket);
    socket.close();
  }

  /** Closes them all. What is still connected is reset, so that nothing of it stays in the kernel. */
  closeAll(): void {
    for (const socket of this.open) {
      socket.setOption(SOL_SOCKET, SO_LINGER, LINGER_AT_ONCE);
      this.close(socket);
    }
    if (this.set) this.native.readyClose(this.set);
    this.set = undefined;
  }

  private keep(made: NativeSocket | number): Called<KernelSocket> {
    if (typeof made === 'number') return { ok: false, errno: errnoName(made) };
    const socket = new KernelSocket(this.native, made);
    const status = this.set ? socket.watchIn(this.set) : 0;
    if (status < 0) {
      socket.close();
      return { ok: false, errno: errnoName(status) };
    }
    this.open.add(socket);
    return { ok: true, value: socket };
  }
}

const SOL_SOCKET = 1;
const SO_LINGER = 13;
/** `struct linger` with l_onoff 1 and l_linger 0. */
const LINGER_AT_ONCE = new Uint8Array(Int32Array.of(1, 0).buffer);
