import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';
import { LAB_TYPES } from './library.ts';

describe('checks', () => {
  test('are recorded with what was expected and what was seen; the script goes on', async () => {
    const { report, failed } = await run(`
      expect(1 + 1, 'sums').toBe(2);
      expect('ESTABLISHED', 'the state').toBe('CLOSED');
      expect([1, { a: 2 }], 'deep').toEqual([1, { a: 3 }]);
      expect([1, 2], 'not there').not.toContain(2);
      expect('abc', 'length').toHaveLength(4);`);
    expect(report.outcome).toBe('failed');
    expect(report.checks).toHaveLength(5);
    expect(failed.map(({ description, expected, actual, at }) => [description, expected, actual, at?.line])).toEqual([
      ['the state', "'CLOSED'", "'ESTABLISHED'", 3],
      ['deep', '[1, { a: 3 }]', '[1, { a: 2 }]', 4],
      ['not there', 'not something with 2', '[1, 2]', 5],
      ['length', 'length 4', "length 3: 'abc'", 6],
    ]);
  });
  test('must ends the script when it fails; that is a failure, not an error', async () => {
    const { report, said } = await run(`try { must(1, 'one is two').toBe(2); } catch {} console.log('never said');`);
    expect(report).toMatchObject({ outcome: 'failed', error: undefined });
    expect(said).toEqual([]);
  });
  test('an errno is expected, and a success is seen', async () => {
    const { failed } = await run(`
      const { client, server } = lab.twoHosts();
      const fd = await client.socket(AF_INET, SOCK_STREAM);
      await expect(client.connect(fd, { address: '10.0.0.2', port: 1 }), 'refused').toFailWith('ECONNREFUSED');
      await expect(client.close(fd), 'close fails').toFailWith('EBADF');`);
    expect(failed.map(({ description, expected, actual }) => [description, expected, actual])).toEqual([
      ['close fails', 'EBADF', 'it succeeded with undefined'],
    ]);
  });
  test('never is watched to the end, and within waits', async () => {
    const { report, failed } = await run(
      `
      expect.never(() => now() > 100, 'no hundred seconds');
      expect.never(() => now() > 1, 'no second');
      await expect.within(3, () => now() >= 2, 'two seconds pass');
      await expect.within(3, () => false, 'the impossible');
      await sleep(1);`.replaceAll('await expect.within', 'void sleep(0.5); void sleep(2); await expect.within'),
    );
    expect(report.checks.map(({ ok, description }) => `${ok} ${description}`)).toEqual([
      'false no second',
      'true two seconds pass',
      'false the impossible',
      'true no hundred seconds',
    ]);
    expect(failed[0]?.actual).toBe('it came to hold at 2 s');
  });
});

describe('segments are counted to the end of the run', () => {
  const TALK = `
    const { client, server, link } = lab.twoHosts();
    const fd = await client.socket(AF_INET, SOCK_STREAM);
    expect.exactly(1, link, (s) => s.flags === 'SYN', 'one SYN');
    expect.exactly(2, link, (s) => s.from === 'server', 'two answers');
    await client.connect(fd, { address: '10.0.0.2', port: 1 }).catch(() => {});
    expect.exactly(0, link, () => true, 'and then silence');
    await sleep(1);`;
  test('exactly so many, from where the script says so', async () => {
    const { report, failed } = await run(TALK);
    expect(report.checks).toHaveLength(3);
    expect(failed.map(({ description, expected, actual, at }) => [description, expected, actual, at?.line])).toEqual([
      ['two answers', 'exactly 2', '1: [#2 server > client RST,ACK seq 0 ack 1 length 0]', 5],
    ]);
  });
});

test('must.never and must.within end the script when they fail', async () => {
  const first = await run(`must.never(() => now() > 1, 'no second'); await sleep(2); console.log('never said');`);
  expect(first.report).toMatchObject({ outcome: 'failed', error: undefined });
  expect(first.said).toEqual([]);
  const second = await run(`void sleep(9); await must.within(1, () => false, 'the impossible'); console.log('never said');`);
  expect(second.report).toMatchObject({ outcome: 'failed', error: undefined });
  expect(second.said).toEqual([]);
});

