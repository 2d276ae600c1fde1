import { isTcb } from '../connection-table.ts';
import { COUNTER_NAMES, type CounterName } from '../counters.ts';
import type { Host } from '../host.ts';
import type {
  ConnectionSnapshot,
  HostSnapshot,
  IdleSocketSnapshot,
  ListenerSnapshot,
  Owner,
  QueuedConnection,
  TimeWaitSnapshot,
  UdpSnapshot,
  UnixSnapshot,
} from '../snapshot.ts';
import type { Descriptors } from '../sockets/descriptors.ts';
import type { Socket } from '../sockets/socket.ts';
import { Listener } from '../tcp/listener.ts';
import type { Stateful } from '../tcp/state.ts';
import { Tcb } from '../tcp/tcb.ts';
import { ofConnection, ofIdle, ofQueued, ofTimeWait, ofUdp, ofUnix } from '../views.ts';
import { IdMap } from './id-map.ts';
import { sharing } from './sharing.ts';
import { Shelf } from './shelf.ts';
import { Versions } from './versions.ts';

/** A listener without its queues, and those as maps that share what has not changed. */
interface ListenerView {
  readonly itself: Omit<ListenerSnapshot, 'synQueue' | 'acceptQueue'>;
  readonly synQueue: IdMap<QueuedConnection>;
  readonly acceptQueue: IdMap<QueuedConnection>;
}

/** Where a connection that waits for accept() stands, as of the last step. */
interface Place {
  readonly listener: Listener;
  readonly queue: 'syn' | 'accept';
  readonly key: number;
}

/** Of a listener, as of the last step. */
interface Queues {
  syn: IdMap<QueuedConnection>;
  accept: IdMap<QueuedConnection>;
}

interface Holder {
  readonly owner: Owner;
  readonly program: Descriptors;
}

/** What a recording knows of a socket: its number, its descriptors, and what it was last time. */
interface KnownSocket {
  readonly key: number;
  readonly holders: Holder[];
  was: Tcb | Listener | undefined;
}

/** What a version weighs, in octets. Measured: `npm run bench -- engine record`. */
const WEIGHT = { connection: 700, listener: 500, light: 200, counter: 20 } as const;

/**
 * Keeps what a host's connections, sockets and counters looked like, step after step. The engine says what it touches; at the
 * end of the step only that is looked at.
 */
export class HostRecorder {
  readonly host: Host;
  /** The step after which the host was there. */
  readonly since: number;
  private readonly connections = new Shelf<ConnectionSnapshot>(WEIGHT.connection);
  private readonly listeners = new Shelf<ListenerView>(WEIGHT.listener);
  private readonly timeWaits = new Shelf<TimeWaitSnapshot>(WEIGHT.light);
  private readonly idleSockets = new Shelf<IdleSocketSnapshot>(WEIGHT.light);
  private readonly udp = new Shelf<UdpSnapshot>(WEIGHT.light);
  private readonly unix = new Shelf<UnixSnapshot>(WEIGHT.light);
  private readonly counters = new Map<CounterName, Versions<number>>();

  private readonly sockets = new Map<Socket, KnownSocket>();
  /** Whose socket a connection or listener is. */
  private readonly socketOf = new Map<Stateful, KnownSocket>();
  private readonly places = new Map<Tcb, Place>();
  private readonly queues = new Map<Listener, Queues>();
  private socketNumbers = 0;
  private arrivals = 0;

  // What the step in hand has touched.
  private readonly dirty = new Set<Stateful>();
  private readonly dirtySockets = new Set<Socket>();
  private readonly dirtyCounters = new Set<CounterName>();

  constructor(host: Host, since: number) {
    this.host = host;
    this.since = since;
    for (const program of host.processes) for (const [fd, socket] of program.descriptors()) this.held(socket, program, fd);
    for (const listener of host.connections.listeners()) {
      this.dirty.add(listener);
      for (const tcb of listener.acceptQueue) this.dirty.add(tcb);
    }
    for (const connection of host.connections) this.dirty.add(connection);
    for (const [name, value] of Object.entries(host.counters.all())) if (value > 0) this.dirtyCounters.add(name as CounterName);
    host.counters.onChange = (name) => this.dirtyCounters.add(name);
  }

