import type { TcpState } from '../tcp-model/states.ts';
import type { Trigger } from '../tcp-model/transitions.ts';
import type { IpAddress } from '../wire/ip-address.ts';
import type { Segment } from '../wire/segment.ts';
import type { Nanos } from '../wire/units.ts';
import type { Packet } from './network/packet.ts';
import type { ErrnoName } from './sockets/errno.ts';
import type { Phase } from './tcp/congestion/window.ts';

/** Why a segment left the host. */
export type SendCause =
  | 'syn'
  | 'syn-ack'
  | 'ack'
  | 'challenge-ack'
  | 'data'
  | 'fin'
  | 'retransmission'
  | 'fast-retransmission'
  | 'loss-probe'
  | 'window-probe'
  | 'keepalive'
  | 'reset';

/** Why a segment went no further. */
export type DropReason =
  | 'cable-loss'
  | 'cable-intercepted'
  | 'cable-queue-full'
  | 'too-big-for-link'
  | 'corrupted'
  | 'no-route'
  | 'no-neighbour'
  | 'hops-exceeded'
  | 'no-protocol'
  | 'no-socket'
  | 'receive-buffer-full'
  | 'not-our-address'
  | 'no-listener'
  | 'not-a-syn'
  | 'syn-queue-full'
  | 'accept-queue-full'
  | 'waits-for-data'
  | 'old-timestamp'
  | 'outside-window'
  | 'reset-not-exact'
  | 'unacceptable-ack'
  | 'no-ack'
  | 'syn-in-connection'
  | 'window-closed'
  | 'duplicate'
  | 'in-time-wait'
  | 'data-after-close';

export type TimerKind =
  | 'retransmit'
  | 'loss-probe'
  | 'reordering'
  | 'persist'
  | 'delayed-ack'
  | 'syn-ack'
  | 'fin-wait-2'
  | 'keepalive'
  | 'time-wait';
export type QueueKind = 'syn' | 'accept' | 'send' | 'receive' | 'out-of-order';

/** The two ends of a connection as one host sees them. */
export interface Ends {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

interface Moment {
  readonly at: Nanos;
  /** Name of the host; the sender's for a drop on a cable. */
  readonly host: string;
}

/** `connection` numbers connections over the whole engine, from 1, each end on its own. */
export type ProbeEvent =
  | (Moment &
      Ends & {
        readonly kind: 'state';
        readonly connection: number;
        readonly from: TcpState;
        readonly to: TcpState;
        readonly trigger: Trigger;
        /** The segment that caused it, where one did. */
        readonly segment?: Segment;
      })
  | (Moment & {
      readonly kind: 'segment-sent';
      readonly src: IpAddress;
      readonly dst: IpAddress;
      readonly segment: Segment;
      readonly cause: SendCause;
    })
  | (Moment & { readonly kind: 'segment-received'; readonly src: IpAddress; readonly dst: IpAddress; readonly segment: Segment })
  | (Moment & {
      readonly kind: 'drop';
      readonly src: IpAddress;
      readonly dst: IpAddress;
      readonly segment: Segment;
      readonly reason: DropReason;
    })
  /** The same three for what is not TCP: UDP, ICMP, fragments. */
  | (Moment & { readonly kind: 'packet-sent'; readonly packet: Packet })
  | (Moment & { readonly kind: 'packet-received'; readonly packet: Packet })
  | (Moment & { readonly kind: 'packet-drop'; readonly packet: Packet; readonly reason: DropReason })
  | (Moment & {
      readonly kind: 'timer';
      readonly connection: number;
      readonly timer: TimerKind;
      readonly change: 'set' | 'cancelled' | 'fired';
      readonly due: Nanos;
    })
  /** `connection` is the listener's number for the SYN and accept queues; `limit` in the same unit as `length`. */
  | (Moment & {
      readonly kind: 'queue';
      readonly connection: number;
      readonly queue: QueueKind;
      readonly length: number;
      readonly limit: number;
    })
  | (Moment & {
      readonly kind: 'cwnd';
      readonly connection: number;
      readonly cwnd: number;
      readonly ssthresh: number;
      readonly phase: Phase;
    })
  | (Moment & {
      readonly kind: 'call';
      readonly process: string;
      readonly call: string;
      /** -1 where the call takes none. */
      readonly fd: number;
      /** Counts the calls of the engine; the two phases of one call share it. */
      readonly number: number;
      readonly phase: 'enter' | 'return';
      readonly errno?: ErrnoName;
    });

export type ProbeKind = ProbeEvent['kind'];
export type ProbeListener<K extends ProbeKind = ProbeKind> = (event: Extract<ProbeEvent, { kind: K }>) => void;

const KINDS: readonly ProbeKind[] = [
  'state',
  'segment-sent',
  'segment-received',
  'drop',
  'packet-sent',
  'packet-received',
  'packet-drop',
  'timer',
  'queue',
  'cwnd',
  'call',
];

/** What the engine tells whoever listens. Ask `wants(kind)` before building an event: unheard events cost one look-up. */
export class Probes {
  private readonly listeners = new Map<ProbeKind, readonly ProbeListener[]>(KINDS.map((kind) => [kind, []]));
  private readonly heard: Record<ProbeKind, boolean> = Object.fromEntries(KINDS.map((kind) => [kind, false])) as Record<ProbeKind, boolean>;

  /** Asked before anything else: most runs have no listener at all. */
  private somebodyListens = false;

  wants(kind: ProbeKind): boolean {
    return this.somebodyListens && this.heard[kind];
  }

  /** Listens to one kind, or to all with '*'; returns how to stop. */
  on<K extends ProbeKind>(kind: K | '*', listener: ProbeListener<K>): () => void {
    const kinds = kind === '*' ? KINDS : [kind];
    const own: ProbeListener = (event) => listener(event as Extract<ProbeEvent, { kind: K }>);
    for (const k of kinds) this.keep(k, [...this.listeners.get(k)!, own]);
    return () => {
      for (const k of kinds)
        this.keep(
          k,
          this.listeners.get(k)!.filter((other) => other !== own),
        );
    };
  }

  emit(event: ProbeEvent): void {
    for (const listener of this.listeners.get(event.kind)!) listener(event);
  }

  private keep(kind: ProbeKind, listeners: readonly ProbeListener[]): void {
    this.listeners.set(kind, listeners);
    this.heard[kind] = listeners.length > 0;
    this.somebodyListens = KINDS.some((one) => this.heard[one]);
  }
}
