import { describe, expect, test } from 'vitest';
import { runScript } from './run-script.ts';
import type { IpVersion } from './settings.ts';
import { SCRIPTS, SERVER } from './testing/scripts.ts';
import type { Verdict } from './verdict.ts';

/** With the tunable for timestamps behind the options, where it belongs. */
const prepared = (source: string): string => {
  if (source.includes('`') || source.includes('TS val')) return source;
  const lines = source.trimStart().split('\n');
  const options = lines.findIndex((line) => !line.startsWith('--'));
  return [...lines.slice(0, options), '`sysctl -q net.ipv4.tcp_timestamps=0`', ...lines.slice(options)].join('\n');
};

const judge = (source: string, version: IpVersion = '4', files: Readonly<Record<string, string>> = {}): Verdict =>
  runScript({ source: prepared(source), version, defines: new Map(), readFile: (path) => files[path] });

describe.each(['4', '6', '4-mapped'] as const)('IP version %s', (version) => {
  test.each(Object.entries(SCRIPTS))('%s', (_name, source) => {
    expect(judge(source, version)).toMatchObject({ passed: true, message: undefined });
  });
});

describe('a script that is wrong about TCP is told where, and both sides', () => {
  test('another window, another number, another length', () => {
    const source = `${SERVER}+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 2 win 7\n`;
    expect(judge(source)).toEqual({
      passed: false,
      kind: 'content',
      line: 11,
      column: 1,
      text: '+0 > P. 1:101(100) ack 2 win 7',
      message: 'acknowledgment number, window differ',
      expected: 'P. 1:101(100) «ack 2» «win 7»',
      actual: 'P. 1:101(100) «ack 1» «win 63»',
    });
  });

  test('the wrong option', () => {
    const verdict = judge(SERVER.replace('mss 1460', 'mss 1400'));
    expect(verdict).toMatchObject({ kind: 'content', line: 7, message: 'options differ' });
    expect(verdict.actual).toBe('S. 0:0(0) ack 1 «<mss 1460,nop,nop,sackOK,nop,wscale 10>»');
  });

  test('at the wrong time is another kind of miss', () => {
    const source = `${SERVER}+.1 < P. 1:6(5) ack 1 win 512\n+.3 > . 1:1(0) ack 6\n`;
    expect(judge(source)).toMatchObject({ kind: 'timing', line: 11, expected: 'at 0.410000 s', actual: 'at 0.110000 s' });
  });

  test('never', () => {
    expect(judge(`${SERVER}+0 > P. 1:6(5) ack 1\n`)).toMatchObject({
      kind: 'content',
      line: 10,
      message: 'no packet left',
      actual: 'none',
    });
  });

  test('another result, another errno, another value', () => {
    expect(judge(`${SERVER}+0 write(4, ..., 100) = 99\n`)).toMatchObject({ expected: 'write(...) = «99»', actual: 'write(...) = «100»' });
    expect(judge(`${SERVER}+0 read(9, ..., 100) = -1 EAGAIN (x)\n`)).toMatchObject({ actual: 'read(...) = «-1 EBADF»' });
    expect(judge(`${SERVER}+0 getsockopt(4, SOL_TCP, TCP_MAXSEG, [999], [4]) = 0\n`)).toMatchObject({
      expected: '«999»',
      actual: '«1000»',
    });
  });

  test('a call that waits where the script says nothing of waiting; one that waits for ever; one that comes back early', () => {
    expect(judge(`${SERVER}+0 read(4, ..., 100) = 5\n`)).toMatchObject({ line: 10, message: 'read waits' });
    expect(judge(`${SERVER}+0...0.5 read(4, ..., 100) = 5\n`)).toMatchObject({ line: 10, message: 'read never came back' });
    const early = `${SERVER}+0...0.5 read(4, ..., 100) = 5\n+.1 < P. 1:6(5) ack 1 win 512\n+0 > . 1:1(0) ack 6\n`;
    expect(judge(early)).toMatchObject({ kind: 'timing', line: 10 });
  });

  test('an assertion, with what the names stand for', () => {
    const verdict = judge(`${SERVER}+0 %{ cwnd = 10; cwnd += 1 }%\n+0 %{ assert tcpi_snd_cwnd == cwnd, 'cwnd=%d' % tcpi_snd_cwnd }%\n`);
    expect(verdict).toMatchObject({
      kind: 'content',
      line: 11,
      expected: 'tcpi_snd_cwnd == cwnd',
      actual: 'tcpi_snd_cwnd = 10, cwnd = 11',
    });
  });

  test('an assertion among others, by its own line and column', () => {
    const judged = (code: string): string => {
      const { line, column, text } = judge(`${SERVER}+0 ${code}\n`);
      return `${line}:${column}: ${text}`;
    };
    expect(judged('%{ assert 1; assert tcpi_snd_cwnd == 3 }%')).toBe('10:17: +0 %{ assert 1; assert tcpi_snd_cwnd == 3 }%');
    expect(judged('%{\nassert 1 # one\n  assert tcpi_snd_cwnd == 3\n}%')).toBe('12:3: assert tcpi_snd_cwnd == 3');
    expect(judged('%{ assert 1; \\\n   assert tcpi_snd_cwnd == 3; \\\n}%')).toBe('11:4: assert tcpi_snd_cwnd == 3; \\');
  });
});

