import type { Nanos } from '../../wire/units.ts';
import type { Engine } from '../engine.ts';
import type { Host } from '../host.ts';
import type { EngineSnapshot } from '../snapshot.ts';
import { HostRecorder } from './host-recorder.ts';
import { lastAtOrBefore } from './versions.ts';

export interface RecordingOptions {
  /** Octets of memory it may take, estimated by what it keeps. Beyond that it keeps every other of its older moments only. */
  readonly limit?: number;
}

export const DEFAULT_LIMIT = 64 * 1024 * 1024;
/** What a moment takes beside what has changed in it. */
const MOMENT_WEIGHT = 32;

/**
 * What a whole engine looked like after every step of its run. A step is an event of the clock, or whatever a caller sets off
 * with `mark`: a system call, a line of a script. Of each thing there is a version for each step that changed it, so a step
 * costs what it touched, and a look back costs a search in what is shown. Nothing is kept, and nothing is slower, before
 * `engine.record()` and after `stop()`.
 */
export class Recording {
  private readonly engine: Engine;
  private readonly limit: number;
  private readonly hosts: HostRecorder[] = [];
  /** The moments kept: their steps, and the engine's time after them. */
  private steps: number[] = [];
  private times: Nanos[] = [];
  private taken = 0;
  private weight = 0;
  private isOn = true;

  constructor(engine: Engine, { limit = DEFAULT_LIMIT }: RecordingOptions = {}) {
    this.engine = engine;
    this.limit = limit;
    for (const host of engine.hosts) this.join(host);
    this.settle();
  }

  /** Steps taken so far: the number of the last one. The moment before the first is 0. */
  get length(): number {
    return this.taken;
  }

  /** Octets that are kept, estimated. */
  get octets(): number {
    return this.weight;
  }

  /** How many moments are still known. */
  get moments(): number {
    return this.steps.length;
  }

  /** A host came into the laboratory. */
  join(host: Host): void {
    if (!this.isOn) return;
    const recorder = new HostRecorder(host, this.steps.length === 0 ? 0 : this.taken + 1);
    host.recorder = recorder;
    this.hosts.push(recorder);
  }

  /** Ends a step: whatever it touched is looked at now. Gives the step's number. */
  mark(): number {
    if (!this.isOn) return this.taken;
    this.taken++;
    this.settle();
    return this.taken;
  }

  /** The engine after `step`: the number of the moment known last by then, which is `step` itself unless the recording was full. */
  momentAt(step: number): { readonly step: number; readonly time: Nanos } {
    const at = Math.max(0, lastAtOrBefore(this.steps, Math.min(step, this.taken)));
    return { step: this.steps[at]!, time: this.times[at]! };
  }

  /** The last step that was over at `time`. */
  stepAt(time: Nanos): number {
    return this.steps[Math.max(0, lastAtOrBefore(this.times, time))]!;
  }

  /** The first step that is known after which it was `time` or later. */
  firstAt(time: Nanos): number {
    const before = lastAtOrBefore(this.times, (time - 1) as Nanos);
    return this.steps[before + 1] ?? this.taken;
  }

  /** The whole engine as it was at the moment `momentAt(step)`. */
  snapshot(step: number): EngineSnapshot {
    const { step: known, time } = this.momentAt(step);
    return { now: time, hosts: this.hosts.filter(({ since }) => since <= known).map((host) => host.at(known)) };
  }

  /** Nothing is recorded from here on; what was stays to be looked at. */
  stop(): void {
    this.isOn = false;
    for (const recorder of this.hosts) recorder.stop();
  }

  private settle(): void {
    this.steps.push(this.taken);
    this.times.push(this.engine.now);
    this.weight += MOMENT_WEIGHT;
    for (const recorder of this.hosts) this.weight += recorder.settle(this.taken);
    if (this.weight > this.limit) this.thin();
  }

  /** The recent half stays whole; of the older half every other moment goes. */
  private thin(): void {
    const { steps, times } = this;
    const recent = steps.length >>> 1;
    const stays = (i: number): boolean => i >= recent || i % 2 === 0;
    this.steps = steps.filter((_, i) => stays(i));
    this.times = times.filter((_, i) => stays(i));
    this.weight = this.steps.length * MOMENT_WEIGHT;
    for (const recorder of this.hosts) this.weight += recorder.thin(this.steps);
  }
}
