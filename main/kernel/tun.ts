import {
  errnoName,
  type KernelError,
  type KernelResult,
  kernelError,
  type LinuxNative,
  loadLinuxNative,
  type NativePlaces,
  type NativeTun,
} from './linux-native.ts';

export interface KernelAddress {
  /** 4 or 16 octets. */
  readonly octets: Uint8Array;
  readonly prefixLength: number;
}

export interface TunOptions {
  /** At most 15 characters; with "%d" the kernel finds a number that is free. */
  readonly name: string;
  readonly mtu: number;
  /** What the kernel's side of the interface is called; each makes a route to its prefix. */
  readonly addresses: readonly KernelAddress[];
  /** Further prefixes that lead to the interface. */
  readonly routes: readonly KernelAddress[];
  readonly places?: NativePlaces;
}

/** Gets packets back to back: the first `lengths[0]` octets, then `lengths[1]`... They are overwritten afterwards. */
export type OnPackets = (octets: Uint8Array, lengths: Uint32Array, count: number) => void;

export interface TunEvents {
  /** Packets wait to be read, or may. Between two such calls the event loop gets its turn. */
  readonly onWaiting: () => void;
  /** Somebody has deleted the interface. */
  readonly onLost: (error: KernelError) => void;
}

/** Packets read at a time. */
const BATCH = 256;
const MAX_PACKET = 65_536;
const READ_ROOM = 8 * MAX_PACKET;
/**
 * Packets the kernel keeps while we are busy. Its own 500 overflow in one burst of a single connection, because what is
 * handed to a TUN no longer counts against the sender's socket.
 */
const QUEUE_LENGTH = 4096;

/**
 * A TUN interface: what the kernel routes there is read, what is written arrives in the kernel. It vanishes when it is
 * closed, and with the program however that ends.
 */
export class Tun {
  readonly name: string;
  /** Packets that were written and the kernel refused: not IP, or the interface was down. */
  refused = 0;
  private readonly native: LinuxNative;
  private readonly device: NativeTun;
  private readonly events: TunEvents;
  private readonly octets = new Uint8Array(READ_ROOM);
  private readonly lengths = new Uint32Array(BATCH);
  private isClosed = false;
  private isEmpty = false;

  private constructor(native: LinuxNative, device: NativeTun, events: TunEvents) {
    this.native = native;
    this.device = device;
    this.name = native.tunName(device);
    this.events = events;
  }

  static open(options: TunOptions, events: TunEvents): KernelResult<Tun> {
    const { name } = options;
    const loaded = loadLinuxNative(options.places);
    if (!loaded.ok) return loaded;
    const native = loaded.value;
    // The kernel would cut a longer name short, and refuse these.
    if (!/^[^\s/:\0]{1,15}$/.test(name) || Buffer.byteLength(name) > 15 || name === '.' || name === '..')
      return kernelError(
        'bad-name',
        `"${name}" is no name for an interface.`,
        'It has 1 to 15 characters, without spaces, slashes and colons.',
      );
    const device = native.tunOpen(name);
    if (typeof device === 'number') return openError(name, errnoName(device));
    const tun = new Tun(native, device, events);
    const ready = tun.configure(options);
    if (ready.ok) return { ok: true, value: tun };
    tun.close();
    return ready;
  }

  /** Reads up to 256 packets; false when none waits. */
  read(onPackets: OnPackets): boolean {
    if (this.isClosed) return false;
    const count = this.native.tunRead(this.device, this.octets, this.lengths);
    if (count < 0) this.lose(count);
    this.isEmpty = count <= 0;
    if (count > 0) onPackets(this.octets, this.lengths, count);
    return count > 0;
  }

  /** Writes `count` packets that lie back to back in `octets`; false when the interface is gone. */
  write(octets: Uint8Array, lengths: Uint32Array, count: number): boolean {
    if (this.isClosed || count === 0) return !this.isClosed;
    const taken = this.native.tunWrite(this.device, octets, lengths, count);
    if (taken < 0) {
      this.lose(taken);
      return false;
    }
    this.refused += count - taken;
    return true;
  }

  /** Idempotent; no event comes afterwards. */
  close(): void {
    this.isClosed = true;
    this.native.tunClose(this.device);
  }

  private configure({ mtu, addresses, routes }: TunOptions): KernelResult<void> {
    const { native, name } = this;
    const steps: [what: string, status: () => number][] = [
      [`The MTU of ${name} cannot be ${mtu}, or it cannot be brought up`, () => native.linkUp(name, mtu, QUEUE_LENGTH)],
      ...addresses.map(({ octets, prefixLength }): [string, () => number] => [
        `The kernel's address for ${name} cannot be set`,
        () => native.linkAddAddress(name, octets, prefixLength),
      ]),
      ...routes.map(({ octets, prefixLength }): [string, () => number] => [
        `The route to ${name} cannot be set`,
        () => native.linkAddRoute(name, octets, prefixLength),
      ]),
      [`${name} cannot be watched`, () => native.tunWatch(this.device, this.readable)],
    ];
    for (const [what, act] of steps) {
      const status = act();
      if (status < 0) return stepError(what, errnoName(status));
    }
    return { ok: true, value: undefined };
  }

  private readonly readable = (): void => {
    if (this.isClosed) return;
    this.isEmpty = false;
    this.events.onWaiting();
    if (this.isClosed) return;
    if (this.isEmpty) this.native.tunArm(this.device);
    else setImmediate(this.readable); // there may be more, but others have their turn first
  };

  private lose(status: number): void {
    this.close();
    this.events.onLost({ kind: 'gone', message: `The interface ${this.name} is gone (${errnoName(status)}).` });
  }
}

const permission = (): string =>
  `It needs the capability CAP_NET_ADMIN: run it as root (with sudo), or once: sudo setcap cap_net_admin+ep '${process.execPath}'`;

function openError(name: string, errno: string): KernelResult<never> {
  switch (errno) {
    case 'EPERM':
    case 'EACCES':
      return kernelError('no-permission', `This user may not make the interface ${name}.`, permission());
    case 'EBUSY':
    case 'EEXIST':
      return kernelError('name-taken', `There is a TUN interface ${name}, and another program has it.`, 'Take another name.');
    case 'EINVAL':
      return kernelError('name-taken', `There is an interface ${name}, and it is no TUN interface.`, 'Take another name.');
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return kernelError(
        'no-driver',
        'This kernel offers no TUN interfaces: /dev/net/tun is not there.',
        'Load the driver: sudo modprobe tun',
      );
    default:
      return kernelError('refused', `The interface ${name} cannot be made (${errno}).`);
  }
}

function stepError(what: string, errno: string): KernelResult<never> {
  if (errno === 'EPERM') return kernelError('no-permission', `${what} by this user.`, permission());
  const help = errno === 'EACCES' ? 'IPv6 may be switched off: sudo sysctl net.ipv6.conf.all.disable_ipv6=0' : undefined;
  return kernelError('refused', `${what} (${errno}).`, help);
}
