import { type Call, gave, nothing } from './call.ts';
import type { Expression } from './script.ts';
import { Arguments, fieldOf, numberField, numberIn, union } from './values.ts';
import { Miss } from './verdict.ts';

/** Calls that wait for several descriptors. */
export const READINESS_CALLS = {
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
} satisfies Readonly<Record<string, Call>>;

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
