import { describe, expect, test } from 'vitest';
import { run as runOn } from '../experiments/testing/run.ts';
import { loopbackTap } from './loopback-tap.ts';

/** Runs a script on the kernel of this machine, captured live. */
const run = (source: string, options: Parameters<typeof runOn>[1] = {}) =>
  runOn(source, { target: 'kernel', tap: loopbackTap(), ...options });

const ECHO = `
  const { client, server, link } = lab.twoHosts();
  const address = { address: '10.0.0.2', port: 9502 };
  const listener = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(listener, address);
  await server.listen(listener, 5);
  const accepting = server.accept(listener);
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  const connection = await accepting;
`;

describe('an echo between two hosts, on the real kernel', () => {
  test('blocked calls wait, the segments are real, and both ends have their states', async () => {
    const { report, said, frames } = await run(`${ECHO}
      const reading = server.recv(connection, 100);
      await client.send(socket, 'hello');
      await server.send(connection, await reading);
      expect(text(await client.recv(socket, 100)), 'it comes back').toBe('hello');
      await client.close(socket);
      expect((await server.recv(connection, 100)).length, 'the end').toBe(0);
      await server.close(connection);
      await sleep(0.1);
      for (const s of link.segments().filter((s) => s.flags !== 'ACK')) console.log(s.from, s.flags, s.relativeSeq, s.length);
      console.log(client.history(socket).join(' '));
      console.log(server.history(connection).join(' '));
      console.log(client.state(socket));
    `);
    expect(report).toMatchObject({ outcome: 'passed', error: undefined });
    expect(said).toEqual([
      'client SYN 0 0',
      'server SYN,ACK 0 0',
      'client PSH,ACK 1 5',
      'server PSH,ACK 1 5',
      'client FIN,ACK 6 0',
      'server FIN,ACK 6 0',
      'CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT',
      'LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED',
      'TIME-WAIT',
    ]);
    expect(frames.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(9);
  });
});
