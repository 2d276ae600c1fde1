import { type IpAddress, ipVersionOf } from '../../wire/ip-address.ts';
import { type HashOfEnds, share } from '../connection-table.ts';
import { isUnspecified } from '../ip/addresses.ts';
import { conflictInAddress } from '../ports.ts';
import type { Ends } from '../probes.ts';
import type { Random } from '../random.ts';
import type { Sysctls } from '../sysctls.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';

/** Who gets a datagram, and which ports are taken (Linux udp_lib_get_port, compute_score). */
export class UdpTable {
  private readonly byPort = new Map<number, UdpEndpoint[]>();
  private readonly sysctls: Sysctls;
  private readonly random: Random;
  private readonly hash: HashOfEnds;

  constructor(sysctls: Sysctls, random: Random, hash: HashOfEnds) {
    this.sysctls = sysctls;
    this.random = random;
    this.hash = hash;
  }

  *[Symbol.iterator](): Iterator<UdpEndpoint> {
    for (const endpoints of this.byPort.values()) yield* endpoints;
  }

  /** Takes a port; 0 asks for any free one. False: it, or all of them, are in use. */
  bind(endpoint: UdpEndpoint, address: IpAddress, port: number): boolean {
    const chosen = port === 0 ? this.anyFree(endpoint, address) : port;
    if (chosen === undefined || !this.isFree(endpoint, address, chosen)) return false;
    endpoint.localAddress = address;
    endpoint.localPort = chosen;
    const here = this.byPort.get(chosen);
    if (here) here.push(endpoint);
    else this.byPort.set(chosen, [endpoint]);
    return true;
  }

  release(endpoint: UdpEndpoint): void {
    const left = (this.byPort.get(endpoint.localPort) ?? []).filter((other) => other !== endpoint);
    if (left.length > 0) this.byPort.set(endpoint.localPort, left);
    else this.byPort.delete(endpoint.localPort);
  }

  /** The best match: a peer that is the sender counts more than an address that is the destination, and both more than none. */
  find(localAddress: IpAddress, localPort: number, remoteAddress: IpAddress, remotePort: number): UdpEndpoint | undefined {
    let best: UdpEndpoint | undefined;
    let bestScore = -1;
    for (const endpoint of this.byPort.get(localPort) ?? []) {
      const score = scoreOf(endpoint, localAddress, remoteAddress, remotePort);
      // Of equals the one bound last, as on Linux.
      if (score >= bestScore && score >= 0) {
        best = endpoint;
        bestScore = score;
      }
    }
    // A connected one shares with nobody.
    if (!best?.settings.reusePort || best.remoteAddress !== undefined) return best;
    return this.oneOfGroup(best, { localAddress, localPort, remoteAddress, remotePort });
  }

  /** Everybody whom a datagram to all of a network may be meant for (Linux __udp4_lib_mcast_deliver). */
  all(localAddress: IpAddress, localPort: number, remoteAddress: IpAddress, remotePort: number): readonly UdpEndpoint[] {
    const here = this.byPort.get(localPort) ?? [];
    return here.filter((endpoint) => scoreOf(endpoint, localAddress, remoteAddress, remotePort) >= 0);
  }

  /** Of those that share the port (SO_REUSEPORT) a hash of the four numbers chooses (Linux lookup_reuseport). */
  private oneOfGroup({ localAddress, localPort }: UdpEndpoint, ends: Ends): UdpEndpoint | undefined {
    const group = (this.byPort.get(localPort) ?? []).filter(
      (one) => one.settings.reusePort && one.remoteAddress === undefined && one.localAddress === localAddress,
    );
    return group.length > 1 ? group[share(this.hash(ends), group.length)] : group[0];
  }

  private isFree(endpoint: UdpEndpoint, address: IpAddress, port: number): boolean {
    const mine = { address, ipv6Only: endpoint.settings.ipv6Only };
    return !(this.byPort.get(port) ?? []).some((other) => {
      const shared =
        (endpoint.settings.reuseAddress && other.settings.reuseAddress) || (endpoint.settings.reusePort && other.settings.reusePort);
      return !shared && conflictInAddress(mine, { address: other.localAddress, ipv6Only: other.settings.ipv6Only });
    });
  }

  private anyFree(endpoint: UdpEndpoint, address: IpAddress): number | undefined {
    const [low, high] = this.sysctls.now['net.ipv4.ip_local_port_range'] as readonly [number, number];
    const count = Math.max(0, high - low + 1);
    const start = this.random.below(Math.max(1, count));
    for (let i = 0; i < count; i++) {
      const port = low + ((start + i) % count);
      if (this.isFree(endpoint, address, port)) return port;
    }
    return undefined;
  }
}

function scoreOf(endpoint: UdpEndpoint, localAddress: IpAddress, remoteAddress: IpAddress, remotePort: number): number {
  const { localAddress: own, remoteAddress: peer, settings } = endpoint;
  const sameVersion = ipVersionOf(own) === ipVersionOf(localAddress);
  if (isUnspecified(own)) {
    if (!sameVersion && (own !== '::' || settings.ipv6Only)) return -1;
  } else if (own !== localAddress) return -1;
  if (peer !== undefined && (peer !== remoteAddress || endpoint.remotePort !== remotePort)) return -1;
  return (sameVersion ? 1 : 0) + (isUnspecified(own) ? 0 : 2) + (peer === undefined ? 0 : 4);
}
