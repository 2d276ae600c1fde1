import type { Engine } from '../../engine/engine.ts';
import { type Nanos, nanos } from '../../wire/units.ts';

const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

/**
 * Paces an engine by the wall clock: what is due happens when its time has come, and whatever comes from outside (packets,
 * calls of a program) happens at the present. The engine's time 0 is the full second `epochSeconds` since 1970, so that its
 * times are times of day.
 */
export class RealTime {
  readonly epochSeconds: number;
  private readonly engine: Engine;
  private readonly afterRun: () => void;
  /** What `performance.now()` was, or would have been, at the engine's time 0. */
  private readonly origin: number;
  private alarm: NodeJS.Timeout | undefined;
  private alarmFor = Number.POSITIVE_INFINITY;
  private isStopped = false;

  /** `afterRun` is called whenever the engine has run. */
  constructor(engine: Engine, afterRun: () => void) {
    this.engine = engine;
    this.afterRun = afterRun;
    const now = Date.now();
    this.epochSeconds = Math.floor(now / 1000);
    this.origin = performance.now() - (now % 1000);
  }

  /** Brings the engine to the present, lets `action` happen there, and sees to it that what follows happens in its time. */
  act(action: () => void): void {
    if (this.isStopped) return;
    this.engine.runUntil(this.present());
    action();
    this.run();
  }

  /** Time stands still from here on. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.alarm);
  }

  private present(): Nanos {
    // Never back: an action may have taken the engine's clock a rounding ahead.
    return nanos(Math.max(this.engine.now, Math.round((performance.now() - this.origin) * 1e6)));
  }

  private run(): void {
    this.engine.runUntil(this.present());
    this.afterRun();
    this.setAlarm();
  }

  /** An alarm that rings too early does no harm, so it stays; most timers move on before they are due. */
  private setAlarm(): void {
    const due = this.engine.nextEventAt();
    if (this.isStopped || due === undefined || due >= this.alarmFor) return;
    clearTimeout(this.alarm);
    this.alarmFor = due;
    this.alarm = setTimeout(this.ring, Math.min(Math.ceil((due - this.present()) / 1e6), LONGEST_TIMEOUT_MS));
  }

  private readonly ring = (): void => {
    this.alarmFor = Number.POSITIVE_INFINITY;
    this.run();
  };
}
