import type { QuickJSHandle, VmCallResult } from 'quickjs-emscripten';
import { err, ok, type Result } from '../../wire/result.ts';
import type { ScriptError, ScriptPosition } from '../report.ts';
import { type Interpreter, newInterpreter } from './interpreter.ts';
import type { SandboxLimits } from './limits.ts';
import { placeText, positionIn, SCRIPT } from './position.ts';
import { stripTypes } from './strip-types.ts';

/** Modules of ours that run inside the sandbox before the script: TypeScript by file name. */
export interface GuestLibrary {
  /** The module whose export `install(host)` sets up the globals and gives the function that takes our messages. */
  readonly entry: string;
  readonly modules: { readonly [name: string]: string };
}

export interface SandboxOptions {
  readonly limits: SandboxLimits;
  /** Looked at while the script runs, so it may be set from another thread; an AbortSignal fits. */
  readonly stop: { readonly aborted: boolean };
  /** Milliseconds that only grow. */
  readonly wallClock: () => number;
  readonly library: GuestLibrary;
  /** The one function of the host that a script can reach, through the library: text in, text out. */
  readonly host: (request: string) => string;
}

/** Where the script stands after everything that could run has run. */
export type Turn =
  | { readonly state: 'waiting' }
  | { readonly state: 'finished' }
  | { readonly state: 'failed'; readonly error: ScriptError };

const JOBS_PER_BATCH = 256;
const LONGEST_REQUEST = 16 * 1024 * 1024;
/** Polls granted for describing what ended a script that has used up its own. */
const POLLS_TO_DESCRIBE = 50;

/**
 * One script in one interpreter. Every method returns; none throws for anything the script does. Nothing has to be freed:
 * the interpreter's memory goes as a whole with the sandbox, in whatever state a script has left it.
 */
export class Sandbox {
  private readonly options: SandboxOptions;
  private readonly interpreter: Interpreter;
  private deliver: QuickJSHandle | undefined;
  private main: QuickJSHandle | undefined;
  private ending: ScriptError | undefined;
  /** A defect of ours, found while the script was on the stack; thrown as soon as it is not. */
  private defect: { readonly thrown: unknown } | undefined;
  private polls = 0;
  /** How many times the script's code is on the stack: it may ask us, and we it, in turns. */
  private depth = 0;
  private describing = false;
  private turnStarted = 0;
  private readonly runStarted: number;

  static async create(options: SandboxOptions): Promise<Sandbox> {
    return new Sandbox(options, await newInterpreter(options.limits.memory, options.limits.stack));
  }

  private constructor(options: SandboxOptions, interpreter: Interpreter) {
    this.options = options;
    this.interpreter = interpreter;
    this.runStarted = this.turnStarted = options.wallClock();
    interpreter.runtime.setInterruptHandler(() => this.mustEnd());
    this.installLibrary();
  }

  /** Loads the script and runs it up to its first wait. */
  start(source: string): Turn {
    if (source.length > this.options.limits.source) {
      const message = `the script has ${source.length} characters; the limit is ${this.options.limits.source}`;
      return { state: 'failed', error: { kind: 'unusable', message, help: undefined, at: undefined } };
    }
    const stripped = stripTypes(source);
    if (!stripped.ok) return { state: 'failed', error: stripped.error };
    this.beginTurn();
    const main = this.guarded((context) => context.evalCode(stripped.value, SCRIPT, { type: 'module' }));
    if (!main.ok) return { state: 'failed', error: main.error };
    this.main = main.value;
    return this.drain();
  }

  /** Gives the script a message (an answer it waited for) and runs it up to its next wait. */
  resume(message: string): Turn {
    const given = this.ask(message);
    return given.ok ? this.drain() : { state: 'failed', error: given.error };
  }

  /** Gives the library a message and takes its answer at once; may be called while the script itself is on the stack. */
  ask(message: string): Result<string, ScriptError> {
    const { context } = this.interpreter;
    if (this.depth === 0) this.beginTurn();
    const answer = this.guarded(() => {
      const text = context.newString(message);
      const result = context.callFunction(this.deliver!, context.undefined, text);
      text.dispose();
      return result;
    });
    if (!answer.ok) return answer;
    const text = answer.value.consume((handle) => this.textOf(handle));
    return ok(text ?? '');
  }

  /** Ends the script at its next branch or call, uncatchably. The first reason stands. */
  end(error: ScriptError): void {
    this.ending ??= error;
  }

