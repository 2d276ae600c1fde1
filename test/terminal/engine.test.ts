import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Namespace } from '../support/engine-lab.ts';
import { tcpwb } from '../support/tcpwb.ts';

/** The engine and the real kernel, over a TUN interface in a network namespace of their own. Needs root. */

const MIB = 1 << 20;
const NOTHING_LEFT = { reset: [], unfinished: [] };

/** Gives the test a namespace, and takes it away afterwards whatever happens. */
async function inNamespace(use: (net: Namespace) => Promise<void>): Promise<void> {
  const net = new Namespace();
  try {
    await use(net);
  } finally {
    await net.close();
  }
}

describe('as a server', () => {
  test('nc and telnet get their echo, over IPv4 and IPv6; every close leaves no socket behind', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      expect(engine.ready).toMatchObject({
        event: 'ready',
        tun: 'tcpwb0',
        ends: [
          { engine: '10.9.0.2', kernel: '10.9.0.1', prefixLength: 24 },
          { engine: 'fd09::2', kernel: 'fd09::1', prefixLength: 64 },
        ],
      });
      expect(await net.run('hello\n', 'nc', '-N', '10.9.0.2', '7')).toMatchObject({ status: 0, stdout: 'hello\n' });
      expect(await net.run('hello, six\n', 'nc', '-N', 'fd09::2', '7')).toMatchObject({ status: 0, stdout: 'hello, six\n' });

      const telnet = net.start('telnet', '10.9.0.2', '7');
      telnet.child.stdin?.write('hello, telnet\r\n');
      telnet.child.stdout?.on('data', (text) => String(text).includes('hello') && telnet.child.stdin?.end());
      expect((await telnet.ended).stdout).toContain('hello, telnet');

      expect(await net.openSockets()).toEqual([]);
      // Its answer comes after all that came before it: the last ACK of every close, too.
      const refused = await net.run('', 'nc', '-v', '10.9.0.2', '8');
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('refused') });
      expect(await engine.stop()).toMatchObject({ ...NOTHING_LEFT, counters: { PassiveOpens: 3, OutRsts: 1 } });
    }));

  test.each(['10.9.0.2', 'fd09::2'])('%s refuses a datagram that nobody takes, also one that came in pieces', (host) =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      expect((await net.kernelSide('datagram', host, '9', '100')).said).toEqual({ error: 'ECONNREFUSED' });
      expect((await net.kernelSide('datagram', host, '9', '5000')).said).toEqual({ error: 'ECONNREFUSED' });
      expect(await engine.stop()).toMatchObject({ packets: { unreadable: { malformed: 0, 'bad-checksum': 0 } } });
    }),
  );

  test('curl loads a page through it: a relay is a server and a client at once', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--relay', '80=10.9.0.1:8080');
      const web = await net.kernelSide('http-server', '8080', String(MIB));
      const page = await net.run('', 'curl', '--silent', '--max-time', '10', '--header', 'Connection: close', 'http://10.9.0.2/');
      expect({ status: page.status, octets: page.stdout.length }).toEqual({ status: 0, octets: MIB });
      await web.ended;
      expect(await net.openSockets()).toEqual([]);
      expect(await engine.stop()).toMatchObject({ ...NOTHING_LEFT, counters: { PassiveOpens: 1, ActiveOpens: 1 } });
    }));

  test.each([
    ['there', []],
    ['back', ['--reverse']],
  ] as const)('iperf3 sends %s over eight connections', (_way, direction) =>
    inNamespace(async (net) => {
      const engine = await net.engine('--relay', '5201=10.9.0.1:5202');
      const server = net.start('iperf3', '--server', '--one-off', '--port', '5202', '--forceflush');
      await new Promise((resolve) => server.child.stdout?.once('data', resolve));
      const measured = await net.run('', 'iperf3', '--client', '10.9.0.2', '--parallel', '8', '--time', '1', '--json', ...direction);
      const { error, end } = JSON.parse(measured.stdout);
      expect({ status: measured.status, error }).toEqual({ status: 0, error: undefined });
      expect(end.sum_received.bytes).toBeGreaterThan(MIB);
      await server.ended;
      expect(await engine.stop()).toMatchObject({ counters: { PassiveOpens: 9, ActiveOpens: 9 } });
    }),
  );

  test.concurrent.each([
    ['a good cable', 16, []],
    ['1 % loss', 16, ['--loss', '1%']],
    ['5 % loss', 2, ['--loss', '0.05']],
    ['reordering', 16, ['--reorder', '2%']],
    ['duplication', 16, ['--duplicate', '2%']],
    ['all of that, and delay', 2, ['--delay', '1', '--loss', '2%', '--reorder', '2%', '--duplicate', '2%']],
  ] as const)('%s: %i MiB come back as they were sent', async (_what, mib, impairments) =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7', ...impairments);
      const { said } = await net.kernelSide('echo', '10.9.0.2', '7', String(mib * MIB));
      expect(said).toEqual({ intact: 1, failures: [] });
      expect(await net.openSockets()).toEqual([]);
      expect(await engine.stop()).toMatchObject(NOTHING_LEFT);
    }),
  );

  test('100 connections at once are opened, used and closed', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      const { said } = await net.kernelSide('echo', 'fd09::2', '7', '1000', '100');
      expect(said).toEqual({ intact: 100, failures: [] });
      expect(await net.openSockets()).toEqual([]);
      expect(await engine.stop()).toMatchObject({ ...NOTHING_LEFT, counters: { PassiveOpens: 100 } });
    }));

  test('Ctrl-C resets what is open, so that no client waits for an interface that is gone', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      const nc = net.start('nc', '10.9.0.2', '7');
      nc.child.stdin?.write('still here\n');
      await new Promise((resolve) => nc.child.stdout?.once('data', resolve));
      expect(await engine.stop()).toMatchObject({ reset: [{ localPort: 7, state: 'ESTABLISHED' }], unfinished: [] });
      expect(await net.openSockets()).toEqual([]);
      nc.child.stdin?.end();
      await nc.ended;
    }));
});

