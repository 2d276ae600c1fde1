import type { TcpState } from '../../tcp-model/states.ts';
import type { IpAddress } from '../../wire/ip-address.ts';
import type { Nanos } from '../../wire/units.ts';
import { Fifo } from '../fifo.ts';
import type { Host } from '../host.ts';
import type { QueueKind } from '../probes.ts';
import type { Wakeable } from '../sockets/socket.ts';
import { abort, finish } from './finish.ts';
import type { SocketSettings } from './settings.ts';
import { type Stateful, setState } from './state.ts';
import { SynQueue } from './syn-queue.ts';
import type { Tcb } from './tcb.ts';

/**
 * A listening socket and its two queues, as on Linux: the SYN queue holds connections in SYN-RECEIVED, the accept queue
 * established ones nobody has accepted yet. The accept queue takes one more than its limit.
 */
export class Listener implements Stateful {
  readonly host: Host;
  readonly id: number;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  /** The unspecified address: a listener has no peer. */
  readonly remoteAddress: IpAddress;
  readonly remotePort = 0;
  settings: SocketSettings;
  state: TcpState = 'CLOSED';
  /** What listen() asked for, cut to somaxconn: bounds both queues. */
  limit: number;
  readonly synQueue: SynQueue;
  /** Opened by TCP Fast Open, in the accept queue or accepted already, whose third segment has not come. */
  readonly fastOpenPending = new Set<Tcb>();
  /** How many of the SYN queue have not seen a timeout yet. */
  young = 0;
  /** When a SYN was last answered with a cookie: without one lately, no cookie can come back. */
  lastCookieAt: Nanos | undefined;
  readonly acceptQueue = new Fifo<Tcb>();
  /** How often a connection was turned away because the accept queue was full (this listener's share of ListenOverflows). */
  overflows = 0;
  /** Everything this listener turned away (its share of ListenDrops). */
  drops = 0;
  holder: Wakeable | undefined;

  constructor(host: Host, address: IpAddress, port: number, unspecified: IpAddress, settings: SocketSettings, backlog: number) {
    this.host = host;
    this.id = host.nextConnectionId();
    this.localAddress = address;
    this.localPort = port;
    this.remoteAddress = unspecified;
    this.settings = settings;
    this.limit = backlog;
    this.synQueue = new SynQueue(host.hash([0]));
  }

  /** No place in the accept queue (Linux sk_acceptq_is_full). */
  get isFull(): boolean {
    return this.acceptQueue.length > this.limit;
  }

  /** No place in the SYN queue; it too takes one more than the limit (Linux inet_csk_reqsk_queue_is_full). */
  get synQueueIsFull(): boolean {
    return this.synQueue.size > this.limit;
  }

  /** A connection found no place. */
  turnAway(overflow: boolean): void {
    this.drops++;
    this.host.counters.add('ListenDrops');
    if (!overflow) return;
    this.overflows++;
    this.host.counters.add('ListenOverflows');
  }

  /** Takes a connection out of the SYN queue; a connection in the accept queue stays there, also when it was reset. */
  forget(tcb: Tcb): void {
    if (!this.synQueue.remove(tcb)) return;
    if (tcb.backoff === 0) this.young--;
    this.tell('syn', this.synQueue.size);
  }

  /** A new connection, half open. */
  embryo(tcb: Tcb): void {
    this.synQueue.add(tcb);
    this.young++;
    this.tell('syn', this.synQueue.size);
  }

  /** One more for accept() to take. */
  offer(tcb: Tcb): void {
    this.acceptQueue.push(tcb);
    this.host.counters.add('PassiveOpens');
    this.tell('accept', this.acceptQueue.length);
    this.holder?.wake();
  }

  accept(): Tcb | undefined {
    const tcb = this.acceptQueue.shift();
    if (tcb) {
      tcb.listener = undefined;
      this.tell('accept', this.acceptQueue.length);
    }
    return tcb;
  }

  tell(queue: QueueKind, length: number): void {
    const { probes, clock, name, recorder } = this.host;
    recorder?.touched(this);
    const limit = queue === 'accept' ? this.limit + 1 : this.limit;
    if (probes.wants('queue')) probes.emit({ kind: 'queue', at: clock.now, host: name, connection: this.id, queue, length, limit });
  }
}

/** The listening socket is closed: half-open connections are forgotten silently, waiting ones are reset (as Linux does). */
export function closeListener(listener: Listener): void {
  setState(listener, 'CLOSED', 'close');
  listener.host.connections.removeListener(listener);
  for (const tcb of [...listener.synQueue]) finish(tcb, 'abort');
  for (let tcb = listener.accept(); tcb; tcb = listener.accept()) abort(tcb);
  listener.holder?.wake();
}
