import type { Result } from '../../wire/result.ts';
import type { Prediction, ScriptError } from '../report.ts';
import { positionIn } from '../sandbox/position.ts';
import type { Refusal, SegmentView, Target, TargetHost, TargetLink, TargetProcess } from '../targets/target.ts';
import { awaits, callText, failureText, resultText } from './call-text.ts';
import type { Output } from './output.ts';
import type { Parameters } from './parameters.ts';
import type { Pending } from './pending.ts';
import type { Predictions } from './predictions.ts';
import { requestText } from './request-text.ts';
import { type LabMessage, type LabReply, type LabRequest, labRequest } from './requests.ts';
import { callValue, forScript, given, inNanoseconds, inSeconds, nanoseconds, systemError } from './translate.ts';

export interface SessionOptions {
  readonly target: Target;
  readonly output: Output;
  readonly pending: Pending;
  readonly seed: number;
  readonly parameters: Parameters;
  readonly predictions: Predictions;
  /** Puts a question to the reader; undefined when none is there. */
  readonly onQuestion: ((prediction: Prediction) => Promise<string | undefined>) | undefined;
  readonly random: () => number;
  /** Asks the library while the script may be on the stack. */
  readonly askLibrary: (message: LabMessage) => Result<string, ScriptError>;
  /** Ends the script. */
  readonly end: (error: ScriptError) => void;
}

interface Rule {
  readonly number: number;
  /** Nanoseconds; undefined drops. */
  readonly hold: number | undefined;
}

const value = (answer: unknown): LabReply => ({ value: answer });

/** One script's laboratory: what it has built so far, and the answer to every request. */
export class LabSession {
  /** How many conditions the library wants looked at after everything that happens. */
  watching = 0;
  /** A check failed without which the rest makes no sense. */
  concluded = false;
  /** A question is open: the target stands still until this settles. */
  asking: Promise<void> | undefined;
  private readonly options: SessionOptions;
  private readonly hosts: TargetHost[] = [];
  private readonly processes: TargetProcess[] = [];
  private readonly links: TargetLink[] = [];
  private readonly rules = new Map<TargetLink, Rule[]>();
  private ruleNumbers = 0;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  /** The answer to one request of the library, which a script may have forged. */
  answer(text: string): string {
    const reply = this.replyTo(text);
    return JSON.stringify(reply);
  }

