import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { err, ok, type Result } from '../wire/result.ts';
import type { CaptureError } from './capture-error.ts';
import { CaptureReader } from './capture-reader.ts';
import type { CaptureBackend, CaptureCounters, CaptureHandle, CaptureSink, OpenOptions } from './capture-source.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { CaptureInterface, CaptureStatistics } from './record-parser.ts';

/** A program that writes pcapng to standard output and ends when its standard input does. */
export interface CaptureProgram {
  readonly backend: CaptureBackend;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** It captures on another machine, whose interfaces are not ours. */
  readonly isRemote?: boolean;
  /** What its exit says, read from standard error. */
  readonly explain: (stderr: string) => CaptureError | undefined;
  readonly drops?: (statistics: CaptureStatistics) => Pick<CaptureCounters, 'droppedByKernel' | 'droppedByInterface'>;
}

/** How long a program may take to begin, to end when its input ended, and to end on SIGTERM. */
const BEGIN_MS = 10_000;
const END_MS = 1_500;
const TERM_MS = 1_500;

const STDERR_KEPT = 65_536;
const MIB = 1 << 20;

type Opened = Result<CaptureHandle, CaptureError>;

/** Starts the program and reads what it captures. */
export function openChild(program: CaptureProgram, options: OpenOptions, sink: CaptureSink): Promise<Opened> {
  return new Promise((resolve) => new ChildCapture(program, options, sink, resolve));
}

class ChildCapture {
  readonly #program: CaptureProgram;
  readonly #interfaceName: string;
  readonly #sink: CaptureSink;
  readonly #resolve: (opened: Opened) => void;
  readonly #child: ChildProcess;
  readonly #queue: DeliveryQueue;
  readonly #reader: CaptureReader;
  readonly #ended: Promise<void>;
  readonly #timers: NodeJS.Timeout[] = [];
  #opened = false;
  #closing = false;
  /** The program has ended: there is nothing left to stop. */
  #over = false;
  #received = 0;
  #drops: Pick<CaptureCounters, 'droppedByKernel' | 'droppedByInterface'> = {};
  #stderr = '';
  /** What we found wrong ourselves, before the program had anything to say. */
  #error: CaptureError | undefined;

  constructor(program: CaptureProgram, options: OpenOptions, sink: CaptureSink, resolve: (opened: Opened) => void) {
    this.#program = program;
    this.#interfaceName = options.interface;
    this.#sink = sink;
    this.#resolve = resolve;
    this.#queue = new DeliveryQueue(
      (batch) => sink.onBatch(batch),
      (options.queueMiB ?? 64) * MIB,
      (cause) => this.#abandon({ kind: 'internal', message: `The consumer of the capture failed: ${String(cause)}` }),
    );
    this.#reader = new CaptureReader({
      live: true,
      onInterface: (found) => this.#begun(found),
      onStatistics: (found) => {
        this.#drops = program.drops?.(found) ?? this.#drops;
      },
      onBatch: (batch) => {
        this.#received += batch.count;
        this.#queue.offer(batch);
      },
    });
    this.#child = spawn(program.file, program.args, { stdio: ['pipe', 'pipe', 'pipe'], env: program.env ?? process.env });
    this.#child.stdin!.on('error', () => {}); // it ended before we closed its input: its exit tells why
    this.#child.stdout!.on('data', (chunk: Uint8Array) => this.#push(chunk));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    this.#ended = new Promise((done) => {
      this.#child.on('error', (cause) => {
        this.#error ??= { kind: 'no-backend', message: `Cannot start ${program.file}: ${cause.message}.` };
        if (this.#child.pid === undefined) done(this.#end(null, null));
      });
      this.#child.on('close', (status, signal) => done(this.#end(status, signal)));
    });
    this.#after(BEGIN_MS, () => {
      if (!this.#opened)
        this.#abandon({ kind: 'internal', message: `${program.file} did not begin to capture within ${BEGIN_MS / 1000} s.` });
    });
  }

  #push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    if (this.#reader.stopped) this.#abandon({ kind: 'internal', message: `${this.#program.file} wrote what is not pcapng.` });
  }

  #begun(found: CaptureInterface): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#resolve(
      ok({
        backend: this.#program.backend,
        interface: found,
        pid: this.#child.pid!,
        counters: () => ({ received: this.#received, ...this.#drops, droppedByQueue: this.#queue.dropped }),
        close: () => this.#close(),
      }),
    );
  }

  async #close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#stop();
    }
    await this.#ended;
  }

  #abandon(error: CaptureError): void {
    if (this.#error) return;
    this.#error = error;
    this.#stop();
  }

  /** Asks kindly, then less so. Only our own child is ever signalled, and only while it is ours. */
  #stop(): void {
    this.#child.stdin!.end();
    this.#after(END_MS, () => this.#child.kill('SIGTERM'));
    this.#after(END_MS + TERM_MS, () => this.#child.kill('SIGKILL'));
  }

  #after(ms: number, act: () => void): void {
    if (!this.#over) this.#timers.push(setTimeout(act, ms));
  }

  async #end(status: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.#over = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#child.stdin!.destroy();
    this.#reader.finish();
    await this.#queue.drained();
    const error = this.#error ?? this.#explain(status, signal);
    if (!this.#opened) this.#resolve(err(error));
    else this.#sink.onEnd(this.#closing && !this.#error ? { kind: 'closed' } : { kind: 'error', error });
  }

  #explain(status: number | null, signal: NodeJS.Signals | null): CaptureError {
    const said = this.#program.explain(this.#stderr);
    if (said) return said;
    if (this.#opened && !this.#program.isRemote && interfaceIsGone(this.#interfaceName))
      return { kind: 'interface-lost', message: `Interface "${this.#interfaceName}" disappeared while capturing.` };
    const program = `The capturing program (${this.#program.backend}, process ${this.#child.pid})`;
    const by = signal ?? signalOfShell(status);
    if (by)
      return {
        kind: 'killed',
        message: `${program} was ended by ${by}.`,
        help: 'What was captured until then is kept. Start again to go on.',
      };
    const last = this.#stderr.trim().split('\n').at(-1);
    return { kind: 'internal', message: `${program} ended with status ${status}${last ? `: ${last}` : ''}.` };
  }
}

/** A shell reports a child that was killed as 128 and the signal's number. */
function signalOfShell(status: number | null): string | undefined {
  return status !== null && status > 128 && status < 192 ? `signal ${status - 128}` : undefined;
}

/** Linux lists its interfaces here; elsewhere we cannot tell, and say nothing. */
function interfaceIsGone(name: string): boolean {
  const all = '/sys/class/net';
  return name !== 'any' && !name.includes('/') && existsSync(all) && !existsSync(`${all}/${name}`);
}
