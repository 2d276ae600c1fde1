import type { Result } from '../../wire/result.ts';
import { Flag } from '../../wire/segment.ts';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import type { Host } from '../host.ts';
import type { Cable, CableSettings } from '../network/cable.ts';
import type { ProbeEvent } from '../probes.ts';
import type { Errno } from '../sockets/errno.ts';
import type { Process } from '../sockets/processes.ts';
import type { SysctlSettings } from '../sysctls.ts';
import { describeSegment } from './notation.ts';

export interface LabOptions {
  readonly seed?: number;
  readonly cable?: Partial<CableSettings>;
  readonly clientSysctls?: SysctlSettings;
  readonly serverSysctls?: SysctlSettings;
  /** Both hosts leave it to the cable to cut segments. */
  readonly gso?: boolean;
}

/** A call's outcome: set once it completes. */
export interface Outcome<T> {
  result: Result<T, Errno> | undefined;
  /** When it completed, in milliseconds of virtual time. */
  at: number | undefined;
}

/** Text of one octet a letter. */
export const text = (octets: Uint8Array): string => String.fromCharCode(...octets);
export const octets = (words: string): Uint8Array => Uint8Array.from(words, (letter) => letter.charCodeAt(0));

/** Two hosts, a client's and a server's program, and a note of everything that happens. */
export class Lab {
  readonly engine: Engine;
  readonly client: Host;
  readonly server: Host;
  readonly cable: Cable;
  readonly a: Process;
  readonly b: Process;
  readonly events: ProbeEvent[] = [];
  /** Initial sequence number by source port. */
  private readonly starts = new Map<number, number>();

  constructor(options: LabOptions = {}) {
    const { gso = false } = options;
    this.engine = new Engine({ seed: options.seed ?? 1 });
    this.client = this.engine.host({ name: 'client', addresses: ['10.0.0.1/24'], sysctls: options.clientSysctls ?? {}, gso });
    this.server = this.engine.host({ name: 'server', addresses: ['10.0.0.2/24'], sysctls: options.serverSysctls ?? {}, gso });
    this.cable = this.engine.cable(this.client, this.server, { delay: ms(5), ...options.cable });
    this.a = this.client.process('client-program');
    this.b = this.server.process('server-program');
    this.engine.probes.on('*', (event) => this.events.push(event));
    this.engine.probes.on('segment-sent', ({ segment }) => {
      if (segment.flags & Flag.SYN) this.starts.set(segment.srcPort, segment.seq);
    });
  }

  /** Makes a call and notes how and when it ends. */
  call<T>(make: (done: (result: Result<T, Errno>) => void) => void): Outcome<T> {
    const outcome: Outcome<T> = { result: undefined, at: undefined };
    make((result) => {
      outcome.result = result;
      outcome.at = this.engine.now / 1e6;
    });
    return outcome;
  }

  /** Makes a call, runs until it ends, gives its value; fails when it fails or never ends. */
  value<T>(make: (done: (result: Result<T, Errno>) => void) => void): T {
    const outcome = this.call(make);
    while (!outcome.result && this.engine.step());
    if (!outcome.result) throw new Error('the call never ended');
    if (!outcome.result.ok) throw new Error(`the call failed: ${outcome.result.error.errno} ${outcome.result.error.because ?? ''}`);
    return outcome.result.value;
  }

  errno(outcome: Outcome<unknown>): string {
    if (!outcome.result) return 'not ended';
    return outcome.result.ok ? 'ok' : outcome.result.error.errno;
  }

  socket(program: Process): number {
    return this.value<number>((done) => program.socket('AF_INET', 'SOCK_STREAM', done));
  }

  /** A server program that listens on port 9502. */
  listening(backlog = 16): number {
    const fd = this.socket(this.b);
    this.value<void>((done) => this.b.bind(fd, { address: '10.0.0.2', port: 9502 }, done));
    this.value<void>((done) => this.b.listen(fd, backlog, done));
    return fd;
  }

  connecting(): { fd: number; outcome: Outcome<void> } {
    const fd = this.socket(this.a);
    return { fd, outcome: this.call<void>((done) => this.a.connect(fd, { address: '10.0.0.2', port: 9502 }, done)) };
  }

  /** A connection both programs hold: the descriptors at either side. */
  connected(): { c: number; s: number; l: number } {
    const l = this.listening();
    const { fd: c } = this.connecting();
    const { fd: s } = this.value<{ fd: number }>((done) => this.b.accept(l, done));
    this.engine.runFor(ms(50));
    return { c, s, l };
  }

  /** Lets everything happen within so many milliseconds. */
  run(milliseconds: number): void {
    this.engine.runFor(ms(milliseconds));
  }

  /** Runs until nothing happens any more; more events than any test needs are a hang. */
  settle(): void {
    if (this.engine.runUntilIdle(60_000) === 60_000) throw new Error('the engine does not come to rest');
  }

  /** "client CLOSED > SYN-SENT", in order, of one host or both. */
  states(host?: 'client' | 'server'): string[] {
    return this.events.flatMap((e) =>
      e.kind === 'state' && (!host || e.host === host) ? [`${e.host} ${e.from} > ${e.to} (${e.trigger})`] : [],
    );
  }

  /** Forgets what happened so far. */
  forget(): void {
    this.events.length = 0;
  }

  /** Segments as they left, in tcpdump's manner with relative numbers: "client S", "server S. ack 1". */
  sent(host?: 'client' | 'server'): string[] {
    return this.events.flatMap((e) =>
      e.kind === 'segment-sent' && (!host || e.host === host) ? [`${e.host} ${describeSegment(e.segment, this.starts)}`] : [],
    );
  }

  /** When and what one host sent. */
  sentAt(host: 'client' | 'server'): { at: number; flags: number; octets: number }[] {
    return this.events.flatMap((e) =>
      e.kind === 'segment-sent' && e.host === host ? [{ at: e.at / 1e6, flags: e.segment.flags, octets: e.segment.payload.length }] : [],
    );
  }

  drops(): string[] {
    return this.events.flatMap((e) => (e.kind === 'drop' ? [`${e.host} ${e.reason}`] : []));
  }

  state(host: Host, localPort?: number): string {
    for (const one of host.connections) if (localPort === undefined || one.localPort === localPort) return one.state;
    return 'CLOSED';
  }

  /** Nothing is left: no connection, no TIME-WAIT. */
  isEmpty(): boolean {
    return this.client.connections.count === 0 && this.server.connections.count === 0;
  }
}
