import type { IpAddress } from '../../wire/ip-address.ts';
import type { FastOpenCookie } from './fast-open.ts';

/** How a server was asked for a cookie that it did not give. */
type Refusal = 'none' | 'option' | 'experimental-option';

/** What is known of one server. */
interface Known {
  cookie: FastOpenCookie | undefined;
  /** Of its latest SYN,ACK. */
  mss: number;
  refused: Refusal;
}

/** What the answer to a fast open taught. */
export interface FastOpenLesson {
  /** The MSS of the SYN,ACK. */
  readonly mss: number;
  readonly cookie: FastOpenCookie | undefined;
  /** We asked for a cookie, this way, and got none. */
  readonly refused: Refusal;
}

const MOST_KEPT = 8192;

/** What a client remembers of servers for TCP Fast Open (RFC 7413 §4.1.3; Linux keeps it in tcp_metrics). */
export class FastOpenMemory {
  private readonly servers = new Map<IpAddress, Known>();

  cookieOf(server: IpAddress): FastOpenCookie | undefined {
    return this.servers.get(server)?.cookie;
  }

  mssOf(server: IpAddress): number | undefined {
    return this.servers.get(server)?.mss;
  }

  /** A server that ignored the option is asked once with the experimental one, in case it is older than RFC 7413. */
  asksExperimentally(server: IpAddress): boolean {
    return this.servers.get(server)?.refused === 'option';
  }

  /** A cookie stays good until another comes; the MSS is the latest. */
  learn(server: IpAddress, { mss, cookie, refused }: FastOpenLesson): void {
    if (this.servers.size >= MOST_KEPT && !this.servers.has(server)) this.servers.clear();
    const known = this.servers.get(server) ?? { cookie: undefined, mss, refused: 'none' };
    known.mss = mss;
    if (cookie) known.cookie = cookie;
    // Both refused, it stays with the option of the RFC.
    else if (!known.cookie && refused !== 'none' && known.refused !== 'experimental-option') known.refused = refused;
    this.servers.set(server, known);
  }

  forget(): void {
    this.servers.clear();
  }
}
