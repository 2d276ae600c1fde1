import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ms } from '../wire/units.ts';
import type { Process } from './sockets/processes.ts';
import { Lab } from './testing/lab.ts';

/** What a program does, one step after the other; each ends before the next begins. */
type Step =
  | { readonly does: 'send'; readonly octets: number }
  | { readonly does: 'recv'; readonly most: number }
  | { readonly does: 'pause'; readonly ms: number }
  | { readonly does: 'shutdown' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('send' as const), octets: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('recv' as const), most: fc.integer({ min: 1, max: 9000 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('shutdown' as const) }) },
);

const program = fc.array(step, { maxLength: 12 });

const cable = fc.record({
  delay: fc.integer({ min: 0, max: 60 }).map(ms),
  jitter: fc.integer({ min: 0, max: 10 }).map(ms),
  loss: fc.constantFrom(0, 0.01, 0.05, 0.2),
  duplication: fc.constantFrom(0, 0.05),
  reordering: fc.constantFrom(0, 0.1),
  mtu: fc.constantFrom(576, 1500, 9000),
  offload: fc.boolean(),
});

/** The n-th octet of a stream, so that a wrong octet anywhere shows. */
const octetAt = (n: number, salt: number): number => (n * 31 + (n >> 8) * 7 + salt) & 0xff;

/** Plays steps on a connected socket, then says its last word and reads to the end. Notes what it sent and got. */
class Player {
  sent = 0;
  readonly got: number[] = [];
  ended: string | undefined;
  private writing = true;
  private readonly lab: Lab;
  private readonly process: Process;
  private readonly fd: number;
  private readonly salt: number;

  constructor(lab: Lab, process: Process, fd: number, salt: number) {
    this.lab = lab;
    this.process = process;
    this.fd = fd;
    this.salt = salt;
  }

  play(steps: readonly Step[]): void {
    const [first, ...rest] = steps;
    const next = (): void => this.play(rest);
    if (!first) {
      this.finish();
      return;
    }
    switch (first.does) {
      case 'send': {
        if (!this.writing) {
          next();
          return;
        }
        const data = Uint8Array.from({ length: first.octets }, (_, i) => octetAt(this.sent + i, this.salt));
        // A peer that also only sends would wait for us to read: then what fits is enough.
        this.process.send(this.fd, data, ['MSG_DONTWAIT'], (result) => {
          if (result.ok) this.sent += result.value;
          else if (result.error.errno !== 'EAGAIN') return this.end(result.error.errno);
          next();
        });
        return;
      }
      case 'recv':
        this.process.recv(this.fd, first.most, ['MSG_DONTWAIT'], (result) => {
          if (result.ok) this.got.push(...result.value);
          else if (result.error.errno !== 'EAGAIN') return this.end(result.error.errno);
          next();
        });
        return;
      case 'pause':
        this.lab.engine.clock.after(ms(first.ms), next);
        return;
      case 'shutdown':
        this.writing = false;
        this.process.shutdown(this.fd, 'SHUT_WR', next);
    }
  }

  private finish(): void {
    this.writing = false;
    this.process.shutdown(this.fd, 'SHUT_WR', () => this.readToEnd());
  }

  private readToEnd(): void {
    this.process.recv(this.fd, 65_536, [], (result) => {
      if (!result.ok) return this.end(result.error.errno);
      for (const octet of result.value) this.got.push(octet);
      if (result.value.length > 0) this.readToEnd();
      else this.process.close(this.fd, () => this.end('end of stream'));
    });
  }

  private end(how: string): void {
    this.ended = how;
  }
}

interface Scenario {
  readonly seed: number;
  readonly cable: Parameters<Lab['cable']['set']>[0];
  readonly sack: boolean;
  readonly stamps: boolean;
  readonly gso: boolean;
  readonly paced: boolean;
  readonly clientSteps: readonly Step[];
  readonly serverSteps: readonly Step[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer(),
  cable,
  sack: fc.boolean(),
  stamps: fc.boolean(),
  gso: fc.boolean(),
  paced: fc.boolean(),
  clientSteps: program,
  serverSteps: program,
});

function run(s: Scenario, serialise = false): { lab: Lab; client: Player; server: Player } {
  const sysctls = {
    'net.ipv4.tcp_sack': s.sack ? 1 : 0,
    'net.ipv4.tcp_timestamps': s.stamps ? 1 : 0,
    'net.ipv4.tcp_syn_retries': 20,
    'net.ipv4.tcp_synack_retries': 20,
    'net.ipv4.tcp_orphan_retries': 100,
    'net.ipv4.tcp_retries2': 100,
  };
  const lab = new Lab({ seed: s.seed, cable: { ...s.cable, serialise }, clientSysctls: sysctls, serverSysctls: sysctls, gso: s.gso });
  lab.client.pacing = s.paced;
  const l = lab.listening();
  const { fd: c, outcome } = lab.connecting();
  const accepted = lab.call<{ fd: number }>((done) => lab.b.accept(l, done));
  while (!(outcome.result && accepted.result) && lab.engine.step());
  if (!accepted.result?.ok || !outcome.result?.ok) throw new Error('the handshake failed');
  const client = new Player(lab, lab.a, c, 1);
  const server = new Player(lab, lab.b, accepted.result.value.fd, 2);
  client.play(s.clientSteps);
  server.play(s.serverSteps);
  lab.settle();
  return { lab, client, server };
}

const expected = (count: number, salt: number): number[] => Array.from({ length: count }, (_, i) => octetAt(i, salt));

describe('over any cable', () => {
  test('nothing is lost, doubled or out of order, every program ends, and no socket stays behind', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { lab, client, server } = run(s);
        expect(client.ended).toBe('end of stream');
        expect(server.ended).toBe('end of stream');
        expect(server.got).toEqual(expected(client.sent, 1));
        expect(client.got).toEqual(expected(server.sent, 2));
        expect(lab.isEmpty()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('the same seed gives the same run, and octets on the wire change nothing', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const trace = (serialise: boolean): string =>
          JSON.stringify(run(s, serialise).lab.events, (_, value) => (value instanceof Uint8Array ? [...value] : value));
        const once = trace(false);
        expect(trace(false)).toBe(once);
        expect(trace(true)).toBe(once);
      }),
      { numRuns: 15 },
    );
  });
});
