import { nanos } from '../../wire/units.ts';
import { writeBody } from './compare-other.ts';
import { injectPacket } from './packets-in.ts';
import { expectPacket } from './packets-out.ts';
import { Python } from './python.ts';
import type { Command, PacketAction, Place, Script, ScriptEvent } from './script.ts';
import type { Settings } from './settings.ts';
import { type ReadFile, Shell } from './shell.ts';
import { ScriptProgram } from './system-calls.ts';
import { TCP_INFO_CONSTANTS } from './tcp-info.ts';
import { TestBed } from './test-bed.ts';
import { checkTime } from './timing.ts';
import { Miss } from './verdict.ts';

const DOES = { packet: 'the packet came in', call: 'the call was made', command: 'the command ran', code: 'the code ran' } as const;

/** Runs one script, event by event. */
export class Runner {
  private readonly script: Script;
  readonly bed: TestBed;
  private readonly program: ScriptProgram;
  private readonly shell: Shell;
  private readonly python = new Python(TCP_INFO_CONSTANTS);
  private previous: { readonly time: number; readonly isInbound: boolean } | undefined;

  constructor(script: Script, settings: Settings, readFile: ReadFile) {
    this.script = script;
    this.bed = new TestBed(settings);
    this.program = new ScriptProgram(this.bed);
    const { host } = this.bed;
    const pace = (on: boolean): void => {
      host.pacing = on;
    };
    this.shell = new Shell(host.sysctls, readFile, () => host.fastOpenMemory.forget(), pace);
  }

  /** Where it has come to. */
  get place(): Place {
    return this.bed.place;
  }

  /** Runs to the end; throws a `Miss` where the script and the engine part. */
  run(): void {
    for (const _ of this.lines());
  }

  /** The same line by line: each is done when the next is asked for. */
  *lines(): Generator<void, void> {
    const { before, events, after } = this.script;
    this.command(before);
    for (const event of events) {
      yield;
      this.event(event);
    }
    this.bed.place = events.at(-1)!;
    this.program.finishWaiting();
    this.command(after);
  }

  private command(command: Command | undefined): void {
    if (!command) return;
    this.bed.place = command;
    this.shell.run(command.text);
  }

  private event(event: ScriptEvent): void {
    const { bed } = this;
    const { action, time } = event;
    bed.place = event;
    const isInbound = action.kind === 'packet' && action.direction === 'in';
    const base = this.previous?.isInbound && isInbound ? this.previous.time : bed.now;
    const offset = time.kind === 'relative' || time.kind === 'relative-range' ? base : 0;
    const from = nanos(offset + (time.kind === 'any' ? base : 'time' in time ? time.time : time.from));
    const to = 'to' in time ? nanos(offset + time.to) : from;
    const since = this.previous ? from - this.previous.time : 0;
    if (action.kind === 'packet') refuseUnknownHeaders(action);
    if (action.kind === 'packet' && action.direction === 'out') {
      bed.witness.acts(event, () => {});
      const at = expectPacket(bed, action, time.kind === 'any' ? undefined : to);
      const what = `the packet left (${writeBody(action.body)})`;
      if (time.kind !== 'any') checkTime({ what, from, to, at, since }, bed.settings);
    } else {
      bed.waitUntil(from);
      checkTime({ what: DOES[action.kind], from, to: from, at: bed.now, since }, bed.settings);
      bed.witness.acts(event, () => {
        if (action.kind === 'packet') injectPacket(bed, action);
        else if (action.kind === 'call') this.program.call(action, nanos(offset + (action.end ?? 0)));
        else if (action.kind === 'command') this.shell.run(action.text);
        else this.python.run(action, this.program.facts());
      });
    }
    bed.witness.held(event);
    bed.settle();
    this.previous = { time: time.kind === 'any' ? bed.now : from, isInbound };
  }
}

function refuseUnknownHeaders({ around, ip: marks }: PacketAction): void {
  const [outer] = around;
  if (outer) throw new Miss('unsupported', `the engine has no ${outer.kind === 'ip' ? 'IP in IP' : outer.kind.toUpperCase()}`);
  if (marks.flowLabel !== undefined) throw new Miss('unsupported', 'the engine sends no flow labels');
}
