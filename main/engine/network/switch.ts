import type { IpAddress } from '../../wire/ip-address.ts';
import type { Clock } from '../clock.ts';
import type { Probes } from '../probes.ts';
import type { Cable, Plug } from './cable.ts';
import { lose } from './lane.ts';
import type { Packet } from './packet.ts';

/**
 * Joins many cables into one network (IEEE 802.1D without its spanning tree): a packet leaves by the port behind which its
 * receiver on this link is. There are no Ethernet addresses here; the next hop's IP address stands for them.
 */
export class Switch implements Plug {
  readonly name: string;
  private readonly clock: Clock;
  private readonly probes: Probes;
  private readonly ports: Cable[] = [];
  /** A question goes through here: it must not come back by a loop of switches. */
  private isAsking = false;

  constructor(name: string, clock: Clock, probes: Probes) {
    this.name = name;
    this.clock = clock;
    this.probes = probes;
  }

  attach(cable: Cable): void {
    this.ports.push(cable);
  }

  owns(address: IpAddress): boolean {
    return this.portTo(address) !== undefined;
  }

  receive(packet: Packet): void {
    const port = this.portTo(packet.nextHop ?? packet.dst);
    if (port) port.transmit(this, packet);
    else lose({ clock: this.clock, probes: this.probes, from: this.name }, packet, 'no-neighbour');
  }

  private portTo(address: IpAddress): Cable | undefined {
    if (this.isAsking) return undefined;
    this.isAsking = true;
    const port =
      this.ports.find((cable) => cable.otherEnd(this).owns?.(address)) ??
      this.ports.find((cable) => cable.otherEnd(this).owns === undefined);
    this.isAsking = false;
    return port;
  }
}
