import type { Clock } from '../clock.ts';
import { Connection, type ConnectionStore, Life } from '../connection-store.ts';
import { Flow } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';
import { endpointOf } from '../report/endpoint.ts';
import { instantOf } from '../report/packets.ts';
import { TIME_WAIT_NANOSECONDS } from '../states/by-time.ts';
import { Crowds, clientOf, PILE, pairOf, serverOf } from './crowds.ts';
import { byWeight, type Finding, type FindingKind, type Severity } from './finding.ts';
import { Spans } from './spans.ts';
import { counted, percent } from './words.ts';

/** Wireshark's `tcp.completeness`. */
const Seen = { SYN: 1, SYN_ACK: 2, ACK: 4, DATA: 8, RST: 32 } as const;

/** Connections that stand for all of a kind. */
const NAMED = 8;
/** TIME-WAIT does no harm before it uses ports up. */
const TIME_WAIT_PILE = 100;
/** Linux's net.ipv4.ip_local_port_range: 32768 to 60999. */
const EPHEMERAL_PORTS = 28_232;
const NEARLY_ALL = 0.8;
/** A range of ports is in use where nearly each of it is, and one was used again before its time. */
const DENSE = 0.9;
const FEWEST_PORTS = 50;

/** Connections of one kind between the same hosts. */
class Pile {
  count = 0;
  readonly ids: number[] = [];
  readonly rows: number[] = [];
  lastRow = -1;
  /** What they have in common, in words. */
  readonly words: string;

  constructor(words: string) {
    this.words = words;
  }

  add(id: number, row: number): void {
    this.count++;
    this.lastRow = row;
    if (this.ids.length >= NAMED) return;
    this.ids.push(id);
    this.rows.push(row);
  }
}

/** A client's connections to one server, and when its port of each was in use. */
class Ports {
  readonly pile: Pile;
  readonly uses = new Spans();
  lowest = 65_535;
  highest = 0;
  /** When they waited out 2MSL: until that is over, or the same ports are used again. */
  readonly waits = new Spans();
  reusedEarly = 0;

  constructor(words: string) {
    this.pile = new Pile(words);
  }

  use(port: number, begin: number, end: number): void {
    this.lowest = Math.min(this.lowest, port);
    this.highest = Math.max(this.highest, port);
    if (this.uses.add(port, begin, end)) this.reusedEarly++;
    this.waits.endAt(port, begin);
  }
}

/**
 * What concerns no single connection: ports and TIME-WAIT, floods, scans. It costs two looks at every connection, not at its packets:
 * the first counts, so that the second remembers only those of which there are many. A flood of SYNs with forged addresses has
 * a million clients with one connection each.
 */
export function captureFindings(columns: PacketColumns, store: ConnectionStore, clock: Clock): Finding[] {
  const crowds = new Crowds(store.count);
  const survey = new Survey(columns, store, clock, crowds);
  for (let id = 0; id < store.count; id++) survey.count(id);
  for (let id = 0; id < store.count; id++) survey.look(id);
  return survey.findings().sort(byWeight);
}

class Survey {
  private readonly columns: PacketColumns;
  private readonly store: ConnectionStore;
  private readonly clock: Clock;
  private readonly crowds: Crowds;
  private readonly connection = new Connection();
  private readonly client = new Flow();
  private readonly server = new Flow();
  private readonly ports = new Map<string, Ports>();
  private readonly waiting = new Map<string, Ports>();
  private readonly halfOpen = new Map<string, Pile>();
  private readonly refused = new Map<string, { readonly pile: Pile; readonly ports: Set<string> }>();

  constructor(columns: PacketColumns, store: ConnectionStore, clock: Clock, crowds: Crowds) {
    this.columns = columns;
    this.store = store;
    this.clock = clock;
    this.crowds = crowds;
  }

  count(id: number): void {
    const { connection, crowds } = this;
    const fate = this.seek(id);
    if (fate === undefined) return;
    const second = connection.has(Life.CLIENT_SECOND);
    if (fate === 'failed') crowds.add(clientOf(connection, second));
    else {
      crowds.add(serverOf(connection, second));
      crowds.add(pairOf(connection, second));
    }
  }

