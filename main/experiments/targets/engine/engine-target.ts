import { Engine } from '../../../engine/engine.ts';
import type { Host } from '../../../engine/host.ts';
import type { EngineSnapshot } from '../../../engine/snapshot.ts';
import type { SysctlName, SysctlSettings } from '../../../engine/sysctls.ts';
import { SYSCTL_DEFAULTS } from '../../../engine/sysctls.ts';
import type { FrameBatch } from '../../../wire/frame-batch.ts';
import { err, ok, type Result } from '../../../wire/result.ts';
import { nanos } from '../../../wire/units.ts';
import type { Connection, Route } from '../../lab/values.ts';
import type { RunRecorder, ScriptRequest } from '../../stepping/run-recorder.ts';
import type {
  Credentials,
  HostSettings,
  LinkSettings,
  Refusal,
  Target,
  TargetHost,
  TargetLink,
  TargetOptions,
  TargetProcess,
} from '../target.ts';
import { cableSettings, EngineLink } from './engine-link.ts';
import { EngineProcess } from './engine-process.ts';
import { Histories } from './histories.ts';

/** The engine as a target: time stands still while the script computes, and jumps from event to event while it waits. */
export class EngineTarget implements Target {
  readonly kind = 'engine';
  private readonly engine: Engine;
  private readonly histories: Histories;
  private readonly options: TargetOptions;
  private links = 0;
  private recorded = 0;

  constructor(options: TargetOptions) {
    this.options = options;
    this.engine = new Engine({ seed: options.seed });
    this.histories = new Histories(this.engine);
    options.recorder?.begin(this.engine);
  }

  now(): number {
    return this.engine.now;
  }

  advance(): boolean {
    this.options.recorder?.beginEvent();
    return this.engine.step();
  }

  step<T>(request: ScriptRequest, serve: () => T): T {
    const { recorder } = this.options;
    return recorder ? recorder.request(request, serve) : serve();
  }

  returned(process: string, text: string, line: number | undefined): void {
    this.options.recorder?.returned(process, text, line);
  }

  after(nanoseconds: number, action: () => void): void {
    this.engine.clock.after(nanos(nanoseconds), action);
  }

  host({ name, addresses, routes, sysctls }: HostSettings): Result<TargetHost, Refusal> {
    if (this.engine.hosts.some((host) => host.name === name)) return err({ message: `there is a host "${name}" already` });
    return refusing(
      () =>
        new EngineHost(
          this.engine.host({ name, addresses, routes, sysctls: sysctls as SysctlSettings }),
          addresses,
          this.histories,
          this.options.recorder,
        ),
    );
  }

  link(a: TargetHost, b: TargetHost, settings: LinkSettings): Result<TargetLink, Refusal> {
    const cable = this.engine.cable((a as EngineHost).host, (b as EngineHost).host, cableSettings(settings));
    const interfaceId = this.links++;
    const { recorder } = this.options;
    this.engine.tap(cable, (batch) => this.record(batch, interfaceId));
    if (recorder) cable.watch((packet) => recorder.onLink(interfaceId, packet));
    return ok(new EngineLink(this.engine, cable, recorder));
  }

  snapshot(): EngineSnapshot {
    return this.engine.snapshot();
  }

  close(): void {
    this.engine.flushTaps();
  }

  /** All links make one recording: interfaces by number, octet positions counted on. */
  private record(batch: FrameBatch, interfaceId: number): void {
    const position = batch.offset.length === 0 ? batch.position : Float64Array.from(batch.offset, (offset) => this.recorded + offset);
    this.recorded += batch.data.length;
    this.options.recorder?.handedOver(interfaceId, batch.count);
    this.options.onFrames({ ...batch, position, interfaceId: new Uint16Array(batch.count).fill(interfaceId) });
  }
}

class EngineHost implements TargetHost {
  readonly host: Host;
  readonly addresses: readonly string[];
  private readonly histories: Histories;
  private readonly recorder: RunRecorder | undefined;

  constructor(host: Host, addresses: readonly string[], histories: Histories, recorder: RunRecorder | undefined) {
    this.recorder = recorder;
    this.host = host;
    this.addresses = addresses;
    this.histories = histories;
  }

  get name(): string {
    return this.host.name;
  }

  process(name: string, credentials: Credentials): Result<TargetProcess, Refusal> {
    return ok(new EngineProcess(this.host.process(name, credentials), this, this.histories, this.recorder));
  }

  sysctl(name: string): Result<number | readonly number[] | string, Refusal> {
    if (!Object.hasOwn(SYSCTL_DEFAULTS, name))
      return err({ message: `no sysctl "${name}"; there are ${Object.keys(SYSCTL_DEFAULTS).join(', ')}` });
    return ok(this.host.sysctls.get(name as SysctlName));
  }

  setSysctl(name: string, value: number | readonly number[] | string): Result<null, Refusal> {
    return refusing(() => {
      this.host.sysctls.set(name, value);
      return null;
    });
  }

  route(route: Route): Result<null, Refusal> {
    return refusing(() => {
      this.host.routes.add(route);
      return null;
    });
  }

  counters(): Readonly<Record<string, number>> {
    return this.host.counters.all();
  }

  connections(): readonly Connection[] {
    return this.histories.connectionsOf(this.host);
  }
}

/** The engine answers impossible settings with a RangeError that says what would be right; to a script that is a value. */
function refusing<T>(make: () => T): Result<T, Refusal> {
  try {
    return ok(make());
  } catch (thrown) {
    if (thrown instanceof RangeError) return err({ message: thrown.message });
    throw thrown;
  }
}
