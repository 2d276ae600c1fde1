import { ask, here } from './channel.ts';
import { encode } from './octets.ts';
import { ProcessOnHost } from './process.ts';

export class Host {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly id: number;
  constructor(name: string, { addresses, routes = [], sysctls = {} }: HostOptions) {
    this.name = name;
    this.id = ask({ op: 'host', name, addresses: [...addresses], routes: routes.map(plain), sysctls: tunables(sysctls) }) as number;
    this.addresses = addresses.map((one) => one.split('/')[0]!);
  }
  process(name: string, credentials: Credentials = {}): Process {
    return new ProcessOnHost(this, this.id, name, credentials);
  }
  sysctl(name: string): number | readonly number[] | string;
  sysctl(name: string, value: number | readonly number[] | string): void;
  sysctl(name: string, value?: number | readonly number[] | string): unknown {
    return ask({ op: 'sysctl', host: this.id, name, value: typeof value === 'object' ? [...value] : value });
  }
  route(route: Route): void {
    ask({ op: 'route', host: this.id, route: plain(route) });
  }
  counters(): Readonly<Record<string, number>> {
    return ask({ op: 'counters', host: this.id }) as Record<string, number>;
  }
  connections(): readonly Connection[] {
    return ask({ op: 'connections', host: this.id }) as Connection[];
  }
}

const plain = ({ to, via }: Route): Route => ({ to, via });
const tunables = (sysctls: Sysctls): Record<string, number | number[] | string> =>
  Object.fromEntries(Object.entries(sysctls).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]));

/** Counted over the whole run, as the laboratory counts them. */
const rules: ((segment: Segment) => boolean)[] = [];
export const judge = (rule: number, segment: Segment): boolean => Boolean(rules[rule]?.(segment));

export class Cable implements Link {
  private readonly id: number;
  constructor(a: Host, b: Host, settings: LinkOptions) {
    this.id = ask({ op: 'link', a: a.id, b: b.id, settings: { ...settings } }) as number;
  }
  segments(): readonly Segment[] {
    return ask({ op: 'segments', link: this.id }) as Segment[];
  }
  datagrams(): readonly Datagram[] {
    return ask({ op: 'datagrams', link: this.id }) as Datagram[];
  }
  drop(which: (segment: Segment) => boolean): void {
    rules.push(which);
    ask({ op: 'rule', link: this.id });
  }
  hold(which: (segment: Segment) => boolean, seconds: number): void {
    rules.push(which);
    ask({ op: 'rule', link: this.id, hold: seconds });
  }
  release(): void {
    ask({ op: 'release', link: this.id });
  }
  set(options: LinkOptions): void {
    ask({ op: 'set-link', link: this.id, settings: { ...options } });
  }
  inject(segment: HandMadeSegment): void {
    const { from, to, flags, payload = '', options = {}, window = 65_535, urgent = 0, ...numbers } = segment;
    const { seq, ack, relativeSeq, relativeAck } = numbers;
    const made = {
      from,
      to,
      flags,
      seq,
      ack,
      relativeSeq,
      relativeAck,
      window,
      urgent,
      payload: encode(payload),
      options: copied(options),
    };
    ask({ op: 'inject', link: this.id, segment: made, stack: here() });
  }
  replay(segment: Segment): void {
    ask({ op: 'replay', link: this.id, number: segment.number, stack: here() });
  }
}

const copied = ({ sack, ...options }: SegmentOptions) => ({ ...options, ...(sack && { sack: [...sack] }) });