  look(id: number): void {
    const { columns, clock, connection, crowds } = this;
    const fate = this.seek(id);
    if (fate === undefined) return;
    const second = connection.has(Life.CLIENT_SECOND);
    if (fate === 'failed') {
      if (crowds.has(clientOf(connection, second))) this.fail(id, second);
    } else if (fate === 'half-open') {
      if (crowds.has(serverOf(connection, second))) this.halfOpened(id, !second);
    } else {
      if (crowds.has(pairOf(connection, second)))
        this.takePort(id, second, columns.time(connection.firstPacket, clock), columns.time(connection.lastPacket, clock));
      if (this.server.clockPacket >= 0 && crowds.has(serverOf(connection, second))) this.waitAt(id, second);
    }
  }

  /** Moves to a connection, and says what became of it; undefined where its beginning was not captured. */
  private seek(id: number): 'failed' | 'half-open' | 'used' | undefined {
    const { store, columns, clock, connection, client, server } = this;
    store.seek(id, connection);
    const second = connection.has(Life.CLIENT_SECOND);
    connection.flow(second, client);
    connection.flow(!second, server);
    const { completeness } = connection;
    if ((completeness & Seen.SYN) === 0) return undefined;
    const failed = (completeness & Seen.SYN_ACK) === 0 && ((completeness & Seen.RST) !== 0 || connection.synInterval > 0);
    if (failed) return 'failed';
    const half = (completeness & (Seen.SYN_ACK | Seen.ACK | Seen.DATA | Seen.RST)) === Seen.SYN_ACK;
    return half && clock.passed - columns.time(connection.lastPacket, clock) > 1e9 ? 'half-open' : 'used';
  }

  private fail(id: number, second: boolean): void {
    const from = endpointOf(this.connection, second).address;
    const to = endpointOf(this.connection, !second);
    const known = this.refused.get(from) ?? { pile: new Pile(from), ports: new Set<string>() };
    this.refused.set(from, known);
    known.pile.add(id, this.connection.firstPacket);
    if (known.ports.size <= PILE) known.ports.add(`${to.address} ${to.port}`);
  }

  private halfOpened(id: number, second: boolean): void {
    const { address, port } = endpointOf(this.connection, second);
    const key = `${address} port ${port}`;
    const pile = this.halfOpen.get(key) ?? new Pile(key);
    this.halfOpen.set(key, pile);
    pile.add(id, this.connection.firstPacket);
  }

  private takePort(id: number, second: boolean, begin: number, end: number): void {
    const from = endpointOf(this.connection, second);
    const to = endpointOf(this.connection, !second);
    const key = `${from.address} to ${to.address} port ${to.port}`;
    const known = this.ports.get(key) ?? new Ports(key);
    this.ports.set(key, known);
    known.pile.add(id, this.connection.firstPacket);
    const waits = this.client.clockPacket;
    const free = waits >= 0 ? this.columns.time(waits, this.clock) + TIME_WAIT_NANOSECONDS : end;
    known.use(from.port, begin, Math.max(free, end));
    if (waits >= 0) known.waits.add(from.port, this.columns.time(waits, this.clock), free);
  }

  private waitAt(id: number, second: boolean): void {
    const { address, port } = endpointOf(this.connection, !second);
    const key = `${address} port ${port}`;
    const known = this.waiting.get(key) ?? new Ports(key);
    this.waiting.set(key, known);
    known.pile.add(id, this.connection.firstPacket);
    const from = this.columns.time(this.server.clockPacket, this.clock);
    const client = endpointOf(this.connection, second);
    known.waits.endAt(`${client.address} ${client.port}`, this.columns.time(this.connection.firstPacket, this.clock));
    known.waits.add(`${client.address} ${client.port}`, from, from + TIME_WAIT_NANOSECONDS);
  }

  findings(): Finding[] {
    return [...this.timeWait(), ...this.exhaustion(), ...this.halfOpens(), ...this.refusals()];
  }

