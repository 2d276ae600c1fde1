import { randomInt } from 'node:crypto';
import type { Packet } from '../../../engine/network/packet.ts';
import { KernelSockets } from '../../../kernel/socket.ts';
import { type IpAddress, parseIpAddress } from '../../../wire/ip-address.ts';
import { err, ok, type Result } from '../../../wire/result.ts';
import type { SocketAddress } from '../../lab/values.ts';
import type { ScriptError } from '../../report.ts';
import { datagramView } from '../datagram-view.ts';
import type { HostSettings, LinkSettings, Refusal, Target, TargetHost, TargetLink, TargetOptions } from '../target.ts';
import { Addresses } from './addresses.ts';
import { KernelHost } from './kernel-host.ts';
import type { KernelLab } from './kernel-lab.ts';
import { KernelLink, OUTSIDE } from './kernel-link.ts';
import type { LiveTap } from './live-tap.ts';
import { Observation } from './observation.ts';
import { onlyOnEngine } from './refusals.ts';

/** Sockets that a run may have open at a time: a script must not use up those of the Workbench. */
const MOST_SOCKETS = 512;
/** Whoever looks at what happens looks again at least this often: a state may change without a word. */
const TICK_MS = 10;

/**
 * The real kernel as a target: hosts are loopback addresses of this machine, every call is a real system call on a real
 * descriptor, time is real, and what a script sees of the link was captured live.
 */
export class KernelTarget implements Target, KernelLab {
  readonly kind = 'kernel';
  readonly addresses: Addresses;
  readonly tap: LiveTap;
  sockets!: KernelSockets;
  /** Why nothing more can come. */
  stillBecause: string | undefined;
  private readonly opened = performance.now();
  private began: number | undefined;
  private readonly hosts: KernelHost[] = [];
  private readonly links: KernelLink[] = [];
  /** The ends that are the script's, and whose they are: address and port as the kernel has them. */
  private readonly claims = new Map<string, string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private parked: (() => boolean)[] = [];
  private observation: Observation | undefined;
  private hasHappened = false;
  private wake: (() => void) | undefined;

  private constructor(tap: LiveTap) {
    this.tap = tap;
    this.addresses = new Addresses(randomInt(0x1_0000));
  }

  /** Resolves when the capture shows what is sent. */
  static async open({ tap, onFrames }: TargetOptions): Promise<Result<Target, ScriptError>> {
    if (!tap) return err(unusable('the real kernel can only be used where its loopback interface can be captured', NO_TAP_HELP));
    const target = new KernelTarget(tap);
    const sockets = KernelSockets.open(() => target.retry(), MOST_SOCKETS);
    if (!sockets.ok) return err(unusable(sockets.error.message, sockets.error.help));
    target.sockets = sockets.value;
    const observation = await Observation.open({
      tap,
      sockets: sockets.value,
      address: target.addresses.forMarks,
      now: () => (target.observation ? target.now() : Math.round((performance.now() - target.opened) * 1e6)),
      isOwn: (packet) => target.isOwn(packet),
      onSeen: (packet, time) => target.show(packet, time),
      onFrames,
      onLost: (why) => {
        target.stillBecause ??= why;
        target.happen();
      },
    });
    if (observation.ok) {
      target.observation = observation.value;
      return ok(target);
    }
    sockets.value.closeAll();
    return err(unusable(observation.error.message, observation.error.help));
  }

  now(): number {
    if (this.began === undefined) this.begin();
    return Math.round((performance.now() - this.began!) * 1e6);
  }

  /** The run's clock begins when the script first does something: to get here took time that is not the script's. */
  private begin(): void {
    const before = this.opened;
    this.began = performance.now();
    this.observation?.beganLater(Math.round((this.began - before) * 1e6));
  }

  async advance(): Promise<boolean> {
    if (this.stillBecause !== undefined) return false;
    if (!this.hasHappened)
      await new Promise<void>((resolve) => {
        const tick = setTimeout(resolve, TICK_MS);
        this.wake = () => {
          clearTimeout(tick);
          resolve();
        };
      });
    this.hasHappened = false;
    this.wake = undefined;
    this.observation?.look();
    return this.stillBecause === undefined;
  }

