import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../engine.ts';
import { CASES } from '../testing/agreement-cases.ts';
import { Calls } from '../testing/calls.ts';
import { octets, text } from '../testing/lab.ts';
import type { SocketAddress } from './address.ts';
import type { MessageFlag } from './message-flag.ts';
import type { Process } from './processes.ts';

/** "op socket a b", as kernel-calls.c reads it; A and B stand for two free ports. */
const stepsOf = (script: string): string[] => script.split(';').map((step) => step.trim());

const HOW = ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'] as const;
const ASKED = 0x2007;

/** The same steps on the engine: what each gives, as words. */
function onEngine(script: string): string {
  const engine = new Engine({ seed: 1 });
  const host = engine.host({ name: 'host', addresses: [] });
  const program = host.process('program');
  const calls = new Calls(engine);
  const fds = new Map<string, number>();
  const results = stepsOf(script).map((step) => {
    const [op, name, a = '', b = ''] = step.split(' ');
    const result = onEngineStep(program, calls, fds, op!, name!, a, b);
    calls.run(2);
    return result;
  });
  return results.join(' ');
}

function onEngineStep(program: Process, calls: Calls, fds: Map<string, number>, op: string, name: string, a: string, b: string): string {
  const fd = fds.get(name) ?? -1;
  const to = { address: a, port: b === 'A' ? 7001 : b === 'B' ? 7002 : Number(b) };
  switch (op) {
    case 'socket':
      fds.set(
        name,
        calls.value<number>((done) =>
          program.socket(a === '6' ? 'AF_INET6' : 'AF_INET', b === 'dgram' ? 'SOCK_DGRAM' : 'SOCK_STREAM', done),
        ),
      );
      return 'ok';
    case 'reuseaddr':
      return calls.errno((done) => program.setsockopt(fd, 'SO_REUSEADDR', 1, done));
    case 'reuseport':
      return calls.errno((done) => program.setsockopt(fd, 'SO_REUSEPORT', 1, done));
    case 'v6only':
      return calls.errno((done) => program.setsockopt(fd, 'IPV6_V6ONLY', 1, done));
    case 'bind':
      return calls.errno((done) => program.bind(fd, to, done));
    case 'connect':
      return calls.errno((done) => program.connect(fd, to, done));
    case 'sendto':
      return calls.errno((done) => program.sendto(fd, octets('x'), ['MSG_DONTWAIT', 'MSG_NOSIGNAL'], to, done));
    case 'listen':
      return calls.errno((done) => program.listen(fd, Number(a), done));
    case 'accept': {
      let errno = '';
      program.setNonBlocking(fd, true, () => {});
      program.accept4(fd, ['SOCK_NONBLOCK'], (accepted) => {
        errno = accepted.ok ? 'ok' : accepted.error.errno;
        if (accepted.ok) fds.set(a, accepted.value.fd);
      });
      program.setNonBlocking(fd, false, () => {});
      return errno;
    }
    case 'send':
      return calls.errno((done) => program.send(fd, octets('x'), ['MSG_DONTWAIT', 'MSG_NOSIGNAL'], done));
    case 'sendoob':
      return calls.errno((done) => program.send(fd, octets('x'), ['MSG_OOB', 'MSG_DONTWAIT', 'MSG_NOSIGNAL'], done));
    case 'recvoob':
      return calls.errno((done) => program.recv(fd, 16, ['MSG_OOB', 'MSG_DONTWAIT'], done));
    case 'unspec':
      return calls.errno((done) => program.connect(fd, 'AF_UNSPEC', done));
    case 'name': {
      const { address, port } = calls.value<SocketAddress>((done) => program.getsockname(fd, done));
      return `${address}:${port === 0 ? '0' : '+'}`;
    }
    case 'recv':
      return calls.errno((done) => program.recv(fd, 16, ['MSG_DONTWAIT'], done));
    case 'shutdown':
      return calls.errno((done) => program.shutdown(fd, HOW[Number(a)]!, done));
    case 'close':
      return calls.errno((done) => program.close(fd, done));
    case 'getpeername':
      return calls.errno((done) => program.getpeername(fd, done));
    case 'rcvtimeo':
      return calls.errno((done) => program.setsockopt(fd, 'SO_RCVTIMEO', Number(a), done));
    case 'sndtimeo':
      return calls.errno((done) => program.setsockopt(fd, 'SO_SNDTIMEO', Number(a), done));
    case 'inq':
      return calls.errno((done) => program.setsockopt(fd, 'TCP_INQ', 1, done));
    case 'stamp':
      return calls.errno((done) => program.setsockopt(fd, 'SO_TIMESTAMP', 1, done));
    case 'lowat':
      return calls.errno((done) => program.setsockopt(fd, 'SO_RCVLOWAT', Number(a), done));
    case 'pair': {
      const type = b === 'dgram' ? 'SOCK_DGRAM' : 'SOCK_STREAM';
      const [one, other] = calls.value<readonly [number, number]>((done) => program.socketpair('AF_UNIX', type, done));
      fds.set(name, one).set(a, other);
      return 'ok';
    }
    case 'write':
      return calls.errno((done) => program.send(fd, octets(a), ['MSG_NOSIGNAL'], done));
    case 'waitaccept':
      return calls.errno((done) =>
        program.accept(fd, (accepted) => {
          if (accepted.ok) fds.set(a, accepted.value.fd);
          done(accepted);
        }),
      );
    case 'recvmsg':
      return message(program, calls, fd, Number(a), b);
    case 'recverr':
      return calls.errno((done) => program.setsockopt(fd, 'IP_RECVERR', a === '1', done));
    case 'recverr6':
      return calls.errno((done) => program.setsockopt(fd, 'IPV6_RECVERR', a === '1', done));
    case 'errq':
      return queuedError(program, fd, Number(a));
    case 'soerror':
      return calls.value<string | undefined>((done) => program.socketError(fd, done)) ?? '-0';
    case 'poll':
      return String(calls.value<readonly { revents: number }[]>((done) => program.poll([{ fd, events: ASKED }], 0, done))[0]?.revents ?? 0);
    default:
      throw new Error(`no step "${op}"`);
  }
}

