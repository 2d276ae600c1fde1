import type { TcpState } from '../../tcp-model/states.ts';
import type { IpAddress } from '../../wire/ip-address.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { type SeqNum, seqAdd } from '../../wire/seq.ts';
import { Fifo } from '../fifo.ts';
import type { Host } from '../host.ts';
import type { Ends, QueueKind } from '../probes.ts';
import { abort, finish, release } from './finish.ts';
import { initialSequenceNumber, timestampOffset } from './isn.ts';
import { agreeOnOptions, offerOptions } from './options.ts';
import { EMPTY, sendSegment } from './output.ts';
import { initialWindow } from './receive-window.ts';
import { backedOff, INITIAL_RTO } from './rtt.ts';
import type { SocketSettings } from './settings.ts';
import { type Stateful, setState } from './state.ts';
import { Tcb } from './tcb.ts';

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
  readonly settings: SocketSettings;
  state: TcpState = 'CLOSED';
  /** What listen() asked for, cut to somaxconn: bounds both queues. */
  limit: number;
  readonly synQueue = new Set<Tcb>();
  readonly acceptQueue = new Fifo<Tcb>();
  /** How often a connection was turned away because the accept queue was full (this listener's share of ListenOverflows). */
  overflows = 0;
  /** Everything this listener turned away (its share of ListenDrops). */
  drops = 0;
  wake: (() => void) | undefined;

  constructor(host: Host, address: IpAddress, port: number, unspecified: IpAddress, settings: SocketSettings, backlog: number) {
    this.host = host;
    this.id = host.nextConnectionId();
    this.localAddress = address;
    this.localPort = port;
    this.remoteAddress = unspecified;
    this.settings = settings;
    this.limit = backlog;
  }

  get isFull(): boolean {
    return this.acceptQueue.length > this.limit;
  }

  /** More half-open connections than this are refused. */
  get synQueueIsFull(): boolean {
    return this.synQueue.size > this.limit || this.synQueue.size >= this.host.sysctls.get('net.ipv4.tcp_max_syn_backlog');
  }

  get hasRoom(): boolean {
    return !this.isFull && !this.synQueueIsFull;
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
    if (this.synQueue.delete(tcb)) this.tell('syn', this.synQueue.size);
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
    const { probes, clock, name } = this.host;
    const limit = queue === 'accept' ? this.limit + 1 : this.limit;
    if (probes.wants('queue')) probes.emit({ kind: 'queue', at: clock.now, host: name, connection: this.id, queue, length, limit });
  }
}

/** What a SYN in TIME-WAIT brings along for its new incarnation. */
export interface Reopening {
  readonly iss: SeqNum;
}

/** LISTEN, third check: a SYN begins a connection of its own in the SYN queue (RFC 9293 §3.10.7.2). */
export function beginPassiveOpen(listener: Listener, ends: Ends, syn: Segment, reopening?: Reopening): Tcb {
  const { host } = listener;
  const tcb = new Tcb(host, ends, { ...listener.settings }, reopening ? 'TIME-WAIT' : 'LISTEN');
  tcb.irs = syn.seq;
  tcb.rcvNxt = seqAdd(syn.seq, 1);
  tcb.rcvWup = tcb.rcvNxt;
  tcb.iss = reopening?.iss ?? initialSequenceNumber(host, ends);
  tcb.sndUna = tcb.iss;
  tcb.sndNxt = seqAdd(tcb.iss, 1);
  tcb.sndWnd = syn.window;
  tcb.sndWl1 = syn.seq;
  tcb.maxWindow = syn.window;
  tcb.tsOffset = timestampOffset(host, ends);
  offerOptions(tcb);
  initialWindow(tcb, tcb.advertisedMss);
  agreeOnOptions(tcb, syn);
  tcb.listener = listener;
  host.connections.add(tcb);
  listener.synQueue.add(tcb);
  setState(tcb, 'SYN-RECEIVED', 'syn', syn);
  listener.tell('syn', listener.synQueue.size);
  sendSynAck(tcb);
  tcb.timers.set('syn-ack', INITIAL_RTO);
  return tcb;
}

export function sendSynAck(tcb: Tcb): void {
  tcb.lastSentAt = tcb.host.clock.now;
  sendSegment(tcb, tcb.iss, Flag.SYN | Flag.ACK, EMPTY, tcb.backoff > 0 ? 'retransmission' : 'syn-ack');
}

/** The third segment did not come: SYN,ACK again, each wait twice as long, tcp_synack_retries times. */
export function onSynAckTimeout(tcb: Tcb): void {
  if (tcb.backoff >= tcb.host.sysctls.get('net.ipv4.tcp_synack_retries')) {
    finish(tcb, 'user-timeout');
    return;
  }
  tcb.backoff++;
  tcb.host.counters.add('RetransSegs');
  tcb.host.counters.add('TCPTimeouts');
  sendSynAck(tcb);
  tcb.timers.set('syn-ack', backedOff(INITIAL_RTO, tcb.backoff));
}

/**
 * The third segment came: from the SYN queue to the accept queue. False when that is full. The caller then drops the
 * segment; the client already thinks it is connected, so the SYN,ACK will be sent again until there is room.
 */
export function promote(tcb: Tcb, listener: Listener): boolean {
  if (listener.isFull) {
    listener.turnAway(true);
    return false;
  }
  listener.forget(tcb);
  listener.acceptQueue.push(tcb);
  tcb.timers.cancel('syn-ack');
  tcb.host.counters.add('PassiveOpens');
  listener.tell('accept', listener.acceptQueue.length);
  listener.wake?.();
  return true;
}

/** Back to LISTEN (RFC 9293 §3.10.7.4, second check): the half-open connection is forgotten, its listener listens on. */
export function backToListen(tcb: Tcb, trigger: 'rst' | 'syn', segment: Segment): void {
  tcb.host.counters.add('EmbryonicRsts');
  setState(tcb, 'LISTEN', trigger, segment);
  release(tcb);
}

/** The listening socket is closed: half-open connections are forgotten silently, waiting ones are reset (as Linux does). */
export function closeListener(listener: Listener): void {
  setState(listener, 'CLOSED', 'close');
  listener.host.connections.removeListener(listener);
  for (const tcb of [...listener.synQueue]) finish(tcb, 'abort');
  for (let tcb = listener.accept(); tcb; tcb = listener.accept()) abort(tcb);
  listener.wake?.();
}
