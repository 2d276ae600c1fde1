import type { Domain, SocketType } from '../../engine/sockets/socket.ts';
import { type Call, differ, failed, gave, nothing } from './call.ts';
import { addressIn, isUnspecified } from './script-address.ts';
import { OpenFlag } from './symbols.ts';
import { Arguments, numberIn } from './values.ts';
import { Miss } from './verdict.ts';

/** Calls that make, name, connect and end a socket. */
export const SOCKET_CALLS = {
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
} satisfies Readonly<Record<string, Call>>;
