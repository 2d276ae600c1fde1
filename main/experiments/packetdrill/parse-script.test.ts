import { describe, expect, test } from 'vitest';
import { parseScript } from './parse-script.ts';
import type { PacketAction, Script } from './script.ts';
import { SCRIPTS } from './testing/scripts.ts';

function parsed(source: string): Script {
  const script = parseScript(source);
  if (!script.ok) throw new Error(`${script.error.line}:${script.error.column}: ${script.error.message}`);
  return script.value;
}

/** "line:column: message" of the mistake. */
function mistake(source: string): string {
  const script = parseScript(source);
  return script.ok ? 'no mistake' : `${script.error.line}:${script.error.column}: ${script.error.message}`;
}

const packet = (text: string): PacketAction => parsed(`+0 ${text}`).events[0]!.action as PacketAction;

describe('times', () => {
  test.each([
    ['0', { kind: 'absolute', time: 0 }],
    ['1.5', { kind: 'absolute', time: 1.5e9 }],
    ['+.001', { kind: 'relative', time: 1e6 }],
    ['*', { kind: 'any' }],
    ['+*', { kind: 'any' }],
    ['1~1.5', { kind: 'absolute-range', from: 1e9, to: 1.5e9 }],
    ['+.3~+.400', { kind: 'relative-range', from: 3e8, to: 4e8 }],
  ])('%s', (written, time) => {
    expect(parsed(`${written} > . 1:1(0) ack 1`).events[0]!.time).toEqual(time);
  });

  test('a call that waits has the time it ends', () => {
    expect(parsed('+.1...0.200 accept(3, ..., ...) = 4').events[0]!.action).toMatchObject({ kind: 'call', name: 'accept', end: 2e8 });
  });
});

describe('packets', () => {
  test('flags, numbers, window, urgent pointer, ports', () => {
    expect(packet('< 1234 > 80 FPU. 1:11(10) ack 5 win 100 urg 3').body).toEqual({
      kind: 'tcp',
      ports: { src: 1234, dst: 80 },
      flags: 0x39,
      ace: undefined,
      seq: 1,
      length: 10,
      ack: 5,
      window: 100,
      urgent: 3,
      options: [],
    });
    expect(packet('< - 1:1(0)').body).toMatchObject({ flags: 0, window: undefined });
    expect(packet('> SEWA 0:0(0)').body).toMatchObject({ flags: 0x1c2 });
    expect(packet('> P.5 1:2(1) ack 1').body).toMatchObject({ flags: 0x18, ace: 5 });
  });

  test('every option', () => {
    const written = 'mss 1460,nop,eol,wscale 7,sackOK,sack 1:2,TS val 1 ecr 2,FO,FOEXP ab12';
    expect(packet(`> . 1:1(0) ack 1 <${written}>`).body).toMatchObject({
      options: [
        { kind: 'mss', octets: 1460 },
        { kind: 'nop' },
        { kind: 'end' },
        { kind: 'window-scale', shift: 7 },
        { kind: 'sack-permitted' },
        { kind: 'sack', blocks: [{ left: 1, right: 2 }] },
        { kind: 'timestamps', value: 1, echo: 2 },
        { kind: 'fast-open', cookie: new Uint8Array(0), experimental: false },
        { kind: 'fast-open', cookie: Uint8Array.of(0xab, 0x12), experimental: true },
      ],
    });
    expect(packet('> . 1:1(0) ack 1 <nop,nop,sack 1:2 3:4>').body).toMatchObject({
      options: [{}, {}, { blocks: [{ left: 1 }, { left: 3 }] }],
    });
    expect(packet('> . 1:1(0) ack 1 <md5 000102030405060708090a0b0c0d0e0f>').body).toMatchObject({ options: [{ kind: 'md5' }] });
    expect(packet('> . 1:1(0) ack 1 <ECN e1b 1 ceb 2 e0b 3>').body).toMatchObject({ options: [{ kind: 'unknown', code: 174 }] });
    expect(packet('> . 1:1(0) ack 1 <unknown 99 0102>').body).toMatchObject({
      options: [{ kind: 'unknown', code: 99, body: Uint8Array.of(1, 2) }],
    });
    expect(packet('> . 1:1(0) ack 1 <...>').body).toMatchObject({ options: undefined });
  });

  test('IP: ECN, type of service, time to live; UDP and ICMP; headers around', () => {
    expect(packet('> [ect0] . 1:1(0) ack 1').ip).toEqual({ ecn: 'ect0' });
    expect(packet('> (tos 0x10, flowlabel 0x12345) . 1:1(0) ack 1').ip).toEqual({ tos: 16, flowLabel: 0x12345 });
    expect(packet('< udp (1000)').body).toEqual({ kind: 'udp', ports: undefined, length: 1000 });
    expect(packet('< icmp unreachable frag_needed mtu 1400 [1:1001(1000)]').body).toEqual({
      kind: 'icmp',
      type: 'unreachable',
      code: 'frag_needed',
      mtu: 1400,
      id: undefined,
      about: { protocol: 'tcp', seq: 1, length: 1000 },
    });
    const around = packet('> ipv4 1.1.1.1 > 2.2.2.2: gre: mpls (label 16, tc 0, [S], ttl 64): ipv6 fd::1 > fd::2: . 1:1(0) ack 1').around;
    expect(around.map(({ kind }) => kind)).toEqual(['ip', 'gre', 'mpls', 'ip']);
  });
});

