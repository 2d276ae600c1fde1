import type { TcpState } from '../../tcp-model/states.ts';
import type { Trigger } from '../../tcp-model/transitions.ts';
import type { IpAddress } from '../../wire/ip-address.ts';
import { Flag, type Segment, segmentLength, type TcpOption } from '../../wire/segment.ts';
import { type SeqNum, seqAdd, seqAfter } from '../../wire/seq.ts';
import { ms, type Nanos, seconds } from '../../wire/units.ts';
import { Timer, type TimerOwner } from '../clock.ts';
import type { Host } from '../host.ts';
import type { TimerRow } from '../timer-row.ts';
import { release } from './finish.ts';
import { optionOf, timestampNow } from './options.ts';
import { EMPTY } from './output.ts';
import { type Stateful, setState } from './state.ts';
import type { Tcb } from './tcb.ts';

/** 2 MSL as Linux has it; RFC 9293 §3.4.2 would have 4 minutes. */
export const TIME_WAIT_SPAN: Nanos = seconds(60);
/** How far a new incarnation starts beyond the old one's last number (Linux: a whole unscaled window and two). */
const BEYOND_OLD = 65_535 + 2;

/** All that is kept of a connection in TIME-WAIT: enough to answer a late FIN and to know old from new. */
export class TimeWait implements Stateful, TimerOwner {
  readonly host: Host;
  readonly id: number;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly sndNxt: SeqNum;
  readonly rcvNxt: SeqNum;
  private readonly window: number;
  private readonly hasTimestamps: boolean;
  readonly tsOffset: number;
  tsRecent: number;
  private readonly since: Nanos;
  private lastAckAt = -ms(1e6) as Nanos;
  private readonly timer = new Timer(this);
  state: TcpState = 'TIME-WAIT';

  constructor(tcb: Tcb) {
    this.host = tcb.host;
    this.id = tcb.id;
    this.localAddress = tcb.localAddress;
    this.localPort = tcb.localPort;
    this.remoteAddress = tcb.remoteAddress;
    this.remotePort = tcb.remotePort;
    this.reuseAddress = tcb.settings.reuseAddress;
    this.reusePort = tcb.settings.reusePort;
    this.sndNxt = tcb.sndNxt;
    this.rcvNxt = tcb.rcvNxt;
    this.window = Math.min(tcb.receiveWindow >>> tcb.rcvWindScale, 65_535);
    this.hasTimestamps = tcb.hasTimestamps;
    this.tsOffset = tcb.tsOffset;
    this.tsRecent = tcb.tsRecent;
    this.since = tcb.host.clock.now;
    this.restart();
  }

  get due(): Nanos {
    return this.row.dueOf(this.timer)!;
  }

  private get row(): TimerRow {
    return this.host.clock.row(TIME_WAIT_SPAN);
  }

  private restart(): void {
    this.row.set(this.timer);
    this.host.recorder?.touched(this);
    const { probes, clock, name } = this.host;
    if (probes.wants('timer'))
      probes.emit({
        kind: 'timer',
        at: clock.now,
        host: name,
        connection: this.id,
        timer: 'time-wait',
        change: 'set',
        due: this.due,
      });
  }

  expire(): void {
    this.leave('time-wait-timeout');
  }

  private leave(trigger: Trigger, segment?: Segment): void {
    this.remove();
    setState(this, 'CLOSED', trigger, segment);
  }

  /** Out of the table without a change of state: a new incarnation goes on from here. */
  remove(): void {
    this.row.cancel(this.timer);
    this.host.connections.remove(this);
    this.host.recorder?.touched(this);
  }

  /** Where a new incarnation may begin. */
  get nextIss(): SeqNum {
    return seqAdd(this.sndNxt, BEYOND_OLD);
  }

