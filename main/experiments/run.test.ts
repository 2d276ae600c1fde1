import { describe, expect, test } from 'vitest';
import { run } from './testing/run.ts';

const CONNECTED = `
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, { address: '10.0.0.2', port: 9502 });
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, { address: '10.0.0.2', port: 9502 });
const connection = await server.accept(listener);
`;

describe('a run', () => {
  test('tells each system call with its result, its time and its place', async () => {
    const { report, events } = await run(CONNECTED);
    expect(report).toMatchObject({ name: 'test', target: 'engine', seed: 1, outcome: 'passed', error: undefined, duration: 30_000_000 });
    const calls = events.flatMap((event) => (event.kind === 'call' ? [event] : []));
    expect(calls.map(({ process, call, result }) => `${process}: ${call} = ${result}`)).toEqual([
      'server: socket(AF_INET, SOCK_STREAM, 0) = 3',
      'server: bind(3, 10.0.0.2:9502) = 0',
      'server: listen(3, 5) = 0',
      'client: socket(AF_INET, SOCK_STREAM, 0) = 3',
      'client: connect(3, 10.0.0.2:9502) = 0',
      'server: accept(3) = 4',
    ]);
    expect(calls[4]).toMatchObject({ time: 20_000_000, at: { line: 7 } });
  });

  test('repeats itself exactly with the same seed, and not with another', async () => {
    const script = `${CONNECTED}
      link.set({ loss: 0.2, jitter: ms(5) });
      await client.send(socket, 'x'.repeat(20000));
      let read = 0;
      while (read < 20000) read += (await server.recv(connection, 65536)).length;
      console.log(lab.random(), Math.random(), link.segments());`;
    const [first, again, other] = [await run(script), await run(script), await run(script, { seed: 2 })];
    expect(again).toEqual(first);
    expect(other.frames).not.toEqual(first.frames);
    expect(first.report.outcome).toBe('passed');
  });

  test('hands over what was on every link as one recording', async () => {
    const { frames } = await run(`
      const a = lab.host('a', { addresses: ['10.0.0.1/24'] });
      const b = lab.host('b', { addresses: ['10.0.0.2/24', '10.1.0.2/24'] });
      const c = lab.host('c', { addresses: ['10.1.0.3/24'] });
      lab.link(a, b, { delay: ms(1) });
      lab.link(b, c, { delay: ms(1) });
      const p = b.process('p');
      for (const [host, address] of [[a, '10.0.0.1'], [c, '10.1.0.3']] as const) {
        const fd = await p.socket(AF_INET, SOCK_STREAM);
        await expect(p.connect(fd, { address, port: 7 }), 'nobody listens').toFailWith('ECONNREFUSED');
      }`);
    expect(frames.flatMap((batch) => [...batch.interfaceId])).toEqual([0, 0, 1, 1]);
    const positions = frames.flatMap((batch) => [...batch.position]);
    expect(positions).toEqual([...positions].sort((x, y) => x - y));
    expect(new Set(positions).size).toBe(4);
  });

  test('shows the engine at its end', async () => {
    const states: unknown[] = [];
    await run(CONNECTED, { onSnapshot: ({ hosts }) => states.push(hosts.map((host) => host.connections.map(({ state }) => state))) });
    expect(states.at(-1)).toEqual([['ESTABLISHED'], ['ESTABLISHED']]);
  });

  test('takes named parameters, and the script its default', async () => {
    const script = `console.log(param('port', 9502), param('who', 'nobody'), lab.seed)`;
    expect((await run(script, { parameters: { port: 80 }, seed: 7 })).said).toEqual(['80 nobody 7']);
  });

  test('says that the kernel is not to be had where nobody can capture', async () => {
    const { report } = await run('', { target: 'kernel' });
    expect(report).toMatchObject({ outcome: 'error', error: { kind: 'unusable', message: expect.stringContaining('can be captured') } });
  });

  test('can be stopped at any time', async () => {
    const stop = { aborted: false };
    const script = `console.log('on and on'); for (;;) { await sleep(1); }`;
    const { report } = await run(script, {
      stop,
      onEvent: () => {
        setImmediate(() => {
          stop.aborted = true;
        });
      },
    });
    expect(report).toMatchObject({ outcome: 'error', error: { kind: 'stopped' } });
  });
});

