import { Engine } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import type { CableSettings } from '../../engine/network/cable.ts';
import type { ProbeEvent } from '../../engine/probes.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import type { Segment } from '../../wire/segment.ts';
import { ms, seconds } from '../../wire/units.ts';

/** What a program does with its connection, one thing after the other. */
export type Step =
  | { readonly does: 'send'; readonly octets: number }
  | { readonly does: 'read' }
  | { readonly does: 'pause'; readonly ms: number }
  | { readonly does: 'shutdown' };

/** How it leaves it: reads to the end first, closes as things stand, aborts, or never does. */
export type Ending = 'read-and-close' | 'close' | 'abort' | 'stay';

export interface Program {
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

export interface Life {
  readonly seed: number;
  readonly cable: Partial<CableSettings>;
  /** Where the capture is made. A host sees what leaves and what arrives there. */
  readonly tap: 'cable' | 'client' | 'server';
  /** A listener waits, nobody does, or both ends open at once. */
  readonly opening: 'listener' | 'nobody' | 'both';
  readonly backlog: number;
  /** The server's program accepts after so long, and closes its listener after so long. */
  readonly acceptAfterMs: number;
  readonly stopListeningAfterMs: number | undefined;
  /** Connections, opened one after the other. */
  readonly clients: readonly { readonly afterMs: number; readonly client: Program; readonly server: Program }[];
}

type StateEvent = Extract<ProbeEvent, { kind: 'state' }>;

/** What became of a segment. Moments count everything that happens, in order. */
export interface Fate {
  readonly from: string;
  readonly sent: number;
  /** When copies of it came off the cable. */
  readonly arrived: number[];
  /** Those of them that went no further. */
  readonly refused: number[];
}

/** One end of a connection: what the engine says it went through. */
export interface TrueEnd {
  readonly host: 'client' | 'server';
  readonly port: number;
  readonly peerPort: number;
  readonly changes: (StateEvent & { readonly moment: number })[];
}

export interface Lived {
  readonly batches: readonly FrameBatch[];
  /** The segments of the frames, frame 1 first. */
  readonly frames: readonly Segment[];
  readonly fates: ReadonlyMap<Segment, Fate>;
  /** Of connections that were one; where a late SYN opened a second at the listener, nothing is told. */
  readonly ends: readonly TrueEnd[];
  /** When it was over, in nanoseconds. */
  readonly end: number;
}

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';
const PORT = 9502;
/** Longer than any patience of TCP. */
const LONG = seconds(4000);
const NOTHING = (): void => {};

/** Lives a life on the engine, with a tap on its cable. */
export function live(life: Life): Lived {
  const engine = new Engine({ seed: life.seed });
  const client = engine.host({ name: 'client', addresses: [`${CLIENT}/24`] });
  // With SYN cookies nobody would be in SYN-RECEIVED.
  const server = engine.host({ name: 'server', addresses: [`${SERVER}/24`], sysctls: { 'net.ipv4.tcp_syncookies': 0 } });
  const cable = engine.cable(client, server, life.cable);
  const batches: FrameBatch[] = [];
  const frames: Segment[] = [];
  const fates = new Map<Segment, Fate>();
  const ends = new Map<string, TrueEnd>();
  const ghosts = new Set<number>();
  let moment = 0;

  const at = life.tap === 'cable' ? undefined : life.tap === 'client' ? client : server;
  engine.tap(cable, (batch) => batches.push(batch), at ? { at } : {});
  cable.watch(({ segment }, from) => {
    if (!segment) return;
    fates.set(segment, { from: from.name, sent: ++moment, arrived: [], refused: [] });
    if (!at || from === at) frames.push(segment);
  });
  cable.watchArrivals(({ segment }, _from, to) => {
    if (!segment) return;
    fates.get(segment)!.arrived.push(++moment);
    if (to === at) frames.push(segment);
  });
  engine.probes.on('drop', ({ segment }) => {
    const fate = fates.get(segment);
    const arrival = fate?.arrived.at(-1);
    if (fate && arrival !== undefined) fate.refused.push(arrival);
  });
  engine.probes.on('state', (event) => {
    if (event.remotePort === 0) return; // the listener itself
    const key = `${event.host} ${event.localPort} ${event.remotePort}`;
    const end = ends.get(key) ?? { host: event.host as TrueEnd['host'], port: event.localPort, peerPort: event.remotePort, changes: [] };
    ends.set(key, end);
    const last = end.changes.at(-1)?.to;
    if (last === 'CLOSED' || last === 'LISTEN') {
      // A SYN that the network doubled came late and opened one more, which mixes with what is left of the first.
      ghosts.add(event.remotePort);
      return;
    }
    end.changes.push({ ...event, moment: ++moment });
  });

  open(engine, client, server, life);
  engine.runUntil(LONG);
  return {
    batches,
    frames,
    fates,
    ends: [...ends.values()].filter(({ port, peerPort }) => !ghosts.has(port) && !ghosts.has(peerPort)),
    end: engine.now,
  };
}

function open(engine: Engine, client: Host, server: Host, life: Life): void {
  const { clients, opening } = life;
  const user = client.process('user');
  const daemon = server.process('daemon');
  if (opening === 'listener') listen(engine, daemon, life);
  for (const [i, one] of clients.entries()) {
    engine.clock.after(ms(one.afterMs), () => {
      const port = 40_000 + i;
      const to = { address: SERVER, port: opening === 'both' ? 50_000 + i : PORT };
      connect(engine, user, { address: CLIENT, port }, to, one.client);
      if (opening === 'both') connect(engine, daemon, to, { address: CLIENT, port }, one.server);
    });
  }
}

type Address = { readonly address: string; readonly port: number };

function connect(engine: Engine, process: Process, from: Address, to: Address, program: Program): void {
  process.socket('AF_INET', 'SOCK_STREAM', (made) => {
    if (!made.ok) throw new Error('no socket');
    const fd = made.value;
    process.bind(fd, from, NOTHING);
    process.connect(fd, to, (connected) => {
      if (connected.ok) play(engine, process, fd, program);
      else process.close(fd, NOTHING);
    });
  });
}

function listen(engine: Engine, process: Process, { backlog, acceptAfterMs, stopListeningAfterMs, clients }: Life): void {
  process.socket('AF_INET', 'SOCK_STREAM', (made) => {
    if (!made.ok) throw new Error('no socket');
    const fd = made.value;
    process.bind(fd, { address: SERVER, port: PORT }, NOTHING);
    process.listen(fd, backlog, NOTHING);
    if (stopListeningAfterMs !== undefined) engine.clock.after(ms(stopListeningAfterMs), () => process.close(fd, NOTHING));
    const acceptNext = (): void =>
      process.accept(fd, (accepted) => {
        if (!accepted.ok) return;
        play(engine, process, accepted.value.fd, clients[accepted.value.peer.port - 40_000]!.server);
        acceptNext();
      });
    engine.clock.after(ms(acceptAfterMs), acceptNext);
  });
}

function play(engine: Engine, process: Process, fd: number, program: Program): void {
  const [step, ...steps] = program.steps;
  const next = (): void => play(engine, process, fd, { ...program, steps });
  switch (step?.does) {
    case 'send':
      process.send(fd, new Uint8Array(step.octets), ['MSG_DONTWAIT'], next);
      return;
    case 'read':
      process.recv(fd, 65_536, ['MSG_DONTWAIT'], next);
      return;
    case 'pause':
      engine.clock.after(ms(step.ms), next);
      return;
    case 'shutdown':
      process.shutdown(fd, 'SHUT_WR', next);
      return;
    default:
      leave(process, fd, program.ending);
  }
}

function leave(process: Process, fd: number, ending: Ending): void {
  switch (ending) {
    case 'stay':
      return;
    case 'abort':
      process.setsockopt(fd, 'SO_LINGER', { on: true, seconds: 0 }, NOTHING);
      process.close(fd, NOTHING);
      return;
    case 'close':
      process.close(fd, NOTHING);
      return;
    case 'read-and-close':
      process.recv(fd, 65_536, [], (received) => {
        if (received.ok && received.value.length > 0) leave(process, fd, ending);
        else process.close(fd, NOTHING);
      });
  }
}
