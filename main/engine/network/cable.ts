import type { IpAddress } from '../../wire/ip-address.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import type { Clock } from '../clock.ts';
import type { Probes } from '../probes.ts';
import type { Random } from '../random.ts';
import { corrupt } from './corrupt.ts';
import { delay } from './delay.ts';
import { drop } from './drop.ts';
import { duplicate } from './duplicate.ts';
import { intercept } from './intercept.ts';
import type { Stage } from './lane.ts';
import { limit } from './limit.ts';
import { mark } from './mark.ts';
import type { Deliver, Packet, TcpPacket } from './packet.ts';
import { pace } from './rate.ts';
import { reorder } from './reorder.ts';
import { cutSegments, isOffloaded } from './segmentation.ts';
import { serialise } from './serialise.ts';

/** What befalls packets under way; the same for both directions. Probabilities are from 0 to 1. */
export interface CableSettings {
  readonly delay: Nanos;
  readonly jitter: Nanos;
  readonly loss: number;
  readonly duplication: number;
  /** One bit of the packet turns over. */
  readonly corruption: number;
  /** Of packets whose sender allows it, how many are marked as having met congestion (ECN). */
  readonly marking: number;
  readonly reordering: number;
  readonly reorderBy: Nanos;
  /** Bits per second; undefined is no limit. */
  readonly rate: number | undefined;
  /** Packets that may wait for the rate in each direction. */
  readonly queue: number;
  /** Octets of the largest IP packet. */
  readonly mtu: number;
  /** What TCP left uncut (`HostOptions.gso`) passes as it is, as between the ends of a Linux veth; otherwise the cable's sending end cuts it. */
  readonly offload: boolean;
  /** Encode and decode every packet. */
  readonly serialise: boolean;
  /** Decides about single segments of TCP; a span of time holds the packet back that long. */
  readonly intercept: ((packet: TcpPacket, fromHost: string) => 'pass' | 'drop' | Nanos) | undefined;
}

export const CABLE_DEFAULTS: CableSettings = {
  delay: 0 as Nanos,
  jitter: 0 as Nanos,
  loss: 0,
  duplication: 0,
  corruption: 0,
  marking: 0,
  reordering: 0,
  reorderBy: ms(5),
  rate: undefined,
  queue: 1000,
  mtu: 1500,
  offload: false,
  serialise: false,
  intercept: undefined,
};

/** In the order a packet meets them. Only the last takes time for granted: each packet arrives as an event of its own. */
const STAGES: readonly Stage[] = [serialise, limit, intercept, drop, mark, corrupt, duplicate, pace, reorder, delay];

/** What a cable is plugged into. */
export interface Plug {
  readonly name: string;
  receive(packet: Packet): void;
  /** Is that address here? A plug that does not say is taken when no other fits. */
  owns?(address: IpAddress): boolean;
}

/** Sees packets go by. */
export type Watcher = (packet: Packet, from: Plug, to: Plug) => void;

/** Joins two hosts, or a host with itself. */
export class Cable {
  readonly ends: readonly [Plug, Plug];
  private current: CableSettings;
  private readonly lanes: readonly [Deliver, Deliver];
  private readonly shared: { settings: CableSettings }[] = [];
  private watchers: readonly Watcher[] = [];
  private arrivalWatchers: readonly Watcher[] = [];
  private uncutWatchers: readonly Watcher[] = [];

  constructor(ends: readonly [Plug, Plug], clock: Clock, random: Random, probes: Probes, settings: Partial<CableSettings> = {}) {
    this.ends = ends;
    this.current = { ...CABLE_DEFAULTS, ...settings };
    const lane = (from: Plug, to: Plug): Deliver => {
      const shared = { clock, probes, random: random.fork(), from: from.name, to: to.name, settings: this.current };
      this.shared.push(shared);
      const arrive: Deliver = (packet) => {
        if (this.arrivalWatchers.length > 0) for (const watch of this.arrivalWatchers) watch(packet, from, to);
        to.receive(packet);
      };
      return STAGES.reduceRight<Deliver>((next, stage) => stage(shared, next), arrive);
    };
    this.lanes = [lane(ends[0], ends[1]), lane(ends[1], ends[0])];
  }

  get settings(): CableSettings {
    return this.current;
  }

  /** Changes some settings from this moment on; what is under way arrives as it was sent. */
  set(changes: Partial<CableSettings>): void {
    this.current = { ...this.current, ...changes };
    for (const lane of this.shared) lane.settings = this.current;
  }

  otherEnd(end: Plug): Plug {
    return end === this.ends[0] ? this.ends[1] : this.ends[0];
  }

  transmit(from: Plug, packet: Packet): void {
    if (this.uncutWatchers.length > 0) for (const watch of this.uncutWatchers) watch(packet, from, this.otherEnd(from));
    if (isOffloaded(packet) && !this.current.offload) cutSegments(packet, (piece) => this.put(from, piece));
    else this.put(from, packet);
  }

  private put(from: Plug, packet: Packet): void {
    if (this.watchers.length > 0) for (const watch of this.watchers) watch(packet, from, this.otherEnd(from));
    this.lanes[from === this.ends[0] ? 0 : 1](packet);
  }

  /** Watches what is put on the cable at either end, whatever becomes of it; returns how to stop. */
  watch(watcher: Watcher): () => void {
    this.watchers = [...this.watchers, watcher];
    return () => {
      this.watchers = this.watchers.filter((other) => other !== watcher);
    };
  }

  /** Watches what the ends hand over, before it is cut into segments: as a capture on the sending machine sees it. */
  watchUncut(watcher: Watcher): () => void {
    this.uncutWatchers = [...this.uncutWatchers, watcher];
    return () => {
      this.uncutWatchers = this.uncutWatchers.filter((other) => other !== watcher);
    };
  }

  /** Watches what comes out at either end. */
  watchArrivals(watcher: Watcher): () => void {
    this.arrivalWatchers = [...this.arrivalWatchers, watcher];
    return () => {
      this.arrivalWatchers = this.arrivalWatchers.filter((other) => other !== watcher);
    };
  }
}
