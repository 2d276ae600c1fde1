import { type IpAddress, ip, ipVersionOf } from '../wire/ip-address.ts';
import { Flag, type Segment } from '../wire/segment.ts';
import type { Clock } from './clock.ts';
import { ConnectionTable } from './connection-table.ts';
import { Counters } from './counters.ts';
import { sendIcmpError } from './icmp/errors.ts';
import { IcmpRateLimit } from './icmp/rate-limit.ts';
import { isLoopback, isUnspecified, type Prefix, parsePrefix } from './ip/addresses.ts';
import { receivePacket } from './ip/input.ts';
import { sendPacket } from './ip/output.ts';
import { PathMtus } from './ip/path-mtu.ts';
import { Reassembly } from './ip/reassembly.ts';
import { type RouteSettings, Routes, type Way } from './ip/routes.ts';
import { type HashKey, keyedHash } from './keyed-hash.ts';
import { Cable, type Plug } from './network/cable.ts';
import type { IpFields, Packet } from './network/packet.ts';
import { Ports } from './ports.ts';
import type { DropReason, Ends, Probes, SendCause } from './probes.ts';
import type { Random } from './random.ts';
import type { HostRecorder } from './recording/host-recorder.ts';
import { type Credentials, Process } from './sockets/processes.ts';
import { type SysctlSettings, Sysctls } from './sysctls.ts';
import { FastOpenPause } from './tcp/fast-open-black-hole.ts';
import { FastOpenMemory } from './tcp/fast-open-memory.ts';
import { sharedPortHash } from './tcp/isn.ts';
import { DefaultSettings } from './tcp/settings.ts';
import { UdpTable } from './udp/udp-table.ts';
import { UnixNames } from './unix/names.ts';

/** What all hosts of an engine share. */
export interface World {
  readonly clock: Clock;
  readonly probes: Probes;
  readonly random: Random;
  nextConnectionId(): number;
  nextCallNumber(): number;
}

export interface HostOptions {
  readonly name: string;
  /** With prefix length: '10.0.0.1/24', 'fd00::1/64'. */
  readonly addresses: readonly string[];
  /** Beside the networks of its own addresses. A host with one cable and no routes sends everything there. */
  readonly routes?: readonly RouteSettings[];
  readonly sysctls?: SysctlSettings;
  /**
   * Segmentation offload, as ethtool's `gso` and Linux's TCP always: several segments are formed, sent and charged to the
   * send buffer as one, and cut by the link. Off by default: each segment by itself, as RFC 9293 tells it.
   */
  readonly gso?: boolean;
}

const LOOPBACK_MTU = 65_536;
const DEFAULT_MTU = 1500;

/** A computer in the laboratory: addresses, tunables, counters, processes, and a TCP. */
export class Host implements Plug {
  readonly name: string;
  /** Segmentation offload is on. */
  readonly gso: boolean;
  /** The interface spaces out what each connection sends, by the rate its window allows (Linux's fq). */
  pacing = false;
  readonly clock: Clock;
  readonly probes: Probes;
  readonly random: Random;
  readonly sysctls: Sysctls;
  readonly counters = new Counters();
  readonly connections: ConnectionTable;
  readonly ports: Ports;
  readonly defaultSettings: DefaultSettings;
  readonly processes: Process[] = [];
  readonly loopback: Cable;
  readonly addresses: readonly Prefix[];
  readonly routes: Routes;
  readonly pathMtus: PathMtus;
  readonly reassembly: Reassembly;
  readonly icmpRateLimit: IcmpRateLimit;
  readonly udp: UdpTable;
  readonly unixNames = new UnixNames();
  /** Keeps what everything here looked like, while a recording is on. */
  recorder: HostRecorder | undefined;
  /** What servers told this host's clients for TCP Fast Open, and whether they use it at the moment. */
  readonly fastOpenMemory = new FastOpenMemory();
  readonly fastOpenPause = new FastOpenPause();
  private readonly world: World;
  private readonly ownAddresses: ReadonlySet<IpAddress>;
  /** The one found last: most hosts are asked for the same again and again. */
  private lastOwned: IpAddress | undefined;
  private readonly toSelf: Way;
  private identifications = 0;
  private readonly secret: HashKey;

  constructor(world: World, options: HostOptions) {
    this.world = world;
    this.name = options.name;
    this.gso = options.gso ?? false;
    this.clock = world.clock;
    this.probes = world.probes;
    this.random = world.random.fork();
    this.secret = [this.random.u32(), this.random.u32()];
    this.connections = new ConnectionTable(this.hash([0]), (ends) => sharedPortHash(this, ends));
    this.addresses = options.addresses.map(parsePrefix);
    this.ownAddresses = new Set(this.addresses.map(({ address }) => address));
    this.routes = new Routes(this, this.addresses, options.routes ?? []);
    this.sysctls = new Sysctls(options.sysctls);
    this.defaultSettings = new DefaultSettings(this.sysctls);
    this.pathMtus = new PathMtus(this.clock, this.sysctls);
    this.icmpRateLimit = new IcmpRateLimit(this.clock, this.sysctls);
    this.reassembly = new Reassembly(this.clock, this.counters, (first) => sendIcmpError(this, first, { kind: 'reassembly-timeout' }));
    this.udp = new UdpTable(this.sysctls, this.random, (ends) => sharedPortHash(this, ends));
    this.ports = new Ports(this);
    this.loopback = new Cable([this, this], this.clock, this.random, this.probes, { mtu: LOOPBACK_MTU, offload: true });
    this.toSelf = { cable: this.loopback };
  }