  private timeWait(): Finding[] {
    const of = (owner: 'client' | 'server', { pile, waits }: Ports): Finding[] => {
      const most = waits.mostAtOnce;
      if (most < TIME_WAIT_PILE) return [];
      const where = owner === 'client' ? `from ${pile.words}` : `at ${pile.words}`;
      return [
        this.finding('time-wait-pile-up', owner === 'client' && most > EPHEMERAL_PORTS / 4 ? 'warning' : 'note', pile, {
          side: owner,
          text: `${most} connections ${where} were in TIME-WAIT at once: the ${owner} closes first, and many short connections follow each other. ${owner === 'client' ? `Each keeps one of the client’s ${EPHEMERAL_PORTS} ports (Linux’s default) for a minute.` : 'At a server that is harmless but for some memory: all share its port.'}`,
          confirm: `\`ss -tn state time-wait | wc -l\` on that host. Connections that are used again, or a peer that closes first, prevent it.`,
          values: { atOnce: most },
        }),
      ];
    };
    return [
      ...[...this.ports.values()].flatMap((ports) => of('client', ports)),
      ...[...this.waiting.values()].flatMap((ports) => of('server', ports)),
    ];
  }

  private exhaustion(): Finding[] {
    return [...this.ports.values()].flatMap((known) => {
      const { pile, uses, lowest, highest, reusedEarly } = known;
      if (uses.count < FEWEST_PORTS) return [];
      const most = uses.mostAtOnce;
      const range = highest - lowest + 1;
      const allOfLinux = most >= NEARLY_ALL * Math.max(range, EPHEMERAL_PORTS);
      const allOfRange = reusedEarly > 0 && most >= FEWEST_PORTS && most / range >= DENSE;
      if (!allOfLinux && !allOfRange) return [];
      return [
        this.finding('port-exhaustion', 'problem', pile, {
          side: 'client',
          ambiguous: !allOfLinux,
          text: `The client ran out of ports, or nearly so: ${most} from ${pile.words} were in use or in TIME-WAIT at once, ${percent(most / range)} of those from ${lowest} to ${highest}${reusedEarly > 0 ? `, and ${counted(reusedEarly, 'port')} had to be used again before TIME-WAIT was over` : ''}. connect() then fails with EADDRNOTAVAIL.`,
          confirm:
            '`sysctl net.ipv4.ip_local_port_range` on the client, and EADDRNOTAVAIL in its programs. `net.ipv4.tcp_tw_reuse`, fewer and longer connections, or more addresses help.',
          values: { atOnce: most, range, reusedEarly },
        }),
      ];
    });
  }

  private halfOpens(): Finding[] {
    return [...this.halfOpen.values()]
      .filter(({ count }) => count >= PILE)
      .map((pile) =>
        this.finding('half-open-pile-up', 'warning', pile, {
          side: 'server',
          ambiguous: true,
          text: `${pile.count} connections to ${pile.words} were begun and never completed: a SYN flood with forged addresses, or the SYN,ACKs do not reach the clients.`,
          confirm:
            '`ss -n state syn-recv | wc -l` and `nstat TcpExtSyncookiesSent TcpExtTCPReqQFullDrop` on the server. Random client addresses mean a flood.',
          values: { count: pile.count },
        }),
      );
  }

  private refusals(): Finding[] {
    return [...this.refused.values()]
      .filter(({ pile }) => pile.count >= PILE)
      .map(({ pile, ports }) =>
        this.finding('refused-pile-up', 'warning', pile, {
          side: 'client',
          ambiguous: true,
          text:
            ports.size > PILE / 2
              ? `${pile.words} tried ${pile.count} connections to many ports or hosts that nobody answered or that were refused: it scans, or looks for a service that has moved.`
              : `${pile.words} tried ${pile.count} connections to the same few ports, and all were refused or stayed without an answer: the service is down, and its client keeps trying.`,
          confirm: 'What runs on that client? Which program it is, `ss -tnp state syn-sent` shows there.',
          values: { count: pile.count, targets: ports.size },
        }),
      );
  }

  private finding(
    kind: FindingKind,
    severity: Severity,
    pile: Pile,
    rest: Pick<Finding, 'text' | 'confirm'> & Partial<Pick<Finding, 'side' | 'values' | 'ambiguous'>>,
  ): Finding {
    return {
      kind,
      severity,
      ambiguous: false,
      connections: pile.ids,
      packets: pile.rows.map((row) => this.columns.frame(row)),
      packetCount: pile.count,
      from: instantOf(this.columns, pile.rows[0]!),
      to: instantOf(this.columns, pile.lastRow),
      ...rest,
    };
  }
}
