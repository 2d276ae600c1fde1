import type { SackBlock, Segment } from '../../wire/segment.ts';
import { Flag } from '../../wire/segment.ts';
import { ms, type Nanos } from '../../wire/units.ts';
import { bitProperties } from '../bits.ts';
import { type Jiffies, jiffies, nanosSince } from '../jiffies.ts';
import { sendAck } from './output.ts';
import { offeredWindow, unacknowledged } from './receive-window.ts';
import type { Tcb } from './tcb.ts';

const MIN_DELAY = ms(40); // Linux TCP_ATO_MIN and TCP_DELACK_MIN; RFC 9293 §3.8.6.3 allows up to 500 ms
const MAX_DELAY = ms(200); // Linux TCP_DELACK_MAX
const MAX_QUICK = 16;
/** Linux's clock ticks 250 times a second (CONFIG_HZ); a timer that waits for nothing fires with the next tick. */
const TICK = ms(4);

/**
 * When to acknowledge (RFC 9293 §3.8.6.3, as Linux does it): at once while a connection is young or after trouble
 * ("quick"), with every second full segment, and otherwise after a delay that adapts to the peer's rhythm, in the hope
 * that data of our own takes the acknowledgment along ("ping-pong").
 */
export class AckScheduler {
  private readonly tcb: Tcb;
  /** An acknowledgment is owed. */
  declare owed: boolean;
  /** It may not wait. */
  declare urgent: boolean;
  /** Acknowledgments still to be sent without delay. */
  quick = 0;
  /** How often we answered data with data soon; from tcp_pingpong_thresh on, the traffic is interactive. */
  pingPong = 0;
  /** In whole microseconds. */
  private micros = 0;
  /** When data came last; before any did, when the handshake was over. */
  lastDataAt: Jiffies = 0;
  /** A segment shorter than a full one came: the peer has probably sent what it had. */
  pushed = 0;
  /** The largest payload the peer has been seen to send. */
  peerMss = 536;
  /** What came twice, to be reported with the next ACK (D-SACK). */
  duplicate: SackBlock | undefined;
  bits = 0;

  constructor(tcb: Tcb) {
    this.tcb = tcb;
  }

  /** The delay in force; 0 before the first data. */
  get delay(): Nanos {
    return (this.micros * 1000) as Nanos;
  }
  set delay(span: Nanos) {
    this.micros = Math.floor(span / 1000);
  }

  get interactive(): boolean {
    return this.pingPong >= this.tcb.host.sysctls.now['net.ipv4.tcp_pingpong_thresh'];
  }

  get isQuick(): boolean {
    return this.quick > 0 && !this.interactive;
  }

  /** The next acknowledgments go out at once: the peer is in trouble and waits for them. */
  enterQuick(most = MAX_QUICK): void {
    this.beQuick(most);
    this.pingPong = 0;
    this.delay = MIN_DELAY;
  }

  /** An answer of ours is likely to follow soon. */
  enterInteractive(): void {
    this.pingPong = this.tcb.host.sysctls.now['net.ipv4.tcp_pingpong_thresh'];
  }

  /** TCP_QUICKACK: on, what is owed is sent at once; off, it waits for data of ours to go along with. */
  setQuick(on: boolean): void {
    if (!on) {
      this.enterInteractive();
      return;
    }
    this.pingPong = 0;
    if (this.owed && this.tcb.state !== 'CLOSED') sendAck(this.tcb);
  }

  /** The third segment of an open waits for data to go along with (Linux tcp_rcv_synsent_state_process). */
  putOffThird(): void {
    this.owed = true;
    this.enterQuick();
    this.tcb.timers.set('delayed-ack', MAX_DELAY);
  }

  private beQuick(most: number): void {
    const segments = Math.floor(this.tcb.rcvWnd / (2 * this.peerMss)) || 2;
    this.quick = Math.max(this.quick, Math.min(segments, most));
  }