  /** A program's place on this host: descriptors of its own. */
  process(name: string, credentials?: Credentials): Process {
    const program = new Process(this, name, this.processes.length + 1, credentials);
    this.processes.push(program);
    return program;
  }

  nextConnectionId(): number {
    return this.world.nextConnectionId();
  }

  nextCallNumber(): number {
    return this.world.nextCallNumber();
  }

  /** Of the first `count` words, keyed with this host's secret. */
  hash(words: ArrayLike<number>, count = words.length): number {
    return keyedHash(this.secret, words, count);
  }

  attach(cable: Cable): void {
    this.routes.attach(cable);
  }

  /** May a socket here use `address` as its own? */
  owns(address: IpAddress): boolean {
    if (address === this.lastOwned) return true;
    if (!this.ownAddresses.has(address) && !isLoopback(address)) return false;
    this.lastOwned = address;
    return true;
  }

  /** The unspecified address of the same version: "any", or "nobody". */
  unspecified(like: IpAddress): IpAddress {
    return ip(ipVersionOf(like) === 6 ? '::' : '0.0.0.0');
  }

  /** Where a packet for `dst` goes next; undefined when the network is unreachable. */
  wayTo(dst: IpAddress): Way | undefined {
    return this.owns(dst) ? this.toSelf : this.routes.find(dst);
  }

  /** The largest packet for `dst`: what the first link takes, or less where the path is known to carry less. */
  mtuTowards(dst: IpAddress): number {
    const mtu = this.wayTo(dst)?.cable.settings.mtu ?? DEFAULT_MTU;
    return Math.min(mtu, this.pathMtus.towards(dst) ?? mtu);
  }

  /** The address to send from when the user did not bind one; undefined when `dst` cannot be reached. */
  sourceFor(dst: IpAddress): IpAddress | undefined {
    if (isUnspecified(dst)) return undefined;
    if (this.owns(dst)) return dst;
    return this.routes.sourceTowards(dst);
  }

  /** Tells the fragments of one packet from those of another. */
  nextIdentification(): number {
    this.identifications = (this.identifications % 0xffff) + 1;
    return this.identifications;
  }

  /** Sends a segment on its way; `fields` are what its IP header has out of the ordinary. With `gsoSize` the link cuts it into segments of so many octets. */
  send(src: IpAddress, dst: IpAddress, segment: Segment, cause: SendCause, fields?: IpFields, gsoSize?: number): void {
    this.counters.segmentsOut(gsoSize === undefined ? 1 : Math.ceil(segment.payload.length / gsoSize));
    if (segment.flags & Flag.RST) this.counters.add('OutRsts');
    if (this.probes.wants('segment-sent'))
      this.probes.emit({ kind: 'segment-sent', at: this.clock.now, host: this.name, src, dst, segment, cause });
    if (gsoSize !== undefined) sendPacket(this, { ...fields, src, dst, segment, gsoSize });
    else sendPacket(this, fields ? { ...fields, src, dst, segment } : { src, dst, segment });
  }

  /** A packet came off a cable. */
  receive(packet: Packet): void {
    const { src, dst, segment } = packet;
    if (segment) {
      if (this.probes.wants('segment-received'))
        this.probes.emit({ kind: 'segment-received', at: this.clock.now, host: this.name, src, dst, segment });
    } else if (this.probes.wants('packet-received'))
      this.probes.emit({ kind: 'packet-received', at: this.clock.now, host: this.name, packet });
    receivePacket(this, packet);
  }

  /** Tells whoever listens that an arrived segment of a connection went no further. */
  drop(ends: Ends, segment: Segment, reason: DropReason): void {
    this.dropPacket(ends.remoteAddress, ends.localAddress, segment, reason);
  }

  dropPacket(src: IpAddress, dst: IpAddress, segment: Segment, reason: DropReason): void {
    if (this.probes.wants('drop')) this.probes.emit({ kind: 'drop', at: this.clock.now, host: this.name, src, dst, segment, reason });
  }

  /** As `dropPacket`, for a packet of any kind. */
  discard(packet: Packet, reason: DropReason): void {
    const segment = packet.segment ?? ('damaged' in packet ? packet.damaged : undefined);
    if (segment) this.dropPacket(packet.src, packet.dst, segment, reason);
    else if (this.probes.wants('packet-drop'))
      this.probes.emit({ kind: 'packet-drop', at: this.clock.now, host: this.name, packet, reason });
  }
}
