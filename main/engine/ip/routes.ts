import type { IpAddress } from '../../wire/ip-address.ts';
import { ip, ipVersionOf, parseIpAddress } from '../../wire/ip-address.ts';
import type { Cable, Plug } from '../network/cable.ts';
import { isBroadcast, isInPrefix, type Prefix, parsePrefix } from './addresses.ts';

export interface RouteSettings {
  /** '10.1.0.0/16', 'fd01::/64', or 'default' for everything else. */
  readonly to: string;
  /** The router, a neighbour on one of the cables. */
  readonly via: string;
}

/** Where a packet goes next. */
export interface Way {
  readonly cable: Cable;
  /** The router that takes it on; undefined when the destination is on the cable itself. */
  readonly router?: IpAddress;
  /** Nobody on the cable has that address: on Ethernet, no answer to ARP or neighbour solicitation. */
  readonly absent?: true;
  /** The address to send from; worked out when somebody first asks. */
  source?: IpAddress | undefined;
}

interface Route extends Prefix {
  readonly via: IpAddress;
}

function parseRoute({ to, via }: RouteSettings): Route {
  const router = parseIpAddress(via);
  if (!router) throw new RangeError(`"${via}" is no address of a router`);
  const everything = ipVersionOf(router) === 6 ? '::/0' : '0.0.0.0/0';
  return { ...parsePrefix(to === 'default' ? everything : to), via: router };
}

/** The routing table of one host: its own networks, and routes through routers; the longest prefix wins (RFC 1812 §5.2.4.3). */
export class Routes {
  private readonly self: Plug;
  private readonly own: readonly Prefix[];
  private readonly cables: Cable[] = [];
  private routes: readonly Route[] = [];
  /** Ways found before, by destination. */
  private readonly known = new Map<IpAddress, Way>();
  /** The one found last: a packet most often goes where the one before it went. */
  private lastDst: IpAddress | undefined;
  private lastWay: Way | undefined;

  constructor(self: Plug, own: readonly Prefix[], routes: readonly RouteSettings[]) {
    this.self = self;
    this.own = own;
    for (const route of routes) this.add(route);
  }

  add(route: RouteSettings): void {
    this.routes = [...this.routes, parseRoute(route)].sort((a, b) => b.length - a.length);
    this.forget();
  }

  attach(cable: Cable): void {
    this.cables.push(cable);
    this.forget();
  }

  private forget(): void {
    this.known.clear();
    this.lastDst = undefined;
  }

  /** Undefined: the network is unreachable. */
  find(dst: IpAddress): Way | undefined {
    if (dst === this.lastDst) return this.lastWay;
    const way = this.known.get(dst) ?? this.search(dst);
    if (!way || way.absent) return way;
    if (this.known.size > 10_000) this.known.clear(); // destinations come from outside: what is kept of them is bounded
    this.known.set(dst, way);
    this.lastDst = dst;
    this.lastWay = way;
    return way;
  }

  /** The host's own address towards `dst`: that in the network of the next hop, so that the answer comes back the same way. */
  sourceTowards(dst: IpAddress): IpAddress | undefined {
    const way = this.find(dst);
    if (!way) return undefined;
    way.source ??= this.nearest(way.router ?? dst);
    return way.source;
  }

  private nearest(hop: IpAddress): IpAddress | undefined {
    const sameVersion = this.own.filter(({ address }) => ipVersionOf(address) === ipVersionOf(hop));
    return (sameVersion.find((own) => isInPrefix(hop, own)) ?? sameVersion[0])?.address;
  }

  /** Is that text an address in its usual form, to which something went before? */
  isKnown(text: string): text is IpAddress {
    return this.known.has(text as IpAddress);
  }

  private search(dst: IpAddress): Way | undefined {
    const neighbour = this.neighbour(dst);
    if (neighbour) return { cable: neighbour };
    const network = this.own.filter((prefix) => isInPrefix(dst, prefix)).reduce((longest, { length }) => Math.max(longest, length), -1);
    const route = this.routes.find((one) => isInPrefix(dst, one));
    if (route && route.length > network) {
      const cable = this.neighbour(route.via) ?? this.unspoken();
      return cable ? { cable, router: route.via } : this.nobody();
    }
    const cable = this.unspoken() ?? this.onlyCable(dst);
    if (cable) return { cable };
    if (network >= 0) return this.nobody();
    // A host with one cable and no routes at all needs none: everything is out there.
    const [only, another] = this.cables;
    return only && !another && this.routes.length === 0 ? { cable: only } : undefined;
  }

  /** The cable whose far end says that it has the address. */
  private neighbour(address: IpAddress): Cable | undefined {
    return this.cables.find((cable) => cable.otherEnd(this.self).owns?.(address));
  }

  /** A cable whose far end does not say what it has: it may have anything. */
  private unspoken(): Cable | undefined {
    return this.cables.find((cable) => cable.otherEnd(this.self).owns === undefined);
  }

  /** What is for all of a network goes out on the host's only cable; with several nobody says which. */
  private onlyCable(dst: IpAddress): Cable | undefined {
    return this.cables.length === 1 && isBroadcast(dst, this.own) ? this.cables[0] : undefined;
  }

  private nobody(): Way | undefined {
    const cable = this.cables[0];
    return cable && { cable, absent: true };
  }
}

export const unspecified = (like: IpAddress): IpAddress => ip(ipVersionOf(like) === 6 ? '::' : '0.0.0.0');