describe('waiting for what never happens', () => {
  test('ends the run, saying who waits for what and where', async () => {
    const { report } = await run(`${CONNECTED}\nconst more = server.accept(listener);\nawait client.recv(socket, 100);`);
    expect(report.error).toMatchObject({ kind: 'deadlock', at: { line: 11 } });
    expect(report.error?.message).toContain('server: accept(3) waits for a connection in the accept queue, since 0.03 s (line 10, column');
    expect(report.error?.message).toContain(
      'client: recv(3, 100, 0) waits for data or the end of the stream, since 0.03 s (line 11, column',
    );
  });
  test('a condition that never comes to hold', async () => {
    const { report } = await run(`const { client } = lab.twoHosts();\nawait until(() => false, { what: 'a miracle' });`);
    expect(report.error).toMatchObject({ kind: 'deadlock', message: expect.stringContaining('waits for a miracle'), at: { line: 2 } });
  });
  test('a promise of the script itself', async () => {
    const { report } = await run('await new Promise(() => {});');
    expect(report.error).toMatchObject({ kind: 'deadlock', message: expect.stringContaining('a promise that nothing will settle') });
  });
  test('a program that still waits beside a script that is through is none', async () => {
    const { report } = await run(`${CONNECTED}\nlab.start('server', async () => { await server.accept(listener); });`);
    expect(report.outcome).toBe('passed');
  });
});

describe('what goes wrong in a script', () => {
  test('a failing call throws SystemError at its own line', async () => {
    const { report } = await run(`const { client } = lab.twoHosts();
const fd = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(fd, { address: '10.0.0.2', port: 1 });`);
    expect(report.error).toMatchObject({
      kind: 'thrown',
      message: expect.stringContaining('SystemError: connect: ECONNREFUSED'),
      at: { line: 3 },
    });
  });
  test('it can be caught and read', async () => {
    const { said } = await run(`const { client } = lab.twoHosts();
      try { await client.listen(77); } catch (error) {
        if (error instanceof SystemError) console.log(error.errno, error.code, error.syscall, error instanceof Error);
      }`);
    expect(said).toEqual(['EBADF EBADF listen true']);
  });
  test('a program beside the script that fails ends the run with its name and line', async () => {
    const { report } = await run(
      `lab.start('worker', async () => {\n  await sleep(1);\n  throw new Error('no more');\n});\nawait sleep(5);`,
    );
    expect(report.error).toMatchObject({ kind: 'thrown', message: 'the program "worker" failed: Error: no more', at: { line: 3 } });
    expect(report.duration).toBe(1e9);
  });
  test.each([
    [`lab.twoHosts({ delay: -1 })`, 'settings.delay'],
    [`lab.twoHosts({ client: { 'net.ipv4.tcp_sin_retries': 3 } })`, 'no sysctl "net.ipv4.tcp_sin_retries"; there are net.core'],
    [`lab.host('a', { addresses: ['10.0.0.300/24'] })`, '"10.0.0.300/24" is no address'],
    [`lab.twoHosts(); lab.host('client', { addresses: ['10.0.0.9/24'] })`, 'there is a host "client" already'],
    [`lab.twoHosts().client.state(3)`, 'never had a descriptor 3'],
    [`await sleep(NaN)`, 'seconds'],
  ])('%s is answered with what would be right', async (script, message) => {
    const { report } = await run(script);
    expect(report.error).toMatchObject({ kind: 'thrown', message: expect.stringContaining(message), at: { line: 1 } });
  });
  test('a rule on a link that throws ends the run with its own line', async () => {
    const { report } = await run(
      CONNECTED.replace('const listener', 'link.drop((segment) => {\n  throw new Error("rule");\n});\nconst listener'),
    );
    expect(report.error).toMatchObject({ kind: 'thrown', message: 'Error: rule', at: { line: 4 } });
  });
});
