import type { IpAddress } from '../../wire/ip-address.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import type { Clock } from '../clock.ts';
import type { Sysctls } from '../sysctls.ts';

/** Errors that may be sent to one destination at once after a time of rest (Linux XRLIM_BURST_FACTOR). */
const BURST = 6;
const MOST_KEPT = 4096;

/** RFC 1812 §4.3.2.8, RFC 4443 §2.4(f): errors to one destination come no faster than one per icmp_ratelimit, as Linux counts. */
export class IcmpRateLimit {
  private readonly clock: Clock;
  private readonly sysctls: Sysctls;
  private readonly credit = new Map<IpAddress, { tokens: number; at: Nanos }>();

  constructor(clock: Clock, sysctls: Sysctls) {
    this.clock = clock;
    this.sysctls = sysctls;
  }

  allows(dst: IpAddress): boolean {
    const interval = ms(this.sysctls.now['net.ipv4.icmp_ratelimit']);
    if (interval === 0) return true;
    const { now } = this.clock;
    const before = this.credit.get(dst);
    const tokens = before ? Math.min(BURST, before.tokens + (now - before.at) / interval) : BURST;
    if (this.credit.size >= MOST_KEPT && !before) this.credit.clear();
    this.credit.set(dst, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }
}