  /** Something happened to a connection or listener. */
  touched(subject: Stateful): void {
    this.dirty.add(subject);
  }

  /** Something happened to a socket. */
  used(socket: Socket): void {
    this.dirtySockets.add(socket);
  }

  /** A descriptor refers to the socket from now on. */
  held(socket: Socket, program: Descriptors, fd: number): void {
    let known = this.sockets.get(socket);
    if (!known) {
      known = { key: this.socketNumbers++, holders: [], was: undefined };
      this.sockets.set(socket, known);
    }
    known.holders.push({ owner: { process: program.name, pid: program.pid, fd }, program });
    known.holders.sort((a, b) => a.owner.pid - b.owner.pid || a.owner.fd - b.owner.fd);
    this.dirtySockets.add(socket);
  }

  /** And now it does not any more. */
  released(socket: Socket, program: Descriptors, fd: number): void {
    const holders = this.sockets.get(socket)?.holders;
    const at = holders?.findIndex((one) => one.program === program && one.owner.fd === fd) ?? -1;
    if (at >= 0) holders!.splice(at, 1);
    this.dirtySockets.add(socket);
  }

  /** Looks at everything the step has touched; how many octets that took. */
  settle(step: number): number {
    let octets = 0;
    if (this.dirtySockets.size > 0) {
      for (const socket of this.dirtySockets) octets += this.settleSocket(step, socket);
      this.dirtySockets.clear();
    }
    if (this.dirty.size > 0) {
      // A listener joins them when one of its queues changes, and is then looked at last.
      for (const subject of this.dirty)
        if (subject instanceof Listener) octets += this.settleListener(step, subject);
        else octets += this.settleConnection(step, subject);
      this.dirty.clear();
    }
    for (const name of this.dirtyCounters) octets += this.settleCounter(step, name);
    this.dirtyCounters.clear();
    return octets;
  }

  private settleSocket(step: number, socket: Socket): number {
    const known = this.sockets.get(socket);
    if (!known) return 0;
    const holds = socket.tcb ?? socket.listener;
    if (known.was !== holds) {
      if (known.was) {
        this.socketOf.delete(known.was);
        this.dirty.add(known.was);
      }
      known.was = holds;
    }
    if (holds) {
      if (known.holders.length > 0) this.socketOf.set(holds, known);
      else this.socketOf.delete(holds);
      this.dirty.add(holds);
    }
    const owner = known.holders[0]?.owner;
    if (!owner) this.sockets.delete(socket);
    const { key } = known;
    const { udp, unix } = socket;
    return (
      this.udp.put(step, key, owner && udp && ofUdp(udp, owner)) +
      this.unix.put(step, key, owner && unix && ofUnix(unix, owner)) +
      this.idleSockets.put(step, key, owner && !udp && !unix && !holds ? ofIdle(socket, owner) : undefined)
    );
  }

  private settleConnection(step: number, subject: Stateful): number {
    const inTable = this.host.connections.find(subject);
    const present = inTable?.id === subject.id ? inTable : undefined;
    const tcb = subject instanceof Tcb ? subject : undefined;
    const owner = this.socketOf.get(subject)?.holders[0]?.owner;
    let octets = this.timeWaits.put(step, subject.id, present && !isTcb(present) ? ofTimeWait(present) : undefined);
    if (!tcb) return octets;
    const isShown = present === tcb || (tcb.state === 'CLOSED' && owner !== undefined);
    octets += this.connections.put(step, tcb.id, isShown ? sharing(this.connections.latest(tcb.id), ofConnection(tcb, owner)) : undefined);
    this.settlePlace(tcb);
    return octets;
  }

