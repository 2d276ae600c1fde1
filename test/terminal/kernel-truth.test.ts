import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, tcpwb } from '../support/tcpwb.ts';

// What a capture on the loopback interface tells of both ends, and what the kernel itself says of them (TCP_INFO), at the
// same moments. A network namespace of its own keeps other traffic away.

const NAMESPACE = `tcpwb-truth-${process.pid}`;
const PORT = 9502;
const scratch = mkdtempSync(join(tmpdir(), 'tcpwb-truth-'));
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

beforeAll(() => {
  ip('netns', 'add', NAMESPACE);
  ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up');
});
afterAll(() => {
  ip('netns', 'del', NAMESPACE);
  rmSync(scratch, { recursive: true });
});

/** What the kernel says of one end. Octets include one for a SYN and one for a FIN that was acknowledged, or received. */
interface TcpInfo {
  readonly state: string;
  readonly acked: number;
  readonly received: number;
  readonly segsOut: number;
  readonly segsIn: number;
}

interface Sample {
  readonly step: string;
  readonly at: number;
  /** The client's. */
  readonly port: number;
  readonly client: TcpInfo;
  /** Absent while nobody has accepted, or after it is gone. */
  readonly server?: TcpInfo;
}

interface Captured {
  readonly client: { readonly port: number };
  readonly packets: { readonly client: number; readonly server: number };
  readonly bytes: { readonly client: number; readonly server: number };
  readonly states: Readonly<
    Record<'client' | 'server', readonly { readonly state: string; readonly from: number; readonly certainty: string }[]>
  >;
}

async function live(scenario: string): Promise<{ readonly samples: readonly Sample[]; readonly connections: readonly Captured[] }> {
  const file = join(scratch, `${scenario}.pcapng`);
  const within = (command: string, ...args: string[]) =>
    spawn('ip', ['netns', 'exec', NAMESPACE, command, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const capture = within(process.execPath, 'bin/tcpwb.mjs', 'capture', '-i', 'lo', '-w', file);
  const captured = once(capture, 'close');
  await new Promise<void>((capturing) => {
    capture.stderr.on('data', (text: Buffer) => text.includes('Capturing on') && capturing());
  });
  capture.stdout.resume();
  const both = within('python3', 'test/support/both-ends.py', scenario, String(PORT));
  let said = '';
  both.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const [status] = await once(both, 'close');
  expect(status).toBe(0);
  capture.kill('SIGINT');
  await captured;
  const samples = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
  const { status: read, stdout } = await tcpwb('analyze', file, '--json').ended;
  expect(read).toBe(0);
  return { samples, connections: (JSON.parse(stdout) as { connections: Captured[] }).connections };
}

/** The state an end was in at a moment, by the capture. */
const stateAt = ({ states }: Captured, side: 'client' | 'server', at: number): string =>
  states[side].filter(({ from }) => from <= at).at(-1)!.state;

/** A socket whose connection is in TIME-WAIT is CLOSED to its program: the kernel keeps a lighter record apart. */
const asKernel = (state: string): string => (state === 'TIME-WAIT' ? 'CLOSED' : state);

function agree(samples: readonly Sample[], connections: readonly Captured[]): void {
  for (const { step, at, port, client, server } of samples) {
    const connection = connections.find((one) => one.client.port === port)!;
    expect({ step, client: asKernel(stateAt(connection, 'client', at)) }).toEqual({ step, client: client.state });
    if (server) expect({ step, server: asKernel(stateAt(connection, 'server', at)) }).toEqual({ step, server: server.state });
  }
}

describe('what the capture tells is what the kernel says', () => {
  test.each(['client-closes', 'server-closes'])('%s', async (scenario) => {
    const { samples, connections } = await live(scenario);
    expect(samples.map(({ step }) => step)).toEqual(['open', 'data', 'half closed', 'late data', 'closed']);
    expect(connections).toHaveLength(1);
    agree(samples, connections);
    const [{ packets, bytes, states }] = connections as [Captured];
    expect([...states.client, ...states.server].every(({ certainty }) => certainty === 'seen')).toBe(true);
    const { client, server } = samples.at(-1)!;
    expect(packets).toEqual({ client: client.segsOut, server: client.segsIn });
    expect(packets).toEqual({ client: server!.segsIn, server: server!.segsOut + 1 }); // its SYN,ACK left before it had a socket
    expect(bytes).toEqual({ client: client.acked - 2, server: client.received - 1 });
    expect(bytes).toEqual({ client: server!.received - 1, server: server!.acked - 1 });
  });

  test('a reset', async () => {
    const { samples, connections } = await live('abort');
    expect(samples.map(({ step }) => step)).toEqual(['data', 'aborted']);
    agree(samples, connections);
    expect(connections[0]!.packets).toEqual({ client: samples.at(-1)!.client.segsOut, server: samples.at(-1)!.client.segsIn });
  });

  test('SYNs that a full accept queue ignores', async () => {
    const { samples, connections } = await live('ignored');
    expect(samples.map(({ client }) => client.state)).toEqual(['ESTABLISHED', 'SYN-SENT', 'SYN-SENT']);
    agree(samples, connections);
  });
});
