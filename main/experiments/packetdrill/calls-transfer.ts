import { type Call, count, gave, noMemory } from './call.ts';
import { comparedMessage } from './received-message.ts';
import type { Expression } from './script.ts';
import { addressIn, isUnspecified } from './script-address.ts';
import { messageFlags } from './symbols.ts';
import { Arguments, fieldOf, listIn, numberIn } from './values.ts';
import { Miss } from './verdict.ts';

/** Calls that move octets. */
export const TRANSFER_CALLS = {
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
} satisfies Readonly<Record<string, Call>>;

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

/** `[{..., 100}, {..., 200}]`: the sizes of buffers. */
const sizesIn = (expression: Expression): number[] =>
  listIn(expression, 'msg_iov').map((item) => {
    if (item.kind !== 'struct' || item.fields.length !== 2) throw new Miss('mistake', 'an iovec is written {..., LENGTH}');
    return buffer(numberIn(item.fields[1]!.value, 'the length of an iovec')).length;
  });