  /** A connection came into a listener's queue, left it, or looks different there. */
  private settlePlace(tcb: Tcb): void {
    const before = this.places.get(tcb);
    const queue = queueOf(tcb, before);
    if (!queue && !before) return;
    if (before && before.queue !== queue) {
      this.places.delete(tcb);
      this.changeQueue(before, undefined);
    }
    if (!queue) return;
    const stays = before?.queue === queue;
    const place = stays ? before : { listener: tcb.listener!, queue, key: queue === 'syn' ? tcb.id : this.arrivals++ };
    if (!stays) this.places.set(tcb, place);
    this.changeQueue(place, ofQueued(tcb));
  }

  private changeQueue({ listener, queue, key }: Place, value: QueuedConnection | undefined): void {
    const queues = this.queuesOf(listener);
    const old = queues[queue].get(key);
    if (value && old && old.state === value.state) return;
    queues[queue] = value ? queues[queue].with(key, value) : queues[queue].without(key);
    this.dirty.delete(listener); // to the end of those still to be looked at
    this.dirty.add(listener);
  }

  private queuesOf(listener: Listener): Queues {
    let queues = this.queues.get(listener);
    if (!queues) {
      queues = { syn: IdMap.EMPTY, accept: IdMap.EMPTY };
      this.queues.set(listener, queues);
    }
    return queues;
  }

  private settleListener(step: number, listener: Listener): number {
    if (listener.state !== 'LISTEN') {
      this.queues.delete(listener);
      return this.listeners.put(step, listener.id, undefined);
    }
    const { id, localAddress, localPort, limit: backlog, overflows, drops } = listener;
    const { syn: synQueue, accept: acceptQueue } = this.queuesOf(listener);
    const owner = this.socketOf.get(listener)?.holders[0]?.owner;
    const itself = { id, localAddress, localPort, owner, backlog, overflows, drops };
    return this.listeners.put(step, id, { itself, synQueue, acceptQueue });
  }

  private settleCounter(step: number, name: CounterName): number {
    let versions = this.counters.get(name);
    if (!versions) {
      versions = new Versions(WEIGHT.counter);
      this.counters.set(name, versions);
    }
    return versions.add(step, this.host.counters.get(name)) ? versions.weight : 0;
  }

  /** The host after a step that is kept. */
  at(step: number): HostSnapshot {
    const counters = Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as Record<CounterName, number>;
    for (const [name, versions] of this.counters) counters[name] = versions.at(step) ?? 0;
    return {
      name: this.host.name,
      connections: this.connections.at(step),
      listeners: this.listeners.at(step).map(({ itself, synQueue, acceptQueue }) => ({
        ...itself,
        synQueue: synQueue.values(),
        acceptQueue: acceptQueue.values(),
      })),
      timeWait: this.timeWaits.at(step),
      idleSockets: this.idleSockets.at(step).sort((a, b) => a.owner.pid - b.owner.pid || a.owner.fd - b.owner.fd),
      udp: this.udp.at(step).sort((a, b) => a.id - b.id),
      unix: this.unix.at(step).sort((a, b) => a.id - b.id),
      counters,
    };
  }

  /** Keeps what the steps in `kept` show; how many octets are left. */
  thin(kept: readonly number[]): number {
    let octets = 0;
    for (const shelf of [this.connections, this.listeners, this.timeWaits, this.idleSockets, this.udp, this.unix])
      octets += shelf.thin(kept);
    for (const versions of this.counters.values()) {
      versions.thin(kept);
      octets += versions.length * versions.weight;
    }
    return octets;
  }

  stop(): void {
    this.host.counters.onChange = undefined;
    this.host.recorder = undefined;
  }
}

/** In which of its listener's queues a connection waits. What was reset there stays in the accept queue, not in the SYN queue. */
function queueOf(tcb: Tcb, before: Place | undefined): 'syn' | 'accept' | undefined {
  const { listener, state } = tcb;
  if (listener?.state !== 'LISTEN') return undefined;
  if (listener.synQueue.has(tcb)) return 'syn';
  return before?.queue === 'accept' || (state !== 'CLOSED' && state !== 'LISTEN') ? 'accept' : undefined;
}
