import type { Errno, ErrnoName } from '../../engine/sockets/errno.ts';
import type { OptionValue, SettableValue } from '../../engine/sockets/options.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import type { Domain, SocketType } from '../../engine/sockets/socket.ts';
import type { Result } from '../../wire/result.ts';
import { comparedMessage } from './received-message.ts';
import type { CallAction, Expression } from './script.ts';
import { messageFlags, OpenFlag } from './symbols.ts';
import { Arguments, fieldOf, listIn, numberField, numberIn, union } from './values.ts';
import { Miss } from './verdict.ts';

/** How a call came back: what it returned, and what it wrote where the script looks, next to what the script says there. */
export interface Outcome {
  readonly result: number;
  readonly errno: ErrnoName | undefined;
  readonly written?: readonly { readonly what: string; readonly expected: string; readonly actual: string }[];
}

/** What calls have to do with: the program under test, and where the script's bind() and connect() go. */
export interface CallContext {
  readonly program: Process;
  readonly domain: Domain;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** The live descriptor of a script's. */
  live(fd: number): number;
}

type Back = (outcome: Outcome) => void;
type Call = (call: CallAction, context: CallContext, back: Back) => void;

const failed = ({ errno }: Errno): Outcome => ({ result: -1, errno });
const gave = <T>(back: Back, result: (value: T) => number, written?: (value: T) => Outcome['written']) => {
  return (outcome: Result<T, Errno>): void => {
    if (!outcome.ok) back(failed(outcome.error));
    else {
      const wrote = written?.(outcome.value);
      back({ result: result(outcome.value), errno: undefined, ...(wrote && { written: wrote }) });
    }
  };
};
const nothing = (): number => 0;
const count = (octets: Uint8Array): number => octets.length;

const differ = (what: string, expected: string | number, actual: string | number): Outcome['written'] => [
  { what, expected: `${expected}`, actual: `${actual}` },
];

/** The program gave an address where it has no memory: the call ends before the socket hears of it. */
const noMemory: Outcome = { result: -1, errno: 'EFAULT' };