  private replyTo(text: string): LabReply {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      return refused('the laboratory was asked in a language it does not know');
    }
    const request = labRequest.safeParse(raw);
    if (request.success) return this.step(request.data);
    const issue = request.error.issues[0];
    return refused(`${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'not understood'}`);
  }

  /** What the script asks for from one of its lines is a step of the run. */
  private step(request: LabRequest): LabReply {
    const { target } = this.options;
    if (!target.step || !('stack' in request)) return this.serve(request);
    const fact =
      request.op === 'call'
        ? ({ kind: 'call', process: this.processes[request.process]?.name ?? '', text: callText(request.call) } as const)
        : ({ kind: 'script', text: requestText(request) } as const);
    return target.step({ line: positionIn(request.stack)?.line, fact }, () => this.serve(request));
  }

  private serve(request: LabRequest): LabReply {
    const { target, pending, output } = this.options;
    switch (request.op) {
      case 'host':
        if (this.hosts.length >= MOST_HOSTS) return refused(`a laboratory has room for ${MOST_HOSTS} hosts`);
        return numbered(target.host(request), this.hosts);
      case 'link':
        return this.withHost(request.a, (a) =>
          this.withHost(request.b, (b) => numbered(target.link(a, b, inNanoseconds(request.settings)), this.links)),
        );
      case 'set-link':
        return this.withLink(request.link, (link) => replied(link.set(inNanoseconds(request.settings))));
      case 'rule':
        return this.withLink(request.link, (link) => this.addRule(link, request.hold));
      case 'release':
        return this.withLink(request.link, (link) => {
          this.rules.delete(link);
          return replied(link.intercept(undefined));
        });
      case 'segments':
        return this.withLink(request.link, (link) => value(link.segments().map(forScript)));
      case 'datagrams':
        return this.withLink(request.link, (link) => value(link.datagrams().map(forScript)));
      case 'route':
        return this.withHost(request.host, (host) => replied(host.route(request.route)));
      case 'inject':
        return this.withLink(request.link, (link) => replied(link.inject(request.segment)));
      case 'replay':
        return this.withLink(request.link, (link) => replied(link.replay(request.number)));
      case 'process':
        if (this.processes.length >= MOST_PROCESSES) return refused(`a laboratory has room for ${MOST_PROCESSES} processes`);
        return this.withHost(request.host, (host) => numbered(host.process(request.name, given(request.credentials)), this.processes));
      case 'sysctl':
        return this.withHost(request.host, (host) =>
          replied(request.value === undefined ? host.sysctl(request.name) : host.setSysctl(request.name, request.value)),
        );
      case 'counters':
        return this.withHost(request.host, (host) => value(host.counters()));
      case 'connections':
        return this.withHost(request.host, (host) => value(host.connections()));
      case 'call':
        return this.call(request);
      case 'observe': {
        const view = this.processes[request.process]?.socket(request.fd);
        return view ? value(view[request.what]) : refused(`this process never had a descriptor ${request.fd}`);
      }
      case 'now':
        return value(inSeconds(target.now()));
      case 'sleep': {
        const at = positionIn(request.stack);
        const id = pending.begin({ what: `sleep(${request.seconds})`, since: target.now(), at, wokenByAll: false });
        target.after(nanoseconds(request.seconds), () => pending.settle(id, { value: null }));
        return { wait: id };
      }
      case 'alarm':
        target.after(nanoseconds(request.seconds), () => {});
        return value(null);
      case 'advance':
        if (target.kind === 'kernel') return refused(`advance: ${NO_ADVANCE}`);
        return this.next('the next event', request.stack);
      case 'next':
        return this.next(request.what, request.stack);
      case 'random':
        return value(this.options.random());
      case 'seed':
        return value(this.options.seed);
      case 'parameter': {
        const chosen = this.options.parameters.value(request.name, request.otherwise, request.variation);
        return chosen.ok ? value(chosen.value) : refused(chosen.error);
      }
      case 'decode':
        return value(Buffer.from(request.octets, 'latin1').toString('utf8'));
      case 'encode':
        return value(Buffer.from(request.text, 'utf8').toString('latin1'));
      case 'log':
        output.emit({ kind: 'log', time: target.now(), level: request.level, text: request.text, at: positionIn(request.stack) });
        return value(null);
      case 'predict':
        return this.predict(request);
      case 'turned-out': {
        const prediction = this.options.predictions.turnedOut(request.number, request.actual);
        if (!prediction) return refused(`there is no prediction ${request.number}`);
        output.emit({ kind: 'prediction', time: target.now(), prediction });
        return value(null);
      }
      case 'check':
        return this.check(request);
      case 'watching':
        this.watching = request.count;
        return value(null);
      case 'crash': {
        const message = `the program "${request.program}" failed: ${request.message.slice(0, 2000)}`;
        this.options.end({ kind: 'thrown', message, help: undefined, at: positionIn(request.stack) });
        return value(null);
      }
    }
  }

  private next(what: string, stack: string): LabReply {
    const { pending, target } = this.options;
    return { wait: pending.begin({ what: `waits for ${what}`, since: target.now(), at: positionIn(stack), wokenByAll: true }) };
  }

  private check({ ok: holds, hard, description, expected, actual, stack }: Extract<LabRequest, { op: 'check' }>): LabReply {
    const { output, target, end } = this.options;
    const at = positionIn(stack);
    output.emit({ kind: 'check', time: target.now(), check: { ok: holds, description, expected, actual, at } });
    if (hard && !holds) {
      this.concluded = true;
      end({ kind: 'stopped', message: `the script ended with its check "${description}"`, help: undefined, at });
    }
    return value(null);
  }

  private predict({ question, choices, stack }: Extract<LabRequest, { op: 'predict' }>): LabReply {
    const { predictions, pending, target, onQuestion } = this.options;
    const at = positionIn(stack);
    if (predictions.all.length >= MOST_PREDICTIONS) return refused(`a run asks at most ${MOST_PREDICTIONS} questions`);
    const prediction = predictions.ask(question, choices, at);
    const { number, answer } = prediction;
    if (answer !== undefined || !onQuestion) return value({ number, answer });
    const wait = pending.begin({ what: `predict(${JSON.stringify(question)})`, since: target.now(), at, wokenByAll: false });
    this.options.output.emit({ kind: 'question', time: target.now(), prediction });
    this.asking = onQuestion(prediction).then((said) => {
      predictions.answered(number, said);
      this.asking = undefined;
      pending.settle(wait, { value: { number, answer: said } });
    });
    return { wait };
  }

  private call({ process: id, call, stack }: Extract<LabRequest, { op: 'call' }>): LabReply {
    const { target, pending } = this.options;
    const process = this.processes[id];
    if (!process) return refused(`there is no process ${id}`);
    const at = positionIn(stack);
    const what = `${process.name}: ${callText(call)} waits for ${awaits(call)}`;
    const wait = pending.begin({ what, since: target.now(), at, wokenByAll: false });
    process.call(call, (result) => {
      const text = result.ok ? resultText(result.value) : failureText(result.error);
      this.options.output.emit({ kind: 'call', time: target.now(), process: process.name, call: callText(call), result: text, at });
      target.returned?.(process.name, `${callText(call)} = ${text}`, at?.line);
      pending.settle(wait, result.ok ? { value: callValue(result.value) } : { error: systemError(call.name, result.error) });
    });
    return { wait };
  }

  private addRule(link: TargetLink, hold: number | undefined): LabReply {
    const rules = this.rules.get(link) ?? [];
    rules.push({ number: this.ruleNumbers++, hold: hold === undefined ? undefined : nanoseconds(hold) });
    this.rules.set(link, rules);
    return replied(link.intercept((segment) => this.judge(rules, segment)));
  }

  /** The first rule that applies decides. A rule that throws ends the script with its own error. */
  private judge(rules: readonly Rule[], segment: SegmentView): 'pass' | 'drop' | number {
    const seen = forScript(segment);
    for (const { number, hold } of rules) {
      const applies = this.options.askLibrary({ kind: 'judge', rule: number, segment: seen });
      if (!applies.ok) {
        this.options.end(applies.error);
        return 'pass';
      }
      if (applies.value === 'true') return hold ?? 'drop';
    }
    return 'pass';
  }

  private withHost(id: number, run: (host: TargetHost) => LabReply): LabReply {
    const host = this.hosts[id];
    return host ? run(host) : refused(`there is no host ${id}`);
  }

  private withLink(id: number, run: (link: TargetLink) => LabReply): LabReply {
    const link = this.links[id];
    return link ? run(link) : refused(`there is no link ${id}`);
  }
}

const MOST_HOSTS = 256;
const MOST_PROCESSES = 4096;
const MOST_PREDICTIONS = 1000;

const NO_ADVANCE = 'time on the kernel is real; use sleep or until, or run this on the engine (--target engine)';

const refused = (message: string): LabReply => ({ error: { message } });
const replied = (result: Result<unknown, Refusal>): LabReply => (result.ok ? value(result.value) : refused(result.error.message));

function numbered<T>(made: Result<T, Refusal>, all: T[]): LabReply {
  return made.ok ? value(all.push(made.value) - 1) : refused(made.error.message);
}