  /**
   * May connect() begin a new incarnation here (Linux tcp_twsk_unique)? Timestamps must tell it from the old one. A port
   * the user chose needs no more; an ephemeral one only where tcp_tw_reuse says so, and not at once.
   */
  mayReopen(chosenByUser: boolean): boolean {
    const { clock, sysctls } = this.host;
    if (!this.hasTimestamps) return false;
    if (chosenByUser) return true;
    const reuse = sysctls.now['net.ipv4.tcp_tw_reuse'];
    const isLoopback = [this.localAddress, this.remoteAddress].some((address) => address.startsWith('127.') || address === '::1');
    if (reuse === 0 || (reuse === 2 && !isLoopback)) return false;
    return clock.now - this.since > ms(sysctls.now['net.ipv4.tcp_tw_reuse_delay']);
  }

  /** Judges a segment (RFC 9293 §3.10.7.4, Linux tcp_timewait_state_process). 'reopen': a SYN that may start anew. */
  arrive(segment: Segment): 'handled' | 'reopen' {
    const stamp = this.hasTimestamps ? optionOf(segment, 'timestamps') : undefined;
    const isOld = stamp !== undefined && ((stamp.value - this.tsRecent) | 0) < 0; // PAWS, RFC 7323 §5.2
    const has = (flag: number): boolean => (segment.flags & flag) !== 0;
    if (!isOld && segment.seq === this.rcvNxt && (has(Flag.RST) || segmentLength(segment) === 0)) {
      if (has(Flag.RST) && this.host.sysctls.now['net.ipv4.tcp_rfc1337'] === 0) {
        this.leave('rst', segment); // TIME-WAIT assassination (RFC 1337) happens unless the host is told to prevent it
        return 'handled';
      }
      if (stamp) this.tsRecent = stamp.value;
      this.restart();
      return 'handled';
    }
    const isNewer = seqAfter(segment.seq, this.rcvNxt) || (stamp !== undefined && ((stamp.value - this.tsRecent) | 0) > 0);
    if (has(Flag.SYN) && !has(Flag.RST) && !has(Flag.ACK) && !isOld && isNewer) return 'reopen'; // RFC 6191
    if (isOld) this.host.counters.add('PAWSEstab');
    this.host.drop(this, segment, isOld ? 'old-timestamp' : 'in-time-wait');
    if (has(Flag.RST)) return 'handled';
    if (isOld || has(Flag.ACK)) this.restart(); // most likely the FIN again: our last ACK was lost, and the wait starts over
    this.acknowledge();
    return 'handled';
  }

  /** Says where the old connection stood; whoever still believes in it answers with what ends it. */
  acknowledge(): void {
    const { clock, sysctls, counters } = this.host;
    if (clock.now - this.lastAckAt < ms(sysctls.now['net.ipv4.tcp_invalid_ratelimit'])) {
      counters.add('TCPACKSkippedTimeWait');
      return;
    }
    this.lastAckAt = clock.now;
    const nop: TcpOption = { kind: 'nop' };
    const stamps: TcpOption = { kind: 'timestamps', value: timestampNow(this), echo: this.tsRecent };
    const segment = {
      srcPort: this.localPort,
      dstPort: this.remotePort,
      seq: this.sndNxt,
      ack: this.rcvNxt,
      flags: Flag.ACK,
      window: this.window,
      urgent: 0,
      options: this.hasTimestamps ? [nop, nop, stamps] : [],
      payload: EMPTY,
    };
    this.host.send(this.localAddress, this.remoteAddress, segment, 'ack');
  }
}

/** The last FIN is taken and acknowledged: a light record takes the connection's place in the tables. */
export function enterTimeWait(tcb: Tcb, trigger: Trigger, segment: Segment): void {
  setState(tcb, 'TIME-WAIT', trigger, segment);
  release(tcb);
  const { connections, counters, sysctls } = tcb.host;
  if (connections.timeWaits >= sysctls.now['net.ipv4.tcp_max_tw_buckets']) {
    counters.add('TCPTimeWaitOverflow'); // no memory for courtesy: whoever still asks gets a RST
    setState(tcb, 'CLOSED', 'time-wait-timeout', segment);
  } else {
    counters.add('TW');
    connections.add(new TimeWait(tcb));
  }
  tcb.holder?.wake();
}
