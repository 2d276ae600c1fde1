import { describe, expect, test } from 'vitest';
import { problemsIn } from './problems.ts';
import { REFERENCE } from './reference.ts';
import { runScript } from './run-script.ts';
import { SCRIPTS, SERVER } from './testing/scripts.ts';

const told = (source: string) => problemsIn(source).map(({ line, column, message }) => `${line}:${column} ${message}`);

test.each(Object.entries(SCRIPTS))('nothing is wrong with a script that passes: %s', (_name, source) => {
  expect(told(source)).toEqual([]);
});

describe('before it runs, a script is told', () => {
  test.each([
    ['0 socket(..., SOCK_STREAM, IPPROTO_TCP = 3', '1:43 expected `)` after `3`'],
    ['0 sokcet(..., SOCK_STREAM, IPPROTO_TCP) = 3', '1:3 there is no system call sokcet here'],
    ['0 listen(3) = 0', '1:3 listen takes 2 arguments (fd, backlog), not 1'],
    [
      '0 socket(..., SOCK_STRAEM, IPPROTO_TCP) = 3',
      '1:15 the type of socket is SOCK_STREAM, SOCK_DGRAM, SOCK_RAW or SOCK_SEQPACKET, not SOCK_STRAEM',
    ],
    ['0 listen(3, lots) = 0', '1:13 the backlog of listen: `lots` is no number known here'],
    ['0 listen(3, "5") = 0', '1:13 the backlog of listen is a number, not a string'],
    ['0 setsockopt(3, SOL_TCP, TCP_NODELY, [1], 4) = 0', '1:26 sockets here have no option TCP_NODELY'],
    ['0 close(3) = -1 EWHAT (What)', '1:14 there is no errno EWHAT'],
    ['0 %{ assert 1 == 1\nassert tcpi_cwnd == 10 }%', '2:8 there is no tcpi_cwnd in tcp_info here'],
    ['0 %{ assert tcpi_cwnd == 10 }%', '1:13 there is no tcpi_cwnd in tcp_info here'],
    ['--mtu=12\n0 close(3) = 0', '1:1 --mtu is from 1280 to 65535, not 12'],
  ])('%j: %s', (source, problem) => {
    expect(told(source)).toHaveLength(1);
    expect(told(source)[0]).toContain(problem);
  });

  test('of each of its mistakes, up to a hundred', () => {
    expect(told(`${SERVER}+0 listen(3) = 0\n+0 shutdown(4, SHUT_UP) = 0\n`)).toHaveLength(2);
    expect(told('+0 close() = 0\n'.repeat(500))).toHaveLength(100);
  });
});

describe('the reference', () => {
  test.each(REFERENCE.calls.map((call) => [call.name, call] as const))(
    '%s: its example is right, one argument more is a mistake',
    (name, call) => {
      const [, args = '', result = ''] = /^\w+\((.*)\) = (.*)$/.exec(call.example)!;
      expect(told(`0 ${call.example}`)).toEqual([]);
      const more = `0 ${name}(${args}${args === '' ? '' : ', '}..., ..., ...) = ${result}`;
      expect(told(more)[0]).toContain(`${name} takes`);
      // The run judges as the check before it does.
      const verdict = runScript({ source: more, version: '4', defines: new Map(), readFile: () => undefined });
      expect(verdict).toMatchObject({ kind: 'mistake', message: expect.stringContaining(`${name} takes`) });
    },
  );

  test('its TCP options and settings are read as they stand', () => {
    const options = REFERENCE.tcpOptions.map(({ name }) => told(`0 < S 0:0(0) win 1000 <${name}>`));
    expect(options.flat()).toEqual([]);
    const values: Readonly<Record<string, string>> = {
      ip_version: 'ipv4',
      local_ip: '10.0.0.1',
      remote_ip: '10.0.0.2',
      mtu: '1500',
      define: 'A=1',
    };
    for (const { name } of REFERENCE.settings) expect(told(`--${name}=${values[name] ?? '1'}\n0 close(3) = 0`)).toEqual([]);
  });
});

test('a hostile script is answered, quickly, with one thing', () => {
  for (const source of [
    '',
    '('.repeat(100_000),
    '`',
    '%{',
    `0 close(${'['.repeat(100_000)}`,
    '\0'.repeat(1000),
    '0 close(3) = 0\n'.repeat(10_000),
  ])
    expect(problemsIn(source).length).toBeLessThanOrEqual(1);
});
