import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ms } from '../wire/units.ts';
import { Lab } from './testing/lab.ts';
import { octetAt, type Step, type Stream, StreamProgram, type Waiting } from './testing/stream-program.ts';

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('send' as const),
      octets: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20_000 })),
      flag: fc.constantFrom('none' as const, 'none' as const, 'none' as const, 'more' as const, 'record' as const, 'urgent' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('cork' as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 400 }) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ does: 'shutdown' }) },
);
/** Now and then a program ends the connection without ceremony. */
const steps = fc
  .tuple(fc.array(step, { maxLength: 8 }), fc.integer({ min: 0, max: 9 }))
  .map(([some, n]): readonly Step[] => (n === 0 ? [...some, { does: 'abort' }] : some));

const waiting = fc.constantFrom<Waiting>('blocking', 'poll', 'select', 'epoll', 'epoll-edge');
const readSize = fc.integer({ min: 300, max: 70_000 });
const session = fc.record({ client: steps, server: steps, clientReads: readSize, serverReads: readSize, fastOpen: fc.boolean() });

const scenario = fc.record({
  seed: fc.integer(),
  cable: fc.record({
    delay: fc.integer({ min: 0, max: 60 }).map(ms),
    jitter: fc.integer({ min: 0, max: 10 }).map(ms),
    loss: fc.constantFrom(0, 0.01, 0.05, 0.2),
    duplication: fc.constantFrom(0, 0.05),
    reordering: fc.constantFrom(0, 0.1),
    marking: fc.constantFrom(0, 0.1),
    mtu: fc.constantFrom(576, 1500, 9000),
    offload: fc.boolean(),
  }),
  /** Of SO_SNDBUF and SO_RCVBUF; 0 leaves them as they are. */
  buffer: fc.constantFrom(0, 0, 2000, 20_000),
  sysctls: fc.record({
    'net.ipv4.tcp_sack': fc.constantFrom(0, 1),
    'net.ipv4.tcp_timestamps': fc.constantFrom(0, 1),
    'net.ipv4.tcp_ecn': fc.constantFrom(1, 2),
    'net.ipv4.tcp_window_scaling': fc.constantFrom(0, 1),
  }),
  gso: fc.boolean(),
  paced: fc.boolean(),
  clientWaits: waiting,
  serverWaits: waiting,
  sessions: fc.array(session, { minLength: 1, maxLength: 4 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const PATIENCE = {
  'net.ipv4.tcp_fastopen': 0x607,
  'net.ipv4.tcp_syn_retries': 20,
  'net.ipv4.tcp_synack_retries': 20,
  'net.ipv4.tcp_orphan_retries': 100,
  'net.ipv4.tcp_retries2': 100,
};
const MOST_EVENTS = 500_000;
const FIRST_PORT = 7000;
const SERVER = { address: '10.0.0.2', port: 9502 };

/** Buffers, urgent octets left in the stream, and keepalive, so that a RST that got lost is noticed in the end. */
function prepare(lab: Lab, program: Lab['a'], fd: number, buffer: number): void {
  const set = (name: string, value: number): void => lab.value<void>((done) => program.setsockopt(fd, name, value, done));
  for (const [name, value] of Object.entries({ SO_OOBINLINE: 1, SO_KEEPALIVE: 1, TCP_KEEPIDLE: 30, TCP_KEEPINTVL: 5, TCP_KEEPCNT: 60 }))
    set(name, value);
  if (buffer > 0) set('SO_SNDBUF', buffer);
  if (buffer > 0) set('SO_RCVBUF', buffer);
}

interface Run {
  readonly lab: Lab;
  readonly client: StreamProgram;
  readonly server: StreamProgram;
  /** Ports of clients whose connect failed. */
  readonly failed: readonly number[];
}

function run({ seed, cable, gso, paced, buffer, sysctls, clientWaits, serverWaits, sessions }: Scenario, serialise = false): Run {
  const all = { ...sysctls, ...PATIENCE };
  const lab = new Lab({ seed, cable: { ...cable, serialise }, clientSysctls: all, serverSysctls: all, gso });
  lab.client.pacing = paced;
  lab.server.pacing = paced;
  const client = new StreamProgram(lab.engine, lab.a, clientWaits);
  const server = new StreamProgram(lab.engine, lab.b, serverWaits);
  const listener = lab.socket(lab.b);
  lab.value<void>((done) => lab.b.bind(listener, SERVER, done));
  prepare(lab, lab.b, listener, buffer);
  lab.value<void>((done) => lab.b.listen(listener, 16, done));
  const accept = (): void =>
    lab.b.accept(listener, (result) => {
      if (!result.ok) return;
      const { fd, peer } = result.value;
      const salt = (peer as { port: number }).port;
      const about = sessions[salt - FIRST_PORT]!;
      server.take({ fd, sendSalt: salt + 100, receiveSalt: salt, readSize: about.serverReads, steps: about.server, sent: 0 });
      accept();
    });
  accept();
  const failed: number[] = [];
  for (const [i, about] of sessions.entries()) connect(lab, client, about, FIRST_PORT + i, buffer, failed);
  if (lab.engine.runUntilIdle(MOST_EVENTS) === MOST_EVENTS) throw new Error('the engine does not come to rest');
  lab.a.exit();
  lab.b.exit();
  lab.settle();
  return { lab, client, server, failed };
}

function connect(
  lab: Lab,
  client: StreamProgram,
  about: Scenario['sessions'][number],
  port: number,
  buffer: number,
  failed: number[],
): void {
  const fd = lab.socket(lab.a);
  lab.value<void>((done) => lab.a.bind(fd, { address: '10.0.0.1', port }, done));
  prepare(lab, lab.a, fd, buffer);
  const take = (sent: number): void =>
    client.take({ fd, sendSalt: port, receiveSalt: port + 100, readSize: about.clientReads, steps: about.client, sent });
  if (about.fastOpen) {
    const early = Uint8Array.from({ length: 900 }, (_, i) => octetAt(i, port));
    lab.a.sendto(fd, early, ['MSG_FASTOPEN'], SERVER, (result) => {
      if (result.ok) take(result.value);
      else failed.push(port);
    });
  } else
    lab.a.connect(fd, SERVER, (result) => {
      if (result.ok) take(0);
      else failed.push(port);
    });
}

const wasCutOff = (stream: Stream | undefined): boolean => stream === undefined || stream.ended !== 'end of stream';

describe('several connections over any cable, between programs that wait in any way', () => {
  test('nothing is lost, doubled or out of order, every program ends, and no socket stays behind', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { lab, client, server, failed } = run(s);
        expect(client.streams.length + failed.length).toBe(s.sessions.length);
        // With fast open a server may have accepted, and ended it all with a RST, before the client's call came back.
        for (const port of failed) expect(server.streams.find(({ receiveSalt }) => receiveSalt === port)?.ended).toBe('aborted');
        for (const one of client.streams) {
          const other = server.streams.find(({ receiveSalt }) => receiveSalt === one.sendSalt);
          expect([one.wrongAt, other?.wrongAt]).toEqual([undefined, undefined]);
          expect(one.ended).toBeDefined();
          if (other) expect(other.ended).toBeDefined();
          expect(other?.got ?? 0).toBeLessThanOrEqual(one.offered);
          expect(one.got).toBeLessThanOrEqual(other?.offered ?? 0);
          const aborts = [one, other].some((end) => end?.ended === 'aborted');
          if (aborts) continue;
          expect([wasCutOff(one), wasCutOff(other)]).toEqual([false, false]);
          expect([other!.got, one.got]).toEqual([one.sent, other!.sent]);
        }
        expect(lab.isEmpty()).toBe(true);
      }),
      { numRuns: Number(process.env.PROGRAM_RUNS ?? 1000) },
    );
  }, 3_600_000);

  test('the same seed gives the same run, and octets on the wire change nothing', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const trace = (serialise: boolean): string =>
          JSON.stringify(run(s, serialise).lab.events, (_, value) => (value instanceof Uint8Array ? [...value] : value));
        const once = trace(false);
        expect(trace(false)).toBe(once);
        expect(trace(true)).toBe(once);
      }),
      { numRuns: 6 },
    );
  });
});