const CALLS: Readonly<Record<string, Call>> = {
  socket(call, { program, domain }, back) {
    const args = new Arguments(call, 3);
    const family = args.isEllipsis(0) ? domain : args.word(0, 'the family');
    program.socket(
      family as Domain,
      args.word(1, 'the type') as SocketType,
      gave(back, (fd) => fd),
    );
  },
  bind(call, context, back) {
    const args = new Arguments(call, 3);
    context.program.bind(context.live(args.number(0, 'the descriptor')), addressIn(args.at(1), context.local), gave(back, nothing));
  },
  listen(call, context, back) {
    const args = new Arguments(call, 2);
    context.program.listen(context.live(args.number(0, 'the descriptor')), args.number(1, 'the backlog'), gave(back, nothing));
  },
  accept(call, context, back) {
    const args = new Arguments(call, 3);
    context.program.accept(
      context.live(args.number(0, 'the descriptor')),
      gave(back, ({ fd }) => fd),
    );
  },
  connect(call, context, back) {
    const args = new Arguments(call, 3);
    const to = isUnspecified(args.at(1)) ? 'AF_UNSPEC' : addressIn(args.at(1), context.remote);
    context.program.connect(context.live(args.number(0, 'the descriptor')), to, gave(back, nothing));
  },
  shutdown(call, context, back) {
    const args = new Arguments(call, 2);
    const how = args.word(1, 'the direction');
    if (how !== 'SHUT_RD' && how !== 'SHUT_WR' && how !== 'SHUT_RDWR')
      throw new Miss('mistake', `shutdown takes SHUT_RD, SHUT_WR or SHUT_RDWR, not ${how}`);
    context.program.shutdown(context.live(args.number(0, 'the descriptor')), how, gave(back, nothing));
  },
  close(call, context, back) {
    const args = new Arguments(call, 1);
    context.program.close(context.live(args.number(0, 'the descriptor')), gave(back, nothing));
  },
  read: receiving(false, false),
  recv: receiving(true, false),
  recvfrom: receiving(true, true),
  readv(call, context, back) {
    const args = new Arguments(call, 3);
    const sizes = sizesIn(args.at(1));
    context.program.readv(
      context.live(args.number(0, 'the descriptor')),
      sizes,
      gave(back, (buffers) => buffers.reduce((sum, buffer) => sum + buffer.length, 0)),
    );
  },
  recvmsg(call, context, back) {
    const args = new Arguments(call, 3);
    const message = args.at(1);
    const { flags, unknown } = messageFlags(args.number(2, 'the flags'));
    if (unknown.length > 0) throw new Miss('unsupported', `the engine's recvmsg has no ${unknown.join(', ')}`);
    const sizes = sizesIn(fieldOf(message, 'msg_iov', 'the message')!);
    context.program.recvmsg(
      context.live(args.number(0, 'the descriptor')),
      sizes,
      flags,
      gave(
        back,
        ({ octets }) => octets.length,
        (received) => comparedMessage(message, received),
      ),
    );
  },
  write: sending('write', false),
  send: sending('send', true),
  sendto(call, context, back) {
    const args = new Arguments(call, 6);
    const fd = context.live(args.number(0, 'the descriptor'));
    const length = args.number(2, 'the length');
    if (args.isNull(1) && length > 0) return back(noMemory);
    const { flags, unknown } = messageFlags(args.number(3, 'the flags'));
    if (unknown.length > 0) throw new Miss('unsupported', `the engine's sendto has no ${unknown.join(', ')}`);
    context.program.sendto(
      fd,
      buffer(length),
      flags,
      isUnspecified(args.at(4)) ? 'AF_UNSPEC' : addressIn(args.at(4), context.remote),
      gave(back, (sent) => sent),
    );
  },
  writev(call, context, back) {
    const args = new Arguments(call, 3);
    const buffers = sizesIn(args.at(1)).map(buffer);
    context.program.writev(
      context.live(args.number(0, 'the descriptor')),
      buffers,
      gave(back, (sent) => sent),
    );
  },
  sendmsg(call, context, back) {
    const args = new Arguments(call, 3);
    const { flags, unknown } = messageFlags(args.number(2, 'the flags'));
    if (unknown.length > 0) throw new Miss('unsupported', `the engine's sendmsg has no ${unknown.join(', ')}`);
    const buffers = sizesIn(fieldOf(args.at(1), 'msg_iov', 'the message')!).map(buffer);
    const to = flags.includes('MSG_FASTOPEN') ? context.remote : undefined;
    context.program.sendmsg(
      context.live(args.number(0, 'the descriptor')),
      buffers,
      flags,
      to,
      gave(back, (sent) => sent),
    );
  },
  fcntl(call, context, back) {
    const args = new Arguments(call, 2, 3);
    const fd = context.live(args.number(0, 'the descriptor'));
    const command = args.word(1, 'the command');
    if (command === 'F_SETFL')
      context.program.setNonBlocking(fd, (args.number(2, 'the flags') & OpenFlag.NONBLOCK) !== 0, gave(back, nothing));
    else if (command === 'F_GETFL') {
      const socket = context.program.descriptors().find(([number]) => number === fd)?.[1];
      back(
        socket ? { result: OpenFlag.RDWR | (socket.nonBlocking ? OpenFlag.NONBLOCK : 0), errno: undefined } : failed({ errno: 'EBADF' }),
      );
    } else throw new Miss('unsupported', `fcntl knows F_GETFL and F_SETFL here, not ${command}`);
  },
  ioctl(call, context, back) {
    const args = new Arguments(call, 3);
    const request = args.word(1, 'the request');
    if (request !== 'SIOCINQ' && request !== 'SIOCOUTQ' && request !== 'SIOCATMARK')
      throw new Miss('unsupported', `ioctl knows SIOCINQ, SIOCOUTQ and SIOCATMARK here, not ${request}`);
    const expected = numberIn(args.list(2, 'the value')[0]!, 'the value of ioctl');
    context.program.ioctl(
      context.live(args.number(0, 'the descriptor')),
      request,
      gave(back, nothing, (value) => differ(request, expected, value)),
    );
  },
  setsockopt(call, context, back) {
    const args = new Arguments(call, 5);
    const name = args.word(2, 'the option');
    context.program.setsockopt(context.live(args.number(0, 'the descriptor')), name, settable(args.at(3), name), gave(back, nothing));
  },
  getsockopt(call, context, back) {
    const args = new Arguments(call, 5);
    const fd = context.live(args.number(0, 'the descriptor'));
    const name = args.word(2, 'the option');
    if (name === 'SO_ERROR') {
      const expected = writeExpected(args.at(3));
      context.program.socketError(
        fd,
        gave(back, nothing, (errno) => differ(name, expected, errno ?? '0')),
      );
      return;
    }
    context.program.getsockopt(
      fd,
      name,
      gave(back, nothing, (value) => differ(name, writeExpected(args.at(3)), writeOptionValue(value))),
    );
  },
  poll(call, context, back) {
    const args = new Arguments(call, 3);
    const entries = args.list(0, 'the descriptors');
    const asked = entries.map((entry) => ({
      fd: context.live(numberField(entry, 'fd', 'pollfd')),
      events: numberField(entry, 'events', 'pollfd'),
    }));
    const expected = entries.map((entry) => (fieldOf(entry, 'revents', 'pollfd') ? numberField(entry, 'revents', 'pollfd') : 0));
    context.program.poll(
      asked,
      args.number(2, 'the timeout'),
      gave(
        back,
        (ready) => ready.length,
        (ready) =>
          asked.map(({ fd }, i) => ({
            what: `revents of descriptor ${fd}`,
            expected: writePoll(expected[i]!),
            actual: writePoll(ready.find((one) => one.fd === fd)?.revents ?? 0),
          })),
      ),
    );
  },
  epoll_create(call, { program }, back) {
    new Arguments(call, 1);
    program.epoll_create(gave(back, (fd) => fd));
  },
  epoll_ctl(call, context, back) {
    const args = new Arguments(call, 4);
    const op = args.word(1, 'the operation');
    if (op !== 'EPOLL_CTL_ADD' && op !== 'EPOLL_CTL_MOD' && op !== 'EPOLL_CTL_DEL')
      throw new Miss('mistake', `epoll_ctl takes EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL, not ${op}`);
    const event =
      args.at(3).kind === 'struct'
        ? { events: numberField(args.at(3), 'events', 'epoll_event'), data: dataOf(args.at(3)) }
        : { events: 0, data: 0 };
    context.program.epoll_ctl(
      context.live(args.number(0, 'the descriptor')),
      op,
      context.live(args.number(2, 'the descriptor')),
      event,
      gave(back, nothing),
    );
  },
  epoll_wait(call, context, back) {
    const args = new Arguments(call, 4);
    const events = args.at(1).kind === 'list' ? args.list(1, 'the events') : [args.at(1)];
    context.program.epoll_wait(
      context.live(args.number(0, 'the descriptor')),
      args.number(2, 'the room'),
      args.number(3, 'the timeout'),
      gave(
        back,
        (told) => told.length,
        (told) =>
          told.map(({ events: bits, data }, i) => {
            const expected = events[i];
            return {
              what: 'the event',
              expected: expected ? `${writePoll(numberField(expected, 'events', 'epoll_event'))} of ${dataOf(expected)}` : 'no event',
              actual: `${writePoll(bits)} of ${data}`,
            };
          }),
      ),
    );
  },
};

