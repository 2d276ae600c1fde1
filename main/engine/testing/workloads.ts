import type { Result } from '../../wire/result.ts';
import { ms, type Nanos, seconds } from '../../wire/units.ts';
import { Clock, Timer } from '../clock.ts';
import { Engine } from '../engine.ts';
import type { Host } from '../host.ts';
import type { CableSettings } from '../network/cable.ts';
import { echoServer } from '../programs/echo-server.ts';
import { Random } from '../random.ts';
import type { Errno } from '../sockets/errno.ts';
import type { Process } from '../sockets/processes.ts';

/**
 * What the benchmarks do: two hosts on a cable of MTU 1500 in virtual time, nobody listening to the probes. Unless the
 * cable serialises, no octets are made of the segments and so no checksums: what is sent is copied once and then handed over.
 */
export interface Pair {
  readonly engine: Engine;
  readonly a: Host;
  readonly b: Host;
  readonly client: Process;
  readonly server: Process;
}

const ADDRESS = '10.0.0.2';
const NOTHING = (): void => {};

export function pair(settings: Partial<CableSettings> = {}, gso = false, seed = 1): Pair {
  const engine = new Engine({ seed });
  const a = engine.host({ name: 'a', addresses: ['10.0.0.1/24'], gso });
  const b = engine.host({ name: 'b', addresses: [`${ADDRESS}/24`], gso });
  engine.cable(a, b, { delay: ms(0.01), ...settings });
  return { engine, a, b, client: a.process('client'), server: b.process('server') };
}

function must<T>(engine: Engine, call: (done: (result: Result<T, Errno>) => void) => void): T {
  let outcome: Result<T, Errno> | undefined;
  call((result) => {
    outcome = result;
  });
  while (!outcome && engine.step());
  if (!outcome?.ok) throw new Error(`the call failed: ${outcome?.error.errno ?? 'it never ended'}`);
  return outcome.value;
}

const socket = ({ engine }: Pair, program: Process): number => must(engine, (done) => program.socket('AF_INET', 'SOCK_STREAM', done));

function listening(lab: Pair, port: number, backlog = 4096): number {
  const fd = socket(lab, lab.server);
  must(lab.engine, (done) => lab.server.bind(fd, { address: ADDRESS, port }, done));
  must(lab.engine, (done) => lab.server.listen(fd, backlog, done));
  return fd;
}

/** An established connection: the descriptors at the client and at the server. */
function connected(lab: Pair): { c: number; s: number } {
  const l = listening(lab, 7);
  const c = socket(lab, lab.client);
  must(lab.engine, (done) => lab.client.connect(c, { address: ADDRESS, port: 7 }, done));
  const { fd: s } = must<{ fd: number }>(lab.engine, (done) => lab.server.accept(l, done));
  return { c, s };
}

/** Ping-pong of `octets` each way on one connection; the function it gives back plays `rounds` of them. */
export function echo(octets: number, lab = pair()): (rounds: number) => void {
  const { engine, client } = lab;
  must<void>(engine, (done) => echoServer(lab.server, { address: ADDRESS, port: 7 }, done));
  const c = socket(lab, client);
  must(engine, (done) => client.connect(c, { address: ADDRESS, port: 7 }, done));
  const message = new Uint8Array(octets);
  let left = 0;
  const received = (result: Result<Uint8Array, Errno>): void => {
    if (!result.ok || result.value.length !== octets) throw new Error('the echo is not what was sent');
    if (--left > 0) ping();
  };
  const ping = (): void => {
    client.send(c, message, [], NOTHING);
    client.recv(c, octets, ['MSG_WAITALL'], received);
  };
  return (rounds) => {
    left = rounds;
    ping();
    while (left > 0 && engine.step());
  };
}

