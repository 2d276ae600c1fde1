import type { IpAddress } from '../../wire/ip-address.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import type { Clock } from '../clock.ts';
import type { Host } from '../host.ts';
import type { Sysctls } from '../sysctls.ts';
import { IPV6_MIN_MTU } from './fragment.ts';

const MOST_KEPT = 4096;
/** RFC 1191 §7.1: sizes that links had, for routers too old to name theirs. */
const PLATEAUS: readonly number[] = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68];

interface Learned {
  readonly mtu: number;
  readonly until: Nanos;
  /** The way carries less than we are willing to send in one piece. */
  readonly mustFragment: boolean;
}

/** What is known of the way to each destination: the largest packet that came through (RFC 1191, RFC 8201). */
export class PathMtus {
  private readonly clock: Clock;
  private readonly sysctls: Sysctls;
  private readonly learned = new Map<IpAddress, Learned>();

  constructor(clock: Clock, sysctls: Sysctls) {
    this.clock = clock;
    this.sysctls = sysctls;
  }

  /** Undefined while nothing smaller than the first link is known. What was learned is forgotten after mtu_expires, lest a way that grew is never used. */
  towards(dst: IpAddress): number | undefined {
    return this.find(dst)?.mtu;
  }

  /** Packets to `dst` go without DF: the way carries less than min_pmtu, so a router has to cut them up. */
  mustFragment(dst: IpAddress): boolean {
    return this.learned.size > 0 && (this.find(dst)?.mustFragment ?? false);
  }

  private find(dst: IpAddress): Learned | undefined {
    const known = this.learned.get(dst);
    if (!known || this.clock.now < known.until) return known;
    this.learned.delete(dst);
    return undefined;
  }

  /**
   * A router said that `mtu` octets are the most. A forged message could ask for tiny packets: there is a lowest value,
   * below which Linux would rather send without DF. `current` is what was thought so far; the answer, what is now.
   */
  learn(dst: IpAddress, mtu: number, current: number): number {
    const told = mtu === 0 ? (PLATEAUS.find((size) => size < current) ?? 68) : mtu;
    const least = ipVersionOf(dst) === 6 ? IPV6_MIN_MTU : this.sysctls.now['net.ipv4.route.min_pmtu'];
    const taken = Math.max(told, least);
    if (taken >= current) return current;
    if (this.learned.size >= MOST_KEPT) this.learned.clear();
    const lifetime = seconds(this.sysctls.now['net.ipv4.route.mtu_expires']);
    this.learned.set(dst, {
      mtu: taken,
      until: (this.clock.now + lifetime) as Nanos,
      mustFragment: told < least && ipVersionOf(dst) === 4,
    });
    return taken;
  }
}

/** Takes what an ICMP error says about the way to `dst`; gives what is now thought of it. With ip_no_pmtu_disc nobody is believed. */
export function learnPathMtu(host: Host, dst: IpAddress, mtu: number): number {
  const current = host.mtuTowards(dst);
  if (ipVersionOf(dst) === 4 && host.sysctls.now['net.ipv4.ip_no_pmtu_disc'] === 1) return current;
  return host.pathMtus.learn(dst, mtu, current);
}
