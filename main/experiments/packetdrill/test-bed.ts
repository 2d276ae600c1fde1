import { Engine } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import type { Plug } from '../../engine/network/cable.ts';
import type { Packet } from '../../engine/network/packet.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import type { Nanos } from '../../wire/units.ts';
import { ScriptSocket } from './connection.ts';
import type { Place } from './script.ts';
import type { Settings } from './settings.ts';
import { Miss } from './verdict.ts';
import { NOBODY, type Witness } from './witness.ts';

/** A packet that the host sent. */
export interface Sent {
  readonly packet: Packet;
  readonly at: Nanos;
}

const MOST_EVENTS = 3_000_000;
const FIRST_PORT = 50_000;

/** The far end of the cable: what the host sends is taken where it leaves. */
const FAR_END: Plug = { name: 'script', receive: () => {} };

/** What one script runs on: a host of the engine on one end of a cable, the script on the other. */
export class TestBed {
  /** Of what the script does at the moment. */
  place: Place = { line: 1, column: 1 };
  readonly settings: Settings;
  readonly engine = new Engine({ seed: 1 });
  readonly host: Host;
  readonly program: Process;
  /** What has left and no line of the script has asked for yet. */
  readonly sent: Sent[] = [];
  readonly sockets: ScriptSocket[] = [];
  /** Whose packets the script's lines are about. */
  underTest: ScriptSocket | undefined;
  /** Called after each step of the engine. */
  stepped: () => void = () => {};
  witness: Witness = NOBODY;
  private ports = 0;
  private steps = 0;

  constructor(settings: Settings) {
    this.settings = settings;
    const { local, version, mtu } = settings;
    this.host = this.engine.host({ name: 'local', addresses: [`${local}/${version === '6' ? 64 : 16}`], gso: true });
    const cable = this.engine.cable(this.host, FAR_END, { mtu });
    cable.watch((packet, from) => {
      if (from !== this.host) return;
      this.witness.carries(packet, 'out');
      this.sent.push({ packet: packet.segment ? { ...packet, segment: { ...packet.segment } } : packet, at: this.engine.now });
    });
    this.program = this.host.process('script');
  }

  get now(): Nanos {
    return this.engine.now;
  }

  /** Does the next thing; the clock jumps to it. */
  step(): void {
    if (++this.steps > MOST_EVENTS) throw new Miss('unsupported', `the script makes the engine do more than ${MOST_EVENTS} things`);
    this.witness.steps();
    this.engine.step();
    this.stepped();
  }

  /** Everything due before `time` happens; what is due at that very moment follows the script's event, as timers of Linux run late. */
  waitUntil(time: Nanos): void {
    for (let due = this.engine.nextEventAt(); due !== undefined && due < time; due = this.engine.nextEventAt()) this.step();
    this.engine.clock.advanceTo(time);
  }

  /** What follows at once from what has just happened. */
  settle(): void {
    const { now } = this;
    for (let due = this.engine.nextEventAt(); due !== undefined && due <= now; due = this.engine.nextEventAt()) this.step();
    this.stepped();
  }

  /** A packet reaches the host. What a kernel has put together before TCP sees it may be longer than the link carries. */
  put(packet: Packet): void {
    this.witness.carries(packet, 'in');
    this.host.receive(packet);
  }

  /** The socket that the script's packets are about. */
  socket(): ScriptSocket {
    if (!this.underTest) throw new Miss('mistake', 'no socket has been made yet that this packet could be for');
    return this.underTest;
  }

  /** A packet for a listener begins a connection, whose peer counts from `remoteStart`. */
  child(remoteStart: number): ScriptSocket {
    const { local, remote, bindPort } = this.settings;
    const child = new ScriptSocket(undefined);
    Object.assign(child, {
      stage: 'open',
      localAddress: local,
      localPort: bindPort,
      remoteAddress: remote,
      remotePort: FIRST_PORT + this.ports++,
      remoteStart,
    });
    this.sockets.push(child);
    return child;
  }
}
