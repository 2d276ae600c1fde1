import { Tap } from '../../engine/network/tap.ts';
import type { Output } from '../lab/output.ts';
import type { Check } from '../report.ts';
import type { RunObserver } from '../run.ts';
import { SegmentViews } from '../targets/engine/segment-views.ts';
import type { Outcome } from './call.ts';
import type { CallAction, Place } from './script.ts';
import type { TestBed } from './test-bed.ts';
import type { Miss } from './verdict.ts';
import type { Witness } from './witness.ts';

const PROGRAM = 'script';
const LONGEST_TEXT = 200;
const STEPS_PER_LOOK = 256;
/** Calls after which what the program wrote belongs to their line. */
const WRITES = new Set(['write', 'writev', 'send', 'sendto', 'sendmsg', 'shutdown', 'close']);

/** Tells of a script's run what a window shows: its packets, calls and checks, and which line is behind each. */
export class Teller {
  private readonly lines: readonly string[];
  private readonly bed: TestBed;
  private readonly observer: RunObserver;
  private readonly output: Output;
  private readonly tap: Tap;
  private readonly views: SegmentViews;

  constructor(source: string, bed: TestBed, observer: RunObserver, output: Output) {
    this.lines = source.split('\n');
    this.bed = bed;
    this.observer = observer;
    this.output = output;
    const { recorder } = observer;
    recorder?.begin(bed.engine);
    this.views = new SegmentViews(bed.engine);
    this.tap = new Tap((batch) => {
      recorder?.handedOver(0, batch.count);
      observer.onFrames(batch);
    });
  }

  /** Hands over the packets so far. */
  flush(): void {
    this.tap.flush();
  }

  /** The line and the engine part here. */
  missed({ line, column }: Place, { message, expected = '', actual = '' }: Miss): void {
    this.check({ ok: false, description: message, expected, actual, at: { line, column } });
  }

  /** `stop` is asked now and then whether to go on, and throws if not. */
  witness(stop: () => void): Witness {
    const { observer, bed } = this;
    const { recorder } = observer;
    let steps = 0;
    return {
      steps: () => {
        recorder?.beginEvent();
        if (++steps % STEPS_PER_LOOK === 0) stop();
      },
      acts: (event, act) => {
        if (!recorder) return act();
        const { line, action } = event;
        const text = this.text(event);
        const fact = action.kind === 'call' ? ({ kind: 'call', process: PROGRAM, text } as const) : ({ kind: 'script', text } as const);
        recorder.request({ line, fact }, act);
      },
      held: (event) => {
        const { action, line, column } = event;
        const text = this.text(event);
        const isExpectation = action.kind === 'code' || (action.kind === 'packet' && action.direction === 'out');
        if (isExpectation) this.check({ ok: true, description: text, expected: text, actual: text, at: { line, column } });
      },
      carries: (packet, direction) => {
        recorder?.onLink(0, packet);
        const [from, to] = direction === 'in' ? [PROGRAM, bed.host.name] : [bed.host.name, PROGRAM];
        if (recorder && packet.segment) recorder.segment(this.views.of(packet, from!, to!), packet);
        this.tap.record(packet, bed.now);
      },
      calls: ({ name }, tcb) => {
        if (WRITES.has(name)) recorder?.writes(tcb);
      },
      returned: (call, outcome) => this.returned(call, outcome),
    };
  }

  private returned(call: CallAction, { result, errno }: Outcome): void {
    const { line, column } = call;
    const [text = call.name] = this.text(call).split(/\s=\s/, 1);
    const came = errno === undefined ? `${result}` : `${result} ${errno}`;
    this.output.emit({ kind: 'call', time: this.bed.now, process: PROGRAM, call: text, result: came, at: { line, column } });
    this.observer.recorder?.returned(PROGRAM, `${text} = ${came}`, line);
  }

  private check(check: Check): void {
    this.output.emit({ kind: 'check', time: this.bed.now, check });
  }

  /** What stands there, up to the end of the line and without a comment. */
  private text({ line, column }: Place): string {
    const text = this.lines[line - 1] ?? '';
    return text
      .slice(column - 1)
      .replace(/\s*\/\/.*$/, '')
      .trim()
      .slice(0, LONGEST_TEXT);
  }
}