describe('as a client', () => {
  test('it sends its input to a kernel’s server and prints what comes back', () =>
    inNamespace(async (net) => {
      const server = await net.kernelSide('echo-server', '9000');
      const octets = randomBytes(2 * MIB).toString('latin1');
      const client = net.tcpwb('engine', '--tun', 'tcpwb0', '--address', '10.9.0.2/24', '--connect', '10.9.0.1:9000', '--loss', '1%');
      client.child.stdin?.end(octets, 'latin1');
      const { status, stdout } = await client.ended;
      expect(status).toBe(0);
      expect(stdout === octets).toBe(true); // a difference would fill the screen
      await server.ended;
      expect(await net.openSockets()).toEqual([]);
    }));

  test('a refused connection is one line and status 1', () =>
    inNamespace(async (net) => {
      const client = net.tcpwb('engine', '--tun', 'tcpwb0', '--address', 'fd09::2/64', '--connect', '[fd09::1]:9', '--json');
      client.child.stdin?.end();
      const { status, stdout, stderr } = await client.ended;
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('tcpwb: The connection to fd09::1 port 9: ECONNREFUSED');
    }));
});

describe('the interface', () => {
  test('a recording is a capture of this time of day that the analysis reads', () =>
    inNamespace(async (net) => {
      const folder = mkdtempSync(join(tmpdir(), 'tcpwb-'));
      const file = join(folder, 'echo.pcapng');
      const began = Math.floor(Date.now() / 1000);
      const engine = await net.engine('--echo', '7', '-w', file);
      await net.run('recorded\n', 'nc', '-N', '10.9.0.2', '7');
      await engine.stop();
      const { connections } = JSON.parse((await tcpwb('analyze', '--json', file).ended).stdout);
      rmSync(folder, { recursive: true });
      expect(connections).toMatchObject([{ server: { address: '10.9.0.2', port: 7 }, bytes: { client: 9, server: 9 } }]);
      expect(connections[0].states.client.map(({ state }: { state: string }) => state)).toContain('TIME-WAIT');
      expect(connections[0].start).toBeGreaterThanOrEqual(began);
      expect(connections[0].end).toBeLessThanOrEqual(Date.now() / 1000);
    }));

  test('it has given up root once the interface is there', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      const status = readFileSync(`/proc/${engine.pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      await engine.stop();
    }));

  test('when somebody deletes it, that is said, and the status is 1', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      await net.run('', 'ip', 'link', 'del', 'tcpwb0');
      const { status, stderr } = await engine.ended;
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('The interface tcpwb0 is gone') });
    }));

  test('it vanishes with the program, however that ends', () =>
    inNamespace(async (net) => {
      const engine = net.tcpwb('engine', '--tun', 'tcpwb0', '--address', '10.9.0.2/32', '--echo', '7');
      await new Promise((resolve) => engine.child.stdout?.once('data', resolve));
      expect((await net.run('', 'ip', 'route')).stdout).toContain('10.9.0.2 dev tcpwb0');
      engine.child.kill('SIGKILL');
      await engine.ended;
      expect((await net.run('', 'ip', '-brief', 'link')).stdout).not.toContain('tcpwb0');
    }));

  test('a name that another program has is refused, with what to do, and status 2', () =>
    inNamespace(async (net) => {
      const engine = await net.engine('--echo', '7');
      const second = await net.tcpwb('engine', '--tun', 'tcpwb0', '--address', '10.9.1.2/24', '--echo', '7').ended;
      expect(second).toMatchObject({ status: 2, stderr: expect.stringMatching(/^tcpwb: .*tcpwb0.*Take another name\.\n$/) });
      await engine.stop();
    }));

  test('without the right to make interfaces it names the capability', () =>
    inNamespace(async (net) => {
      const without = ['--bounding-set', '-net_admin', '--inh-caps', '-net_admin'];
      const program = [process.execPath, join(import.meta.dirname, '..', '..', 'bin', 'tcpwb.mjs')];
      const ran = await net.run(
        '',
        'setpriv',
        ...without,
        ...program,
        'engine',
        '--tun',
        'tcpwb0',
        '--address',
        '10.9.0.2/24',
        '--echo',
        '7',
      );
      expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining('CAP_NET_ADMIN') });
    }));
});

test.each([
  [['--address', '10.9.0.2/24', '--echo', '7'], '--tun NAME is missing'],
  [['--tun', 'x', '--echo', '7'], '--address CIDR is missing'],
  [['--tun', 'x', '--address', '10.9.0.2/24'], 'nothing to do'],
  [['--tun', 'x', '--address', '10.9.0.2', '--echo', '7'], 'no address with prefix length'],
  [['--tun', 'x', '--address', '10.9.0.2/24', '--echo', '70000'], '--echo'],
  [['--tun', 'x', '--address', '10.9.0.2/24', '--echo', '7', '--loss', '5'], '--loss takes a number from 0 to 1'],
  [['--tun', 'x', '--address', '10.9.0.2/24', '--connect', 'fd09::1:7'], '--connect takes ADDRESS:PORT'],
] as const)('unusable: tcpwb engine %j', async (args, why) => {
  const { status, stderr } = await tcpwb('engine', ...args).ended;
  expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 });
  expect(stderr).toContain(why);
});