  after(nanoseconds: number, action: () => void): void {
    this.timer(nanoseconds, () =>
      // What has been sent until then is seen when the script goes on.
      this.whenSeen(() => {
        action();
        this.retry();
      }),
    );
  }

  host({ name, addresses, routes, sysctls }: HostSettings): Result<TargetHost, Refusal> {
    if (this.hosts.some((host) => host.name === name)) return err({ message: `there is a host "${name}" already` });
    if (routes.length > 0) return onlyOnEngine('host routes', 'loopback has no routers');
    const [sysctl] = Object.keys(sysctls);
    if (sysctl !== undefined) return onlyOnEngine(`sysctl ${sysctl}`, 'it would change the whole machine');
    const own: IpAddress[] = [];
    for (const text of addresses) {
      const address = parseIpAddress(text.split('/')[0]!);
      if (!address) return err({ message: `"${text}" is no IP address` });
      const added = this.addresses.add(address);
      if (!added.ok) return added;
      own.push(address);
    }
    const host = new KernelHost(name, own, this);
    this.hosts.push(host);
    return ok(host);
  }

  link(a: TargetHost, b: TargetHost, settings: LinkSettings): Result<TargetLink, Refusal> {
    const link = new KernelLink(a.name, b.name);
    const set = link.set(settings);
    if (!set.ok) return set;
    this.links.push(link);
    return ok(link);
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.parked = [];
    await this.observation?.close(() => this.sockets.closeAll());
  }

  // What the hosts and processes of the run share.

  readonly named = ({ address, port }: SocketAddress): SocketAddress => ({ address: this.addresses.toScript(address as IpAddress), port });

  hostAt({ address, port }: SocketAddress): string {
    const real = this.addresses.toReal(address as IpAddress) ?? address;
    const owner = this.claims.get(keyOf(real, port));
    return owner ?? this.hosts.find((host) => host.addresses.includes(address as IpAddress))?.name ?? OUTSIDE;
  }

  claim({ address, port }: SocketAddress, host: string): void {
    this.claims.set(keyOf(address, port), host);
  }

  park(attempt: () => boolean): void {
    if (!attempt()) this.parked.push(attempt);
  }

  timer(nanoseconds: number, action: () => void): void {
    const due = this.now() + nanoseconds;
    // A timer of Node's reaches no further than 2^31 ms; a run ends long before.
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        if (this.now() < due) this.timer(due - this.now(), action);
        else action();
      },
      Math.min(nanoseconds / 1e6, 0x7fff_ffff),
    );
    this.timers.add(timer);
  }

  whenSeen(then: () => void): void {
    if (!this.observation) return;
    this.observation.caughtUp(() => {
      then();
      this.happen();
    });
  }

  private retry(): void {
    const parked = this.parked;
    this.parked = [];
    for (const attempt of parked) this.park(attempt);
    this.happen();
  }

  private happen(): void {
    this.hasHappened = true;
    this.wake?.();
  }

  private isOwn({ src, dst, segment, datagram }: Packet): boolean {
    const ports = segment ?? datagram;
    if (ports && (this.claims.has(keyOf(src, ports.srcPort)) || this.claims.has(keyOf(dst, ports.dstPort)))) return true;
    return this.addresses.isInBlock(src) && this.addresses.isInBlock(dst);
  }

  private show(packet: Packet, time: number): void {
    const { segment, datagram } = packet;
    const ports = segment ?? datagram;
    const [source, destination] = [
      this.named({ address: packet.src, port: ports?.srcPort ?? 0 }),
      this.named({ address: packet.dst, port: ports?.dstPort ?? 0 }),
    ];
    const [from, to] = [this.hostAt(source), this.hostAt(destination)];
    for (const link of this.links) {
      if (!link.carries(from, to)) continue;
      if (segment) link.add({ segment, source, destination, from, to, time });
      else {
        const addresses = { src: source.address as IpAddress, dst: destination.address as IpAddress };
        const view = datagramView({ ...packet, ...addresses }, from, to, time);
        if (view) link.others.push(view);
      }
    }
  }
}

const keyOf = (address: string, port: number): string => `${address} ${port}`;
const NO_TAP_HELP = 'Run it with tcpwb run --target kernel, or in the window.';
const unusable = (message: string, help: string | undefined): ScriptError => ({ kind: 'unusable', message, help, at: undefined });