describe('a script with a mistake is told the line, the column and what was expected there', () => {
  test.each([
    ['0 socket(..., SOCK_STREAM, IPPROTO_TCP) 3', '1:41: expected `=` after `)`, found `3`'],
    ['0 listen(3) = 0', '1:3: listen takes 2 arguments, not 1'],
    ['0 listen(3, [1]) = 0', '1:13: the backlog of listen is a number, not a list'],
    ['0 poll(3, 1, 0) = 1', '1:8: the descriptors of poll is a list in [ ], not a number'],
    ['0 poll([{onoff=1, linger=0}], 1, 0) = 1', '1:9: pollfd has no field fd'],
    ['--tolerance_usecs=fast\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', '1:1: --tolerance_usecs is from 0 to 1000000000, not fast'],
    ['0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 > S 0:0(1) <mss 1460>', '2:10: 0:0 is 0 octets, not 1'],
  ])('%s', (source, told) => {
    const { kind, line, column, message, text } = runScript({ source, version: '4', defines: new Map(), readFile: () => undefined });
    expect([kind, `${line}:${column}: ${message}`]).toEqual(['mistake', told]);
    expect(text).toBe(source.split('\n')[line! - 1]);
  });
});

describe('the shell', () => {
  const passes = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n`;

  test('scripts that set tunables are understood, with their sums and comments', () => {
    const files = {
      '../defaults.sh':
        '#!/bin/bash\n# sizes\nsysctl -q net.ipv4.tcp_rmem="4096 540000 $((15*1024*1024))" > /dev/null 2>&1\nip tcp_metrics flush all\n',
    };
    const source = `\`../defaults.sh\n sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_timestamps=0\`\n${SERVER.replace('mss 1460,nop,nop,sackOK,nop,wscale 10', 'mss 1460,nop,wscale 8')}`;
    expect(judge(source, '4', files).passed).toBe(true);
  });

  test('other commands are refused by name', () => {
    expect(judge(`\`rm -rf /\`\n${passes}`)).toMatchObject({ kind: 'unsupported', line: 1 });
    expect(judge(`\`rm -rf /\`\n${passes}`).message).toContain('the shell command `rm` cannot be run here');
    expect(judge(`\`./missing.sh\`\n${passes}`).message).toBe('the shell script ./missing.sh cannot be read');
    expect(judge(`\`sysctl -w net.ipv4.tcp_magic=1\`\n${passes}`).message).toBe('no sysctl "net.ipv4.tcp_magic"');
  });

  test('what cannot be done gives way to what stands behind ||', () => {
    expect(judge(`\`magic || sysctl net.ipv4.tcp_timestamps=0\`\n${SERVER}`).passed).toBe(true);
    expect(judge(`\`magic || wonder\`\n${passes}`).message).toContain('`wonder` cannot be run here');
  });

  test('a cookie learned is forgotten with ip tcp_metrics flush all', () => {
    const ask = 'S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 10,FO,nop,nop>';
    const opens = (fd: number) => `+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = ${fd}
+0 sendto(${fd}, ..., 3, MSG_FASTOPEN|MSG_DONTWAIT, ..., ...) = `;
    const learn = `\`sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_fastopen=3\`
${opens(3)}-1 EINPROGRESS (Operation now in progress)
+0 > ${ask}
+0 < S. 0:0(0) ack 1 win 500 <mss 1000,FO abcd1234>
+0 > . 1:1(0) ack 1
`;
    const shown = `${opens(4)}3\n+0 > S 0:3(3) <mss 1460,nop,nop,sackOK,nop,wscale 10,FO abcd1234,nop,nop>\n`;
    expect(judge(`${learn}${shown}`)).toMatchObject({ passed: true, message: undefined });
    const taken =
      '+.01 < S. 0:0(0) ack 4 win 500 <mss 1000>\n+0 > . 4:4(0) ack 1\n+0 %{ assert (tcpi_options & TCPI_OPT_SYN_DATA) != 0; assert tcpi_delivered == 1 }%\n';
    expect(judge(`${learn}${shown}${taken}`)).toMatchObject({ passed: true, message: undefined });
    const again = `+0 \`ip tcp_metrics flush all > /dev/null 2>&1\`\n${opens(4)}-1 EINPROGRESS (x)\n+0 > ${ask}\n`;
    expect(judge(`${learn}${again}`)).toMatchObject({ passed: true, message: undefined });
  });

  test('a shell script that calls itself ends', () => {
    expect(judge(`\`./loop.sh\`\n${passes}`, '4', { './loop.sh': './loop.sh' })).toMatchObject({ kind: 'unsupported' });
  });
});