  /** Why the script has to end, when somebody has ended it or its time is up. */
  ended(): ScriptError | undefined {
    this.lookOutside();
    return this.ending ? this.finalError(undefined) : undefined;
  }

  private installLibrary(): void {
    const { context, runtime } = this.interpreter;
    const { library } = this.options;
    const compiled = compile(library);
    runtime.setModuleLoader(
      (name) => compiled.get(name) ?? { error: new Error(`no module ${name}`) },
      (_base, requested) => requested.replace(/^\.\//, ''),
    );
    const host = context.newFunction('host', (request) => this.serve(request));
    const exports = context.unwrapResult(context.evalCode(compiled.get(library.entry)!, library.entry, { type: 'module' }));
    const install = context.getProp(exports, 'install');
    this.deliver = context.unwrapResult(context.callFunction(install, context.undefined, host));
    for (const handle of [host, exports, install]) handle.dispose();
    // From here on nothing can be imported, not even the library's own modules by name.
    const refusal = () => ({ error: new Error('a script imports nothing: what it needs is there as lab and the globals') });
    runtime.setModuleLoader(refusal, refusal);
  }

  private serve(request: QuickJSHandle): QuickJSHandle {
    const { context } = this.interpreter;
    const text = this.ending ? undefined : this.textOf(request);
    if (text === undefined) return context.undefined;
    try {
      return context.newString(this.options.host(text));
    } catch (thrown) {
      this.defect ??= { thrown };
      this.end({ kind: 'unusable', message: 'the laboratory failed', help: undefined, at: undefined });
      return context.undefined;
    }
  }

  private textOf(handle: QuickJSHandle): string | undefined {
    const { context } = this.interpreter;
    if (context.typeof(handle) !== 'string') return undefined;
    const length = context.getProp(handle, 'length').consume((n) => context.getNumber(n));
    return length > LONGEST_REQUEST ? undefined : context.getString(handle);
  }

  private beginTurn(): void {
    this.polls = 0;
    this.turnStarted = this.options.wallClock();
  }

  /** Runs promise reactions until none is left. */
  private drain(): Turn {
    const { runtime, context } = this.interpreter;
    for (let jobs = 0; ; jobs += JOBS_PER_BATCH) {
      const ended = this.ended();
      if (ended) return { state: 'failed', error: ended };
      if (jobs > this.options.limits.jobsPerTurn) {
        this.end({ ...CPU_LIMIT, message: `the script keeps making promises without waiting for the laboratory (${jobs} reactions)` });
        continue;
      }
      const ran = this.guarded(() => {
        const result = runtime.executePendingJobs(JOBS_PER_BATCH);
        return result.error ? { error: result.error } : { value: context.newNumber(result.value) };
      });
      if (!ran.ok) return { state: 'failed', error: ran.error };
      const count = ran.value.consume((n) => context.getNumber(n));
      if (count < JOBS_PER_BATCH) break;
    }
    return this.standing();
  }

  private standing(): Turn {
    const { context } = this.interpreter;
    const ended = this.ended();
    if (ended) return { state: 'failed', error: ended };
    const state = context.getPromiseState(this.main!);
    switch (state.type) {
      case 'pending':
        return { state: 'waiting' };
      case 'rejected':
        return { state: 'failed', error: this.describe(state.error) };
      case 'fulfilled':
        if (!state.notAPromise) state.value.dispose();
        return { state: 'finished' };
    }
  }

  /** Runs code of the script. Whatever it throws, and whatever the interpreter itself throws, comes back as a value. */
  private guarded(run: (context: Interpreter['context']) => VmCallResult<QuickJSHandle>): Result<QuickJSHandle, ScriptError> {
    let result: VmCallResult<QuickJSHandle>;
    this.depth++;
    try {
      result = run(this.interpreter.context);
    } catch (thrown) {
      if (this.defect) throw this.defect.thrown;
      return err(brokenInterpreter(thrown));
    } finally {
      this.depth--;
    }
    if (this.defect) throw this.defect.thrown;
    return 'error' in result && result.error ? err(this.describe(result.error)) : ok((result as { value: QuickJSHandle }).value);
  }

  private describe(thrown: QuickJSHandle): ScriptError {
    const { context, describe } = this.interpreter;
    let text: string | undefined;
    this.describing = true;
    this.polls = 0;
    try {
      const result = context.callFunction(describe, context.undefined, thrown);
      if (result.error) result.error.dispose();
      else text = result.value.consume((handle) => this.textOf(handle));
    } catch {}
    this.describing = false;
    if (thrown.alive) thrown.dispose();
    const known = text === undefined ? undefined : (JSON.parse(text) as Thrown);
    if (this.ending) return this.finalError(known ? positionIn(known.stack) : undefined);
    return known ? asScriptError(known) : UNREADABLE;
  }

  private finalError(at: ScriptPosition | undefined): ScriptError {
    const error = this.ending!;
    const place = error.at ?? at;
    // A branch has no position of its own, so the interpreter names the last call or operator before it.
    return error.kind === 'cpu-limit' && place
      ? { ...error, message: `${error.message}, at or after line ${place.line}`, at: place }
      : { ...error, at: place };
  }

  /** The interpreter's poll, from inside the script. */
  private mustEnd(): boolean {
    if (this.describing) return ++this.polls > POLLS_TO_DESCRIBE;
    const { limits, wallClock } = this.options;
    if (++this.polls > limits.pollsPerTurn || wallClock() - this.turnStarted > limits.millisecondsPerTurn) this.end(CPU_LIMIT);
    this.lookOutside();
    return this.ending !== undefined;
  }

  private lookOutside(): void {
    const { limits, stop, wallClock } = this.options;
    if (stop.aborted) this.end({ kind: 'stopped', message: 'the run was stopped', help: undefined, at: undefined });
    else if (wallClock() - this.runStarted > limits.millisecondsPerRun) {
      this.end({ ...CPU_LIMIT, message: `the run took longer than ${limits.millisecondsPerRun / 1000} s` });
    }
  }
}

interface Thrown {
  readonly isObject: boolean;
  readonly text: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

const CPU_LIMIT: ScriptError = {
  kind: 'cpu-limit',
  message: 'the script computes without end',
  help: 'A loop must await something of the laboratory (a socket call, sleep) or come to an end.',
  at: undefined,
};

const MEMORY_LIMIT: ScriptError = {
  kind: 'memory-limit',
  message: 'the script needs more memory than it may have',
  help: 'Look for an array or a string that grows without bound.',
  at: undefined,
};

const STACK_OVERFLOW: ScriptError = {
  kind: 'thrown',
  message: 'calls nest too deep (stack overflow)',
  help: 'Look for a function that calls itself without end.',
  at: undefined,
};

/** A getter that never returns, or no memory left to read with. */
const UNREADABLE: ScriptError = {
  kind: 'thrown',
  message: 'the script threw something that cannot be read',
  help: 'Throw an Error; and look for values that grow without bound.',
  at: undefined,
};

const LONGEST_MESSAGE = 2000;

function asScriptError({ isObject, text, name, message, stack }: Thrown): ScriptError {
  const at = positionIn(stack);
  if (!isObject) return { kind: 'thrown', message: `the script threw ${text.slice(0, LONGEST_MESSAGE)}`, help: undefined, at };
  if (name === 'InternalError' && /out of memory|string too long/.test(message)) return { ...MEMORY_LIMIT, at };
  if (name === 'InternalError' && message === 'stack overflow') return { ...STACK_OVERFLOW, at };
  const said = [name, message].filter((part) => part !== '').join(': ');
  const kind = name === 'SyntaxError' && stack.startsWith(`    at ${SCRIPT}:`) ? 'syntax' : 'thrown';
  return { kind, message: (said || 'the script threw an object that says nothing').slice(0, LONGEST_MESSAGE), help: undefined, at };
}

/** The interpreter itself gave up: its stack or its memory is exhausted. Nothing of it can be used again. */
function brokenInterpreter(thrown: unknown): ScriptError {
  if (thrown instanceof RangeError) return STACK_OVERFLOW;
  return { ...MEMORY_LIMIT, message: `${MEMORY_LIMIT.message} (${thrown instanceof Error ? thrown.message : String(thrown)})` };
}

const compiledLibraries = new WeakMap<GuestLibrary, ReadonlyMap<string, string>>();

/** The library's modules as JavaScript; worked out once, whatever scripts do to the parser afterwards. */
function compile(library: GuestLibrary): ReadonlyMap<string, string> {
  const known = compiledLibraries.get(library);
  if (known) return known;
  const compiled = new Map(Object.entries(library.modules).map(([name, source]) => [name, javascript(name, source)]));
  compiledLibraries.set(library, compiled);
  return compiled;
}

function javascript(name: string, source: string): string {
  const stripped = stripTypes(source);
  if (stripped.ok) return stripped.value;
  throw new Error(`${name}: ${stripped.error.message}${placeText(stripped.error.at)}`);
}