describe('the link', () => {
  const TALK = `
    const { client, server, link } = lab.twoHosts({ delay: ms(10) });
    const listener = await server.socket(AF_INET, SOCK_STREAM);
    await server.bind(listener, { address: INADDR_ANY, port: 9502 });
    await server.listen(listener);
    const socket = await client.socket(AF_INET, SOCK_STREAM);`;

  test('loses what a rule names, and shows that it was lost', async () => {
    const { said } = await run(`${TALK}
      link.drop((segment) => segment.number === 1);
      await client.connect(socket, { address: '10.0.0.2', port: 9502 });
      console.log(link.segments().map((s) => \`\${s.time} \${s.flags}\${s.lost ? ' lost' : ''}\`).join('; '));`);
    expect(said).toEqual(['0 SYN lost; 1 SYN; 1.01 SYN,ACK; 1.02 ACK']);
  });
  test('holds back what a rule names, until the rules are released', async () => {
    const { said } = await run(`${TALK}
      link.hold((segment) => segment.flags === 'SYN', 0.5);
      await client.connect(socket, { address: '10.0.0.2', port: 9502 });
      console.log(now());
      link.release();
      const second = await client.socket(AF_INET, SOCK_STREAM);
      await client.connect(second, { address: '10.0.0.2', port: 9502 });
      console.log(now());`);
    expect(said).toEqual(['0.52', '0.54']);
  });
  test('damages what it carries, and the receiver counts it', async () => {
    const { said } = await run(`${TALK}
      await client.connect(socket, { address: '10.0.0.2', port: 9502 });
      await sleep(1);
      await client.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, true);
      link.set({ corruption: 1 });
      for (let i = 0; i < 10; i++) await client.send(socket, 'x'.repeat(100));
      await sleep(0.03);
      const { InErrs, InCsumErrors } = server.host.counters();
      console.log(InErrs! > 0, InCsumErrors! > 0, link.segments().filter((s) => s.length > 0).every((s) => s.lost));`);
    expect(said).toEqual(['true true true']);
  });
  test('shows the options of each segment', async () => {
    const { said } = await run(`${TALK}
      link.set({ mtu: 1400 });
      await client.connect(socket, { address: '10.0.0.2', port: 9502 });
      const [syn] = link.segments();
      console.log(syn!.options.mss, syn!.options.windowScale, syn!.options.sackPermitted, syn!.source.address, syn!.destination);`);
    expect(said).toEqual(["1360 10 true 10.0.0.1 { address: '10.0.0.2', port: 9502 }"]);
  });
  test('carries any octets and any text', async () => {
    const { said } = await run(`${TALK}
      await client.connect(socket, { address: '10.0.0.2', port: 9502 });
      const connection = await server.accept(listener);
      await client.send(socket, '你好 ✓');
      console.log(text(await server.recv(connection, 100)));
      await client.send(socket, Uint8Array.from([0, 127, 128, 255]));
      console.log(await server.recv(connection, 100));`);
    expect(said).toEqual(['你好 ✓', 'Uint8Array(4) [0, 127, 128, 255]']);
  });
});

describe('hosts and sockets', () => {
  test('sysctls are read and set, counters count', async () => {
    const { said } = await run(`
      const { client, server } = lab.twoHosts({ client: { 'net.ipv4.tcp_syn_retries': 1 } });
      console.log(client.host.sysctl('net.ipv4.tcp_syn_retries'), server.host.sysctl('net.ipv4.tcp_rmem'));
      server.host.sysctl('net.core.somaxconn', 1);
      const fd = await server.socket(AF_INET, SOCK_STREAM);
      await server.listen(fd, 100);
      console.log(server.queues(fd).backlog, (await server.getsockname(fd)).address, server.host.counters().PassiveOpens);`);
    expect(said).toEqual(['1 [4096, 131072, 33554432]', '1 0.0.0.0 0']);
  });
  test('socket options by name', async () => {
    const { said } = await run(`
      const { client } = lab.twoHosts();
      const fd = await client.socket(AF_INET, SOCK_STREAM);
      await client.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 3 });
      await client.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, true);
      console.log(await client.getsockopt(fd, SOL_SOCKET, SO_LINGER), await client.getsockopt(fd, IPPROTO_TCP, TCP_NODELAY), await client.getsockopt(fd, SOL_SOCKET, SO_ERROR));`);
    expect(said).toEqual(['{ onoff: true, linger: 3 } true ']);
  });
  test('every end is known to its host, also before accept and after its life', async () => {
    const { said } = await run(`
      const { client, server } = lab.twoHosts({ delay: ms(1) });
      const listener = await server.socket(AF_INET, SOCK_STREAM);
      await server.bind(listener, { address: '10.0.0.2', port: 9502 });
      await server.listen(listener);
      const fd = await client.socket(AF_INET, SOCK_STREAM);
      await client.connect(fd, { address: '10.0.0.2', port: 9502 });
      console.log(client.tcpInfo(fd).tcpi_snd_mss, client.tcpInfo(fd).tcpi_rtt);
      await client.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 });
      await client.close(fd);
      await sleep(1);
      console.log(client.state(fd), server.host.connections().map(({ history }) => history.join('>')));`);
    expect(said).toEqual(['1448 2000', "CLOSED ['LISTEN>SYN-RECEIVED>ESTABLISHED>CLOSED']"]);
  });
  test('exit closes what is open', async () => {
    const { said } = await run(`
      const { client } = lab.twoHosts();
      const fd = await client.socket(AF_INET, SOCK_STREAM);
      await client.exit();
      await expect(client.getsockname(fd), 'gone').toFailWith('EBADF');
      console.log('left');`);
    expect(said).toEqual(['left']);
  });
});

