import { type IpAddress, ip, ipAddressBytes, ipVersionOf, parseIpAddress } from '../wire/ip-address.ts';
import { Flag, type Segment } from '../wire/segment.ts';
import type { Clock } from './clock.ts';
import { ConnectionTable, isUnspecified } from './connection-table.ts';
import { Counters } from './counters.ts';
import { type HashKey, keyedHash } from './keyed-hash.ts';
import { Cable, type Plug } from './network/cable.ts';
import type { Packet } from './network/packet.ts';
import { Ports } from './ports.ts';
import type { DropReason, Ends, Probes, SendCause } from './probes.ts';
import type { Random } from './random.ts';
import { Process } from './sockets/processes.ts';
import { type SysctlSettings, Sysctls } from './sysctls.ts';
import { arrive } from './tcp/arrival/arrive.ts';

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
  readonly sysctls?: SysctlSettings;
}

interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefix: number;
}

const LOOPBACK_MTU = 65_536;
const DEFAULT_MTU = 1500;

function parseAddress(text: string): InterfaceAddress {
  const [address, length] = text.split('/');
  const parsed = parseIpAddress(address!);
  const most = parsed && ipVersionOf(parsed) === 6 ? 128 : 32;
  const prefix = length === undefined ? most : Number(length);
  if (!parsed || !Number.isInteger(prefix) || prefix < 0 || prefix > most)
    throw new RangeError(`"${text}" is no address with prefix length, such as 10.0.0.1/24 or fd00::1/64`);
  return { address: parsed, prefix };
}

function inSubnet(address: IpAddress, { address: own, prefix }: InterfaceAddress): boolean {
  if (ipVersionOf(address) !== ipVersionOf(own)) return false;
  const a = ipAddressBytes(address);
  const b = ipAddressBytes(own);
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = prefix - bit >= 8 ? 0xff : (0xff00 >> (prefix - bit)) & 0xff;
    if ((a[bit >> 3]! & mask) !== (b[bit >> 3]! & mask)) return false;
  }
  return true;
}

const isLoopback = (address: IpAddress): boolean => address === '::1' || address.startsWith('127.');

/** A computer in the laboratory: addresses, tunables, counters, processes, and a TCP. */
export class Host implements Plug {
  readonly name: string;
  readonly clock: Clock;
  readonly probes: Probes;
  readonly random: Random;
  readonly sysctls: Sysctls;
  readonly counters = new Counters();
  readonly connections = new ConnectionTable();
  readonly ports: Ports;
  readonly processes: Process[] = [];
  readonly loopback: Cable;
  private readonly world: World;
  private readonly addresses: readonly InterfaceAddress[];
  private readonly cables: Cable[] = [];
  private readonly secret: HashKey;

  constructor(world: World, options: HostOptions) {
    this.world = world;
    this.name = options.name;
    this.clock = world.clock;
    this.probes = world.probes;
    this.random = world.random.fork();
    this.secret = [this.random.u32(), this.random.u32()];
    this.addresses = options.addresses.map(parseAddress);
    this.sysctls = new Sysctls(options.sysctls);
    this.ports = new Ports(this);
    this.loopback = new Cable([this, this], this.clock, this.random, this.probes, { mtu: LOOPBACK_MTU });
  }

  /** A program's place on this host: descriptors of its own. */
  process(name: string): Process {
    const program = new Process(this, name, this.processes.length + 1);
    this.processes.push(program);
    return program;
  }

  nextConnectionId(): number {
    return this.world.nextConnectionId();
  }

  nextCallNumber(): number {
    return this.world.nextCallNumber();
  }

  /** Keyed with this host's secret. */
  hash(words: readonly number[]): number {
    return keyedHash(this.secret, words);
  }

  attach(cable: Cable): void {
    this.cables.push(cable);
  }

  /** May a socket here use `address` as its own? */
  owns(address: IpAddress): boolean {
    return isLoopback(address) || this.addresses.some((own) => own.address === address);
  }

  /** The unspecified address of the same version: "any", or "nobody". */
  unspecified(like: IpAddress): IpAddress {
    return ip(ipVersionOf(like) === 6 ? '::' : '0.0.0.0');
  }

  /** Which cable leads to `dst`: the one whose far end has that address, else the first. Undefined: there is no way. */
  private route(dst: IpAddress): Cable | undefined {
    if (this.owns(dst)) return this.loopback;
    return this.cables.find((cable) => cable.otherEnd(this).owns?.(dst)) ?? this.cables[0];
  }

  mtuTowards(dst: IpAddress): number {
    return this.route(dst)?.settings.mtu ?? DEFAULT_MTU;
  }

  /** The address to send from when the user did not bind one; undefined when `dst` cannot be reached. */
  sourceFor(dst: IpAddress): IpAddress | undefined {
    if (isUnspecified(dst)) return undefined;
    if (this.owns(dst)) return dst;
    if (!this.route(dst)) return undefined;
    const sameVersion = this.addresses.filter((own) => ipVersionOf(own.address) === ipVersionOf(dst));
    return (sameVersion.find((own) => inSubnet(dst, own)) ?? sameVersion[0])?.address;
  }

  /** Sends a segment on its way. */
  send(src: IpAddress, dst: IpAddress, segment: Segment, cause: SendCause): void {
    this.counters.add('OutSegs');
    if (segment.flags & Flag.RST) this.counters.add('OutRsts');
    if (this.probes.wants('segment-sent'))
      this.probes.emit({ kind: 'segment-sent', at: this.clock.now, host: this.name, src, dst, segment, cause });
    const cable = this.route(dst);
    if (cable) cable.transmit(this, { src, dst, segment });
    else this.dropPacket(src, dst, segment, 'no-route');
  }

  /** A packet came off a cable. */
  receive(packet: Packet): void {
    const { src, dst, segment } = packet;
    if (this.probes.wants('segment-received'))
      this.probes.emit({ kind: 'segment-received', at: this.clock.now, host: this.name, src, dst, segment });
    if (!this.owns(dst)) {
      this.dropPacket(src, dst, segment, 'not-our-address');
      return;
    }
    this.counters.add('InSegs');
    arrive(this, packet);
  }

  /** Tells whoever listens that an arrived segment of a connection went no further. */
  drop(ends: Ends, segment: Segment, reason: DropReason): void {
    this.dropPacket(ends.remoteAddress, ends.localAddress, segment, reason);
  }

  dropPacket(src: IpAddress, dst: IpAddress, segment: Segment, reason: DropReason): void {
    if (this.probes.wants('drop')) this.probes.emit({ kind: 'drop', at: this.clock.now, host: this.name, src, dst, segment, reason });
  }
}