/** One connection, writes of `piece` octets, a reader that takes what is there; plays until so many octets are read. */
export function bulk(piece: number, lab = pair()): (octets: number) => void {
  const { engine, client, server } = lab;
  const { c, s } = connected(lab);
  const written = new Uint8Array(piece);
  let wanted = 0;
  let got = 0;
  const read = (result: Result<Uint8Array, Errno>): void => {
    if (!result.ok) throw new Error(`the reader got ${result.error.errno}`);
    got += result.value.length;
    server.recv(s, 262_144, [], read);
  };
  const write = (result: Result<number, Errno>): void => {
    if (!result.ok) throw new Error(`the writer got ${result.error.errno}`);
    engine.clock.after(ms(0), next);
  };
  const next = (): void => client.send(c, written, [], write);
  server.recv(s, 262_144, [], read);
  next();
  return (octets) => {
    wanted = got + octets;
    while (got < wanted && engine.step());
  };
}

/** Connect, a 64-octet echo, close; TIME-WAIT is kept. Plays `count` lives, `atOnce` of them side by side. */
export function lives(atOnce: number, lab = pair()): (count: number) => void {
  const { engine, client } = lab;
  must<void>(engine, (done) => echoServer(lab.server, { address: ADDRESS, port: 7, backlog: 4096 }, done));
  const message = new Uint8Array(64);
  let begun = 0;
  let ended = 0;
  let wanted = 0;
  const live = (): void => {
    begun++;
    client.socket('AF_INET', 'SOCK_STREAM', (made) => {
      if (!made.ok) throw new Error(`socket: ${made.error.errno}`);
      const fd = made.value;
      client.connect(fd, { address: ADDRESS, port: 7 }, (result) => {
        if (!result.ok) throw new Error(`connect: ${result.error.errno} ${result.error.because ?? ''}`);
        client.send(fd, message, [], NOTHING);
        client.recv(fd, 64, ['MSG_WAITALL'], () =>
          client.close(fd, () => {
            ended++;
            if (begun < wanted) live();
          }),
        );
      });
    });
  };
  return (count) => {
    wanted = begun + count;
    const target = ended + count;
    for (let i = 0; i < atOnce && begun < wanted; i++) live();
    while (ended < target && engine.step());
    // The ports come back once 2 MSL have passed; in virtual time that costs one event for each.
    engine.runFor(seconds(61));
  };
}

/** Connections to each listener of the idle workload: there are 28,232 ephemeral ports towards one. */
const TO_ONE_LISTENER = 20_000;

/** Opens and accepts `count` connections that then say nothing; gives back the laboratory that holds them. */
export function idle(count: number, lab = pair()): Pair {
  const { engine, client, server } = lab;
  let accepted = 0;
  const listeners = Array.from({ length: Math.ceil(count / TO_ONE_LISTENER) }, (_, i) => listening(lab, 1000 + i));
  const acceptNext = (listener: number): void =>
    server.accept(listener, (result) => {
      if (!result.ok) throw new Error(`accept: ${result.error.errno}`);
      accepted++;
      acceptNext(listener);
    });
  for (const listener of listeners) acceptNext(listener);
  for (let i = 0; i < count; i++) {
    const fd = socket(lab, client);
    must(engine, (done) => client.connect(fd, { address: ADDRESS, port: 1000 + (i % listeners.length) }, done));
  }
  engine.runFor(seconds(1)); // the last third segment, and timers of the handshake
  if (accepted !== count) throw new Error(`${accepted} of ${count} connections were accepted`);
  return lab;
}

/** A clock on which `standing` timers wait, each due within a second of when it was set. */
function crowdedClock(standing: number): { clock: Clock; timers: readonly Timer[]; span: () => Nanos } {
  const clock = new Clock();
  const random = new Random(1);
  const span = (): Nanos => (random.u32() % seconds(1)) as Nanos;
  const timers = Array.from({ length: standing }, (): Timer => {
    const timer = new Timer(() => clock.set(timer, span()));
    clock.set(timer, span());
    return timer;
  });
  return { clock, timers, span };
}

/** Timers that fire and are set anew, as delayed ACKs and packets under way are. */
export function timersFire(standing: number): (count: number) => void {
  const { clock } = crowdedClock(standing);
  return (count) => {
    for (let i = 0; i < count; i++) clock.step();
  };
}

/** Timers that are moved and never fire, as each ACK moves the retransmission timer. */
export function timersMove(standing: number): (count: number) => void {
  const { clock, timers, span } = crowdedClock(standing);
  return (count) => {
    for (let i = 0; i < count; i++) clock.set(timers[i % standing]!, span());
  };
}