test('options, definitions, commands, code and comments', () => {
  const script = parsed(
    '--tolerance_usecs=5000\n--define=A="x"\n`sysctl a=1`\n/* one */ 0 %{ assert 1 }% // two\n+0 f(A, 0x10|B, [1, {fd=3, events=C}]) = -1 EINVAL (Invalid argument)\n`end`',
  );
  expect(script.options.map(({ name, value }) => [name, value])).toEqual([
    ['tolerance_usecs', '5000'],
    ['define', 'A="x"'],
  ]);
  expect([script.before?.text, script.after?.text]).toEqual(['sysctl a=1', 'end']);
  expect(script.events.map(({ action }) => action.kind)).toEqual(['code', 'call']);
  expect(script.events[1]!.action).toMatchObject({
    errno: 'EINVAL',
    args: [{ kind: 'string', text: 'x' }, { kind: 'or' }, { kind: 'list' }],
  });
});

test('what the command line defines wins over the script', () => {
  const script = parseScript('--define=N=1\n0 close(N) = 0', new Map([['N', '2']]));
  expect(script.ok && script.value.events[0]!.action).toMatchObject({ args: [{ kind: 'integer', value: 2 }] });
});

describe('a mistake has a line, a column, and what was expected there', () => {
  test.each([
    ['0 close(3) = 0\n+0 < . 1:1(0) ack 1 win\n+0 close(4) = 0', '3:1: expected a window size, found `+`'],
    ['+0 < . 1:1(0) ack 1 win x', '1:25: expected a window size after `win`, found `x`'],
    ['+0 < . 1:1(0) ack 1 win 70000', '1:25: a window size is from 0 to 65535, not 70000'],
    ['+0 < Q. 1:1(0) ack 1', '1:6: `Q` is no TCP flag; there are F S R P . U E W A, and - for none'],
    ['+0 < . 1:100(9) ack 1', '1:10: 1:100 is 99 octets, not 9'],
    [
      '+0 > . 1:1(0) ack 1 <mss 1460,foo>',
      '1:31: expected a TCP option: one of mss, nop, eol, wscale, sackOK, sack, TS, FO, FOEXP, md5, ECN, unknown after `,`, found `foo`',
    ],
    ['+0 < . 1:1(0) ack 1 <...>', '1:21: `<...>` can only be expected of a packet that goes out'],
    ['+0 < S 0:0(0) <FO abc>', '1:19: a cookie is written with pairs of hexadecimal digits, not `abc`'],
    ['* close(3) = 0', '1:1: only a packet that is expected (`>`) can have a range of times or `*`'],
    ['1~.5 > . 1:1(0) ack 1', '1:3: the range of times ends before it begins'],
    ['+0 close(3 = 0', '1:12: expected `)` after `3`, found `=`'],
    ['+0 close(3) = -1 EBADF', '1:23: expected what EBADF means, in parentheses after `EBADF`, found the end of the script'],
    ['+0 poll([{fd=3, evnts=1}], 1, 0) = 0', '1:24: no structure has the fields fd, (a value); there are'],
    ['+0 f("abc) = 0', '1:6: this string has no end: expected `"`'],
    ['+0 %{ assert 1', '1:4: this code has no end: expected `}%`'],
    ['/* for ever', '1:1: this comment has no end: expected `*/`'],
    ['--define=X', '1:11: --define takes NAME=value, not X'],
    ['', '1:1: expected an event, such as `+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3`, found the end of the script'],
    [`+0 f(${'['.repeat(5000)}`, '1:56: nested more than 50 deep'],
  ])('%#', (source, message) => {
    expect(mistake(source).slice(0, message.length)).toBe(message);
  });
});

test('our own scripts are understood', () => {
  for (const source of Object.values(SCRIPTS)) expect(mistake(source)).toBe('no mistake');
});
