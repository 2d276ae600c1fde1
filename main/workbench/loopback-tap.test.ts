import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { run as runOn } from '../experiments/testing/run.ts';
import { listSockets } from '../kernel/socket-table.ts';
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

describe('lessons that need no more than loopback gives', () => {
  test.concurrent.each([
    '01-three-way-handshake',
    '03-accept-is-not-needed',
    '07-data-and-acks',
    '08-four-way-close',
    '17-listener-that-connects',

    '27-urgent-data',
  ])(
    '%s passes its checks on the kernel as on the engine',
    async (id) => {
      const source = readFileSync(`resources/lessons/${id}.ts`, 'utf8');
      const [kernel, engine] = [await run(source), await runOn(source)];
      expect(kernel.failed).toEqual([]);
      expect(kernel.report).toMatchObject({ outcome: 'passed', error: undefined });
      expect(kernel.report.checks.map(({ description }) => description)).toEqual(
        engine.report.checks.map(({ description }) => description),
      );
    },
    30_000,
  );
});

describe('what the kernel cannot do for a script names the call and the way out', () => {
  test.concurrent.each([
    ['lab.twoHosts({ rate: 1e6 })', 'link rate: loopback has no rate of its own choosing'],
    ["lab.twoHosts({ server: { 'net.core.somaxconn': 3 } })", 'sysctl net.core.somaxconn: it would change the whole machine'],
    ["lab.twoHosts().server.host.sysctl('net.ipv4.tcp_syncookies', 0)", 'sysctl net.ipv4.tcp_syncookies: it would change'],
    ['lab.twoHosts().link.drop(() => true)', 'link.drop and link.hold: '],
    [
      "lab.twoHosts().link.inject({ from: { address: '10.0.0.1', port: 1 }, to: { address: '10.0.0.2', port: 2 }, flags: 'RST' })",
      'link.inject: ',
    ],
    ['await advance()', 'advance: time on the kernel is real'],
  ])('%s', async (line, message) => {
    const { report } = await run(line);
    expect(report.outcome).toBe('error');
    expect(report.error?.message).toContain(message);
    expect(report.error?.message).toContain('run this on the engine (--target engine)');
    expect(report.error?.at?.line).toBe(1);
  });
});

describe('a script that means harm', () => {
  test.concurrent.each([
    ['connect', "await p.connect(await p.socket(AF_INET, SOCK_STREAM), { address: '192.0.2.1', port: 80 })", 'EACCES'],
    ['sendto', "await p.sendto(await p.socket(AF_INET, SOCK_DGRAM), 'x', 0, { address: '8.8.8.8', port: 53 })", 'EACCES'],
    ['a mapped address', "await p.connect(await p.socket(AF_INET6, SOCK_STREAM), { address: '::ffff:192.0.2.1', port: 80 })", 'EACCES'],
    ['bind', "await p.bind(await p.socket(AF_INET, SOCK_STREAM), { address: '192.0.2.1', port: 80 })", 'EADDRNOTAVAIL'],
    ['a file of this machine', "await p.connect(await p.socket(AF_UNIX, SOCK_STREAM), { path: '/run/systemd/private' })", 'EAFNOSUPPORT'],
    ['unlink', "await p.unlink('/etc/hostname')", 'EACCES'],
    [
      'the descriptors of the Workbench',
      'await Promise.any(Array.from({ length: 64 }, (_, fd) => p.close(fd))).catch((all) => { throw all.errors[0]; })',
      'EBADF',
    ],
    ['a module for the kernel', "await p.setsockopt(await p.socket(AF_INET, SOCK_STREAM), IPPROTO_TCP, TCP_CONGESTION, 'bbr')", 'ENOENT'],
    [
      'a close that blocks',
      'await p.setsockopt(await p.socket(AF_INET, SOCK_STREAM), SOL_SOCKET, SO_LINGER, { onoff: true, linger: 9 })',
      'EOPNOTSUPP',
    ],
    ['all descriptors there are', 'for (;;) await p.socket(AF_INET, SOCK_STREAM)', 'EMFILE'],
  ])('gets an errno for %s', async (_what, line, errno) => {
    const { report } = await run(`const p = lab.twoHosts().client; ${line}`);
    expect(report.error?.message).toContain(errno);
  });

  test('a listener on every address is on its own host alone', async () => {
    const { said } = await run(
      `
      const { server } = lab.twoHosts();
      const fd = await server.socket(AF_INET, SOCK_STREAM);
      await server.bind(fd, { address: INADDR_ANY, port: 9503 });
      await server.listen(fd);
      console.log((await server.getsockname(fd)).address);
      await sleep(0.2);
    `,
      { onEvent: (event) => event.kind === 'log' && expect(listening(9503)).toEqual([expect.stringMatching(/^127\./)]) },
    );
    expect(said).toEqual(['0.0.0.0']);
  });

  test('is told nothing of what others say on loopback', async () => {
    const other = createServer((socket) => socket.end('secret')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const running = run('const { link } = lab.twoHosts(); await sleep(0.5); console.log(link.segments().length, link.datagrams().length);');
    for (let i = 0; i < 10; i++) {
      await once(connect(port, '127.0.0.1').resume(), 'close');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    other.close();
    const { said, frames } = await running;
    expect(said).toEqual(['0 0']);
    expect(frames).toEqual([]);
  });
});

test.each([
  ['fails', `${ECHO} throw new Error('enough');`, 'enough'],
  ['ends with its calls still waiting', `${ECHO} void server.recv(connection, 1);`, undefined],
  ['waits for ever and is stopped', `${ECHO} console.log('stop'); await server.recv(connection, 1);`, 'the run was stopped'],
])('a script that %s leaves no socket behind', async (_how, source, message) => {
  const stop = { aborted: false };
  const before = openSockets();
  const { report } = await run(source.replaceAll('9502', '9504'), {
    stop,
    onEvent: (event) => {
      if (event.kind === 'log') stop.aborted = true;
    },
  });
  if (message === undefined) expect(report.error).toBeUndefined();
  else expect(report.error?.message).toContain(message);
  expect(listSockets(4).filter(({ local, remote }) => local.port === 9504 || remote.port === 9504)).toEqual([]);
  expect(openSockets()).toBe(before);
});

/** Addresses on which something of this machine listens at this port. */
const listening = (port: number): string[] =>
  listSockets(4).flatMap(({ local, state }) => (state === LISTEN && local.port === port ? [local.octets.join('.')] : []));
const LISTEN = 10;

/** Sockets among the descriptors of this program. */
const openSockets = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // the one that lists them
    }
  }).length;
