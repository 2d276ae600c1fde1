import { Engine } from '../../engine/engine.ts';
import type { Host, HostOptions } from '../../engine/host.ts';
import type { Cable } from '../../engine/network/cable.ts';
import type { Errno } from '../../engine/sockets/errno.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import { Calls } from '../../engine/testing/calls.ts';
import { Lab, type LabOptions } from '../../engine/testing/lab.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Result } from '../../wire/result.ts';
import { ms } from '../../wire/units.ts';
import { Analysis } from '../analysis.ts';
import type { Finding, FindingKind } from '../diagnosis/finding.ts';

const NOTHING = (): void => {};

/** Two hosts on a cable whose traffic is analysed as it goes: what the engine does is the truth, the findings are judged by it. */
export class DiagnosedLab extends Lab {
  readonly analysis = new Analysis();

  /** `tap`: where the capture is made; in the middle, it sees what leaves both ends. */
  constructor(options: LabOptions & { readonly tap?: 'client' | 'server' } = {}) {
    super(options);
    const at: Host | undefined = options.tap === 'client' ? this.client : options.tap === 'server' ? this.server : undefined;
    this.engine.tap(this.cable, (batch) => this.analysis.add(batch), at ? { at } : {});
  }

  /** What is said of a connection, the first unless told, once all so far has been captured. */
  findings(id = 0): Finding[] {
    this.engine.flushTaps();
    const now = this.engine.now;
    this.analysis.advance(Math.floor(now / 1e9), now % 1e9);
    return this.analysis.findings(id);
  }

  /** The findings of a kind. */
  of(kind: FindingKind, id = 0): Finding[] {
    return this.findings(id).filter((finding) => finding.kind === kind);
  }

  /** Kinds of at least this weight, each once, with the reason where there is one. */
  grave(id = 0): string[] {
    const words = this.findings(id).flatMap(({ kind, reason, severity }) =>
      severity === 'note' ? [] : [reason ? `${kind} ${reason}` : kind],
    );
    return [...new Set(words)];
  }

  /** Sends without waiting for the outcome. */
  send(program: Process, fd: number, octets: number): void {
    program.send(fd, new Uint8Array(octets), ['MSG_NOSIGNAL'], NOTHING);
  }

  /** Reads for ever, as fast as it comes. */
  drain(program: Process, fd: number): void {
    program.recv(fd, 1 << 20, [], (got) => {
      if (got.ok && got.value.length > 0) this.drain(program, fd);
    });
  }

  set(program: Process, fd: number, name: Parameters<Process['setsockopt']>[1], value: Parameters<Process['setsockopt']>[2]): void {
    program.setsockopt(fd, name, value, NOTHING);
  }

  close(program: Process, fd: number): void {
    program.close(fd, NOTHING);
  }
}

/** A transfer of 20 kB from the client, as captured there. */
export function recordedTransfer(): FrameBatch[] {
  const batches: FrameBatch[] = [];
  const lab = new DiagnosedLab({ tap: 'client' });
  lab.engine.tap(lab.cable, (batch) => batches.push(batch), { at: lab.client });
  const { c, s } = lab.connected();
  lab.drain(lab.b, s);
  lab.send(lab.a, c, 20_000);
  lab.run(1000);
  lab.engine.flushTaps();
  return batches;
}

/** Client - router - server, captured at the client; the far cable is what may be narrow, or missing. */
export class RoutedLab {
  readonly engine = new Engine({ seed: 3 });
  readonly analysis = new Analysis();
  readonly near: Cable;
  readonly far: Cable;
  readonly client: Process;
  readonly server: Process;

  constructor(serverAddress = '10.2.0.1', clientSysctls: HostOptions['sysctls'] = {}) {
    const client = this.engine.host({
      name: 'client',
      addresses: ['10.1.0.1/24'],
      routes: [{ to: 'default', via: '10.1.0.254' }],
      sysctls: clientSysctls,
    });
    const router = this.engine.host({
      name: 'router',
      addresses: ['10.1.0.254/24', '10.2.0.254/24'],
      sysctls: { 'net.ipv4.ip_forward': 1 },
    });
    const server = this.engine.host({
      name: 'server',
      addresses: [`${serverAddress}/24`],
      routes: [{ to: 'default', via: '10.2.0.254' }],
    });
    this.near = this.engine.cable(client, router, { delay: ms(1) });
    this.far = this.engine.cable(router, server, { delay: ms(4) });
    this.client = client.process('client-program');
    this.server = server.process('server-program');
    this.engine.tap(this.near, (batch) => this.analysis.add(batch), { at: client });
  }

  value<T>(make: (done: (result: Result<T, Errno>) => void) => void): T {
    return new Calls(this.engine).value(make);
  }

  run(milliseconds: number): void {
    this.engine.runFor(ms(milliseconds));
  }

  of(kind: FindingKind): Finding[] {
    this.engine.flushTaps();
    const now = this.engine.now;
    this.analysis.advance(Math.floor(now / 1e9), now % 1e9);
    return this.analysis.findings(0).filter((finding) => finding.kind === kind);
  }

  /** A connection over the router: descriptors of the client and of the server. */
  connected(): { c: number; s: number } {
    const { client, server } = this;
    const l = this.value<number>((done) => server.socket('AF_INET', 'SOCK_STREAM', done));
    this.value<void>((done) => server.bind(l, { address: '10.2.0.1', port: 9502 }, done));
    this.value<void>((done) => server.listen(l, 5, done));
    const c = this.value<number>((done) => client.socket('AF_INET', 'SOCK_STREAM', done));
    this.value<void>((done) => client.connect(c, { address: '10.2.0.1', port: 9502 }, done));
    const { fd } = this.value<{ fd: number }>((done) => server.accept(l, done));
    return { c, s: fd };
  }
}
