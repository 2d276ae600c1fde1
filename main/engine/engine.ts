import type { FrameBatch } from '../wire/frame-batch.ts';
import { type Nanos, nanos } from '../wire/units.ts';
import { Clock } from './clock.ts';
import { Host, type HostOptions } from './host.ts';
import { Cable, type CableSettings, type Plug, type Watcher } from './network/cable.ts';
import { Switch } from './network/switch.ts';
import { Tap } from './network/tap.ts';
import { Probes } from './probes.ts';
import { Random } from './random.ts';
import { Recording, type RecordingOptions } from './recording/recording.ts';
import { type EngineSnapshot, takeSnapshot } from './snapshot.ts';

export interface EngineOptions {
  /** The same seed and the same calls give the same run. */
  readonly seed: number;
}

export interface TapOptions {
  /** Where the recorder sits: at one host (it sees what leaves and what arrives there), or on the cable (what both ends send). */
  readonly at?: Host;
  /** Records what hosts leave to the link to cut as they hand it over, as a capture on the sending machine does; what arrives, as it arrives. */
  readonly uncut?: boolean;
  /** Capture time of the engine's time 0, in seconds since 1970. */
  readonly epochSeconds?: number;
}

/** Hosts on cables in virtual time. */
export class Engine {
  readonly clock = new Clock();
  readonly probes = new Probes();
  readonly hosts: Host[] = [];
  private readonly random: Random;
  private readonly taps = new Set<Tap>();
  private connectionIds = 0;
  private callNumbers = 0;
  private recording: Recording | undefined;

  constructor({ seed }: EngineOptions) {
    this.random = new Random(seed);
  }

  get now(): Nanos {
    return this.clock.now;
  }

  host(options: HostOptions): Host {
    const world = {
      clock: this.clock,
      probes: this.probes,
      random: this.random,
      nextConnectionId: () => ++this.connectionIds,
      nextCallNumber: () => ++this.callNumbers,
    };
    const host = new Host(world, options);
    this.hosts.push(host);
    this.recording?.join(host);
    return host;
  }

  /** A switch, to which many cables lead. */
  switch(name: string): Switch {
    return new Switch(name, this.clock, this.probes);
  }

  /** Joins two hosts, or a host and something else that takes packets (a scripted peer, a TUN interface). */
  cable(a: Host | Plug, b: Host | Plug, settings: Partial<CableSettings> = {}): Cable {
    const cable = new Cable([a, b], this.clock, this.random, this.probes, settings);
    for (const end of cable.ends) if (end instanceof Host || end instanceof Switch) end.attach(cable);
    return cable;
  }

  /** Records a cable as octets. Batches come when they are full and whenever the engine stops; returns how to stop recording. */
  tap(cable: Cable, onBatch: (batch: FrameBatch) => void, { at, uncut = false, epochSeconds }: TapOptions = {}): () => void {
    const tap = new Tap(onBatch, epochSeconds);
    this.taps.add(tap);
    const record: Watcher = (packet, from) => {
      if (!at || from === at) tap.record(packet, this.now);
    };
    const sent = uncut ? cable.watchUncut(record) : cable.watch(record);
    const arrived = cable.watchArrivals((packet, _from, to) => {
      if (to === at) tap.record(packet, this.now);
    });
    return () => {
      sent();
      arrived();
      tap.flush();
      this.taps.delete(tap);
    };
  }

  nextEventAt(): Nanos | undefined {
    return this.clock.nextEventAt();
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    const ran = this.runNext();
    this.flushTaps();
    return ran;
  }

  /** Runs until nothing is left to happen, or `limit` events have; returns how many did. */
  runUntilIdle(limit = Number.POSITIVE_INFINITY): number {
    let count = 0;
    while (count < limit && this.runNext()) count++;
    this.flushTaps();
    return count;
  }

  /** Runs everything due up to and at `time`, and leaves the clock there. */
  runUntil(time: Nanos): void {
    for (let due = this.nextEventAt(); due !== undefined && due <= time; due = this.nextEventAt()) this.runNext();
    this.clock.advanceTo(time);
    this.flushTaps();
  }

  runFor(span: Nanos): void {
    this.runUntil(nanos(this.now + span));
  }

  /** Hands over what the taps have recorded so far. */
  flushTaps(): void {
    for (const tap of this.taps) tap.flush();
  }

  private runNext(): boolean {
    const ran = this.clock.step();
    if (ran) this.recording?.mark();
    return ran;
  }

  /** Keeps what everything looks like from now on, step after step; an engine has one recording at a time. */
  record(options?: RecordingOptions): Recording {
    this.recording?.stop();
    this.recording = new Recording(this, options);
    return this.recording;
  }

  /** Everything as it stands now, as plain data. */
  snapshot(): EngineSnapshot {
    return takeSnapshot(this);
  }
}