  /** Data came in order. */
  received(segment: Segment): void {
    const { now } = this.tcb.host.clock;
    const { rto } = this.tcb.roundTrip;
    this.owed = true;
    this.measure(segment);
    if (this.delay === 0) {
      this.beQuick(MAX_QUICK);
      this.delay = MIN_DELAY;
    } else {
      const gap = nanosSince(this.lastDataAt, now);
      if (gap <= MIN_DELAY / 2) this.delay = (this.delay / 2 + MIN_DELAY / 2) as Nanos;
      else if (gap < this.delay) this.delay = Math.min(this.delay / 2 + gap, rto) as Nanos;
      else if (gap > rto) this.beQuick(MAX_QUICK); // the peer fell silent and may have restarted its window
    }
    this.lastDataAt = jiffies(now);
  }

  private measure({ payload, flags }: Segment): void {
    const { length } = payload;
    if (length >= this.peerMss) {
      this.peerMss = Math.min(length, this.tcb.advertisedMss);
      if (flags & Flag.PSH) this.pushed = Math.max(this.pushed, 1);
    } else this.pushed = Math.min(2, this.pushed + 1);
  }

  /** Data of ours left: soon after theirs, it is an answer. */
  dataSent(): void {
    if (nanosSince(this.lastDataAt, this.tcb.host.clock.now) < this.delay) this.pingPong++;
  }

  /** A segment with ACK left. */
  sent(): void {
    if (this.quick > 0) this.quick--;
    this.owed = false;
    this.urgent = false;
    this.pushed = 0;
    this.tcb.timers.cancel('delayed-ack');
  }

  /** Called when all checks of an arriving segment are done. */
  decide(): void {
    if (!this.owed) return;
    const { tcb } = this;
    const isSecond = unacknowledged(tcb) > this.peerMss && offeredWindow(tcb) >= tcb.rcvWnd;
    if (isSecond || this.urgent || this.isQuick || tcb.receiveQueue.hasGap) sendAck(tcb);
    else this.wait();
  }

  private wait(): void {
    const { timers, roundTrip, host } = this.tcb;
    let delay: number = this.delay;
    if (delay > MIN_DELAY) {
      let most: number = this.interactive || this.pushed > 0 ? MAX_DELAY : ms(500);
      if (roundTrip.srtt > 0) most = Math.min(most, Math.max(roundTrip.srtt, MIN_DELAY));
      delay = Math.min(delay, most);
    }
    // A FIN before which no data came leaves the program until the next tick to close, and its FIN to take the ACK along.
    delay = delay === 0 ? TICK - (host.clock.now % TICK) : Math.min(delay, MAX_DELAY);
    const due = timers.due('delayed-ack');
    if (due === undefined) timers.set('delayed-ack', delay as Nanos);
    else if (due <= host.clock.now + delay / 4) sendAck(this.tcb);
  }

  /** The user has read `octets`: tell the peer if it was waiting for that (Linux tcp_cleanup_rbuf). */
  afterRead(octets: number): void {
    const { tcb } = this;
    const drained = octets > 0 && (this.pushed === 2 || (this.pushed === 1 && !this.interactive)) && tcb.receiveQueue.length === 0;
    if (this.owed && (unacknowledged(tcb) > this.peerMss || drained)) {
      sendAck(tcb);
      return;
    }
    if (octets === 0 || tcb.readClosed || tcb.endOfStream) return;
    const now = tcb.receiveWindow;
    const next = offeredWindow(tcb);
    if (next > 0 && next >= 2 * now) sendAck(tcb);
  }

  /** The delay is over. */
  expire(): void {
    if (!this.owed) return;
    if (this.interactive) {
      this.pingPong = 0;
      this.delay = MIN_DELAY;
    } else this.delay = Math.min(this.delay * 2, this.tcb.roundTrip.rto) as Nanos;
    this.tcb.host.counters.add('DelayedACKs');
    sendAck(this.tcb);
  }
}

bitProperties(AckScheduler.prototype, ['owed', 'urgent']);

export const onDelayedAckTimeout = (tcb: Tcb): void => tcb.acks.expire();