const LETTERS: Readonly<Record<string, MessageFlag>> = {
  P: 'MSG_PEEK',
  W: 'MSG_WAITALL',
  T: 'MSG_TRUNC',
  O: 'MSG_OOB',
  D: 'MSG_DONTWAIT',
};

/** result/octets/msg_flags, and what is left where TCP_INQ is set, as kernel-calls.c prints it; no letters, no flags: "-". */
function message(program: Process, calls: Calls, fd: number, room: number, letters: string): string {
  const asked = [...letters].flatMap((letter) => LETTERS[letter] ?? []);
  let told = '';
  calls.errno((done) =>
    program.recvmsg(fd, [room], asked, (result) => {
      done(result);
      if (!result.ok) {
        told = result.error.errno;
        return;
      }
      const { octets: got, length, flags, control } = result.value;
      const bits = flags.reduce((sum, flag) => sum | TOLD_FLAGS[flag]!, 0);
      const count = asked.includes('MSG_TRUNC') ? length : got.length;
      const more = control.map((one) => (one.type === 'TCP_CM_INQ' ? one.octets : 'stamp'));
      told = [count, text(got).replaceAll('\0', '.'), bits.toString(16), ...more].join('/');
    }),
  );
  return told;
}

const ORIGINS: Readonly<Record<string, number>> = { SO_EE_ORIGIN_LOCAL: 1, SO_EE_ORIGIN_ICMP: 2, SO_EE_ORIGIN_ICMP6: 3 };
const TOLD_FLAGS: Readonly<Record<string, number>> = { MSG_OOB: 1, MSG_TRUNC: 0x20, MSG_ERRQUEUE: 0x2000 };

/** octets/errno/origin/type/code/info/msg_flags of the oldest entry of the error queue, as kernel-calls.c prints it. */
function queuedError(program: Process, fd: number, room: number): string {
  let told = '';
  program.recvmsg(fd, [room], ['MSG_ERRQUEUE'], (result) => {
    if (!result.ok) {
      told = result.error.errno;
      return;
    }
    const { octets, flags, control } = result.value;
    const [message] = control;
    if (!message || !('error' in message)) throw new Error('no error was told');
    const { errno, origin, type, code, info } = message.error;
    const bits = flags.reduce((sum, flag) => sum | TOLD_FLAGS[flag]!, 0);
    told = [text(octets), errno, ORIGINS[origin], type, code, info, bits.toString(16)].join('/');
  });
  return told;
}

test.each(CASES)('%s', (_title, script, expected) => {
  expect(onEngine(script)).toBe(expected);
});

/** What the table says was taken from a kernel; where one is at hand, it is asked again. */
const isLinux = process.platform === 'linux';

if (isLinux) {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-calls-'));
  const program = join(folder, 'kernel-calls');
  beforeAll(() => {
    const source = fileURLToPath(new URL('../testing/kernel-calls.c', import.meta.url));
    execFileSync('cc', ['-O1', '-o', program, source]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('the running kernel answers as the table says', async () => {
    const names = new Map(Object.entries(constants.errno).map(([name, number]) => [`-${number}`, name]));
    const answers: string[] = [];
    for (const [title, script] of CASES) {
      const [a, b] = await freePorts();
      const lines = stepsOf(script).map((step) => step.replace(/ A$/, ` ${a}`).replace(/ B$/, ` ${b}`));
      const said = execFileSync(program, { input: `${lines.join('\n')}\n`, encoding: 'utf8', timeout: 10_000 });
      const words = said
        .trim()
        .split('\n')
        .map((word) =>
          word
            .replace(/-\d+/, (number) => names.get(number) ?? number)
            .replace('EWOULDBLOCK', 'EAGAIN')
            .replace('ENOTSUP', 'EOPNOTSUPP'),
        );
      answers.push(`${title}: ${words.join(' ')}`);
    }
    expect(answers).toEqual(CASES.map(([title, , expected]) => `${title}: ${expected}`));
  });
}

async function freePorts(): Promise<readonly [number, number]> {
  const open = [createServer(), createServer()];
  const ports = await Promise.all(
    open.map(
      (server) => new Promise<number>((resolve) => server.listen(0, '::', () => resolve((server.address() as { port: number }).port))),
    ),
  );
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0]!, ports[1]!];
}