test('everything that lab.d.ts promises is there, and nothing else was added', async () => {
  const declared = [...LAB_TYPES.matchAll(/^declare (?:const|function|class) (\w+)/gm)].map(([, name]) => name!);
  expect(declared).toContain('lab');
  const { said } = await run(`
    const declared = ${JSON.stringify(declared)};
    console.log(declared.filter((name) => !(name in globalThis)).join());
    console.log(Object.keys(globalThis).filter((name) => !declared.includes(name)).join());`);
  expect(said).toEqual(['', '']);
});

test('the editor gets every type as a global: nothing is imported or exported', () => {
  expect(LAB_TYPES).not.toMatch(/^(import|export)\b/m);
  for (const name of ['Segment', 'Datagram', 'Connection', 'Process', 'TcpState'])
    expect(LAB_TYPES).toMatch(new RegExp(`^(interface|type) ${name}\\b`, 'm'));
});

test('a connection names its owner from accept() to close(), and nobody before and after', async () => {
  const { said, report } = await run(`
    const { client, server } = lab.twoHosts();
    const listener = await server.socket(AF_INET, SOCK_STREAM);
    await server.bind(listener, { address: INADDR_ANY, port: 80 });
    await server.listen(listener);
    const socket = await client.socket(AF_INET, SOCK_STREAM);
    await client.connect(socket, { address: '10.0.0.2', port: 80 });
    await sleep(1);
    const owner = () => console.log(server.host.connections()[0].owner);
    owner();
    const fd = await server.accept(listener);
    await server.dup(fd);
    owner();
    await server.exit();
    owner();
    console.log(client.host.connections()[0].owner.process);`);
  expect(report.error).toBeUndefined();
  expect(said).toEqual(['undefined', "{ process: 'server', fd: 4 }", 'undefined', 'client']);
});

test('what is not TCP is seen on the link too: a datagram, and the ICMP that says nobody is there', async () => {
  const { said, report } = await run(`
    const { client, link } = lab.twoHosts({ delay: ms(10) });
    const socket = await client.socket(AF_INET, SOCK_DGRAM);
    await client.sendto(socket, 'anybody?', 0, { address: '10.0.0.2', port: 53 });
    await sleep(1);
    for (const { time, from, protocol, message, code, length, destination } of link.datagrams())
      console.log(time, from, protocol, message ?? '', code ?? '', length, destination.port);`);
  expect(report.error).toBeUndefined();
  expect(said).toEqual(['0 client udp   8 53', '0.01 server icmp unreachable 3 36 0']);
});

test('advance lets one thing after the other happen', async () => {
  const { said } = await run(`
    const { client, server, link } = lab.twoHosts({ delay: ms(10) });
    const listener = await server.socket(AF_INET, SOCK_STREAM);
    await server.bind(listener, { address: '10.0.0.2', port: 9502 });
    await server.listen(listener);
    const socket = await client.socket(AF_INET, SOCK_STREAM);
    const connecting = client.connect(socket, { address: '10.0.0.2', port: 9502 });
    console.log(link.segments().length, client.state(socket), now());
    console.log(await advance(), link.segments().length, client.state(socket));
    console.log(await advance(1), link.segments().length, client.state(socket));
    await connecting;`);
  expect(said).toEqual(['1 SYN-SENT 0', '0.01 2 SYN-SENT', '0.02 3 ESTABLISHED']);
});