/** Makes a system call; `back` hears how it ended, perhaps later. */
export function makeCall(call: CallAction, context: CallContext, back: Back): void {
  if (!Object.hasOwn(CALLS, call.name))
    throw new Miss('unsupported', `there is no system call ${call.name} here; there are ${Object.keys(CALLS).join(', ')}`);
  CALLS[call.name]!(call, context, back);
}

function receiving(hasFlags: boolean, hasAddress: boolean): Call {
  return (call, context, back) => {
    const args = new Arguments(call, hasAddress ? 6 : hasFlags ? 4 : 3);
    const fd = context.live(args.number(0, 'the descriptor'));
    const most = args.number(2, 'the length');
    if (args.isNull(1) && most > 0) return back(noMemory);
    const { flags, unknown } = messageFlags(hasFlags ? args.number(3, 'the flags') : 0);
    if (unknown.length > 0) throw new Miss('unsupported', `the engine's ${call.name} has no ${unknown.join(', ')}`);
    context.program.recv(fd, most, flags, gave(back, count));
  };
}

function sending(name: 'write' | 'send', hasFlags: boolean): Call {
  return (call, context, back) => {
    const args = new Arguments(call, hasFlags ? 4 : 3);
    const fd = context.live(args.number(0, 'the descriptor'));
    const length = args.number(2, 'the length');
    if (args.isNull(1) && length > 0) return back(noMemory);
    const { flags, unknown } = messageFlags(hasFlags ? args.number(3, 'the flags') : 0);
    if (unknown.length > 0) throw new Miss('unsupported', `the engine's ${name} has no ${unknown.join(', ')}`);
    context.program.send(
      fd,
      buffer(length),
      flags,
      gave(back, (sent) => sent),
    );
  };
}

