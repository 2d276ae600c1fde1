import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { echoServer, ncSays, telnetSays } from '../support/echo.ts';
import { tcpwb } from '../support/tcpwb.ts';

const CLIENT = ['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'];
const SERVER = ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED'];

interface Span {
  readonly state: string;
  readonly from: number;
  readonly packet: number;
  readonly certainty: string;
}

describe('tcpwb capture on lo', () => {
  let echo: Awaited<ReturnType<typeof echoServer>>;
  beforeAll(async () => {
    echo = await echoServer();
  });
  afterAll(() => echo.close());

  test.each([
    ['nc', ncSays],
    ['telnet', telnetSays],
  ] as const)('a real %s session: both ends live all of it, each change naming its packet', async (_name, says) => {
    const { child, ended } = tcpwb('capture', '-i', 'lo', '-f', `tcp port ${echo.port}`, '--duration', '5', '--json');
    // The table of a terminal is not there with --json: wait until the helper has opened the interface.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await says(echo.port, 'hello, world\n')).toContain('hello, world');
    const { status, stdout, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { connections, droppedByKernel } = JSON.parse(stdout);
    expect(droppedByKernel).toBe(0);
    expect(connections).toHaveLength(1);
    const { client, server } = connections[0].states as { client: Span[]; server: Span[] };
    expect(client.map(({ state }) => state)).toEqual(CLIENT);
    expect(server.map(({ state }) => state)).toEqual(SERVER);
    expect([...client, ...server].every(({ packet, from }) => packet >= 1 && from > 1.7e9)).toBe(true);
    // SYN is packet 1, SYN,ACK 2, the third segment 3.
    expect(client.slice(1, 3).map(({ packet }) => packet)).toEqual([1, 2]);
    expect(server.slice(1, 3).map(({ packet }) => packet)).toEqual([1, 3]);
    expect(child.exitCode).toBe(0);
  });

  test('a filter that is none, an interface that is none: one line and status 2', async () => {
    const bad = await tcpwb('capture', '-i', 'lo', '-f', 'tcp prot 1').ended;
    expect(bad.status).toBe(2);
    expect(bad.stderr.trim().split('\n')).toHaveLength(1);
    const none = await tcpwb('capture', '-i', 'no-such-if0').ended;
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('no-such-if0');
  });

  test('SIGINT ends the capture and the summary still comes', async () => {
    const { child, ended } = tcpwb('capture', '-i', 'lo', '-f', 'tcp port 1');
    await once(child.stderr as NodeJS.ReadableStream, 'data');
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(0);
    expect(stdout).toContain('0 packets');
  });
});