const MOST_OCTETS = 2 ** 26;

function buffer(length: number): Uint8Array {
  if (!(length >= 0 && length <= MOST_OCTETS))
    throw new Miss('unsupported', `a buffer is from 0 to ${MOST_OCTETS} octets here, not ${length}`);
  return new Uint8Array(length);
}

/** `AF_UNSPEC` in place of an address, or `{sa_family=AF_UNSPEC, ...}`. */
function isUnspecified(address: Expression): boolean {
  const family = address.kind === 'struct' ? fieldOf(address, 'sa_family', 'sockaddr') : address;
  return family?.kind === 'word' && family.text === 'AF_UNSPEC';
}

/** `...` is the usual one; otherwise `{sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("1.2.3.4")}`. */
function addressIn(expression: Expression, usual: CallContext['local']): CallContext['local'] {
  if (expression.kind !== 'struct') return usual;
  const port = fieldOf(expression, 'sin_port', 'sockaddr');
  const address = fieldOf(expression, 'sin_addr', 'sockaddr');
  if (port?.kind !== 'apply' || address?.kind !== 'apply' || address.argument.kind !== 'string')
    throw new Miss('mistake', 'a sockaddr has sin_port=htons(N) and sin_addr=inet_addr("...")');
  return { address: address.argument.text, port: numberIn(port.argument, 'the port') };
}

/** `[{..., 100}, {..., 200}]`: the sizes of buffers. */
const sizesIn = (expression: Expression): number[] =>
  listIn(expression, 'msg_iov').map((item) => {
    if (item.kind !== 'struct' || item.fields.length !== 2) throw new Miss('mistake', 'an iovec is written {..., LENGTH}');
    return buffer(numberIn(item.fields[1]!.value, 'the length of an iovec')).length;
  });

function settable(expression: Expression, name: string): SettableValue {
  if (expression.kind === 'string') {
    if (name === 'TCP_CONGESTION') return expression.text as unknown as SettableValue;
    return Uint8Array.from(expression.text, (letter) => letter.charCodeAt(0));
  }
  if (expression.kind === 'struct')
    return { on: numberField(expression, 'onoff', 'linger') !== 0, seconds: numberField(expression, 'linger', 'linger') };
  if (expression.kind === 'list') return numberIn(expression.items[0] ?? expression, 'the value of the option');
  return numberIn(expression, 'the value of the option');
}

const writeExpected = (expression: Expression): string => {
  const item = expression.kind === 'list' ? expression.items[0] : expression;
  if (item === undefined) return '';
  if (item.kind === 'word' && !/^[A-Z]+_/.test(item.text)) return item.text;
  if (item.kind === 'struct') return `onoff ${numberField(item, 'onoff', 'linger')}, linger ${numberField(item, 'linger', 'linger')}`;
  return item.kind === 'string' ? item.text : `${numberIn(item, 'the value of the option')}`;
};

const writeOptionValue = (value: OptionValue): string =>
  typeof value === 'object' ? `onoff ${value.on ? 1 : 0}, linger ${value.seconds}` : `${Number(value)}`;

const dataOf = (event: Expression): number => {
  for (const name of ['fd', 'ptr', 'u32', 'u64']) {
    const field = fieldOf(event, name, 'epoll_event');
    if (field) return numberIn(field, name);
  }
  return 0;
};

const POLL_NAMES = {
  POLLIN: 1,
  POLLPRI: 2,
  POLLOUT: 4,
  POLLERR: 8,
  POLLHUP: 16,
  POLLNVAL: 32,
  POLLRDNORM: 64,
  POLLWRNORM: 256,
  POLLRDHUP: 0x2000,
};

function writePoll(bits: number): string {
  const names = Object.entries(POLL_NAMES).filter(([, bit]) => (bits & bit) !== 0);
  const rest = names.reduce((left, [, bit]) => left & ~bit, union(bits, 0));
  return [...names.map(([name]) => name), ...(rest === 0 ? [] : [`0x${(rest >>> 0).toString(16)}`])].join('|') || '0';
}
