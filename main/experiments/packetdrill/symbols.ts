import type { MessageFlag } from '../../engine/sockets/message-flag.ts';
import { Epoll, Poll } from '../../engine/sockets/poll-events.ts';

/** Flags of send(2) and recv(2), Linux's numbers. */
export const MESSAGE_FLAGS = {
  MSG_OOB: 1,
  MSG_PEEK: 2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x400_0000,
  MSG_FASTOPEN: 0x2000_0000,
} as const;

/** Those that the engine's calls know. */
const SPOKEN: readonly MessageFlag[] = [
  'MSG_OOB',
  'MSG_PEEK',
  'MSG_TRUNC',
  'MSG_DONTWAIT',
  'MSG_EOR',
  'MSG_WAITALL',
  'MSG_NOSIGNAL',
  'MSG_MORE',
  'MSG_EOR',
  'MSG_ERRQUEUE',
  'MSG_ZEROCOPY',
  'MSG_FASTOPEN',
];

/** Flags by name; those the engine does not know come apart. */
export function messageFlags(bits: number): { readonly flags: readonly MessageFlag[]; readonly unknown: readonly string[] } {
  const named = Object.entries(MESSAGE_FLAGS).filter(([, bit]) => (bits & bit) !== 0);
  const isSpoken = (name: string): name is MessageFlag => (SPOKEN as readonly string[]).includes(name);
  return { flags: named.map(([name]) => name).filter(isSpoken), unknown: named.map(([name]) => name).filter((name) => !isSpoken(name)) };
}

const O_NONBLOCK = 0o4000;
export const OpenFlag = { NONBLOCK: O_NONBLOCK, RDWR: 2 } as const;

/** Words that stand for a number, as Linux has them. */
export const SYMBOLS: Readonly<Record<string, number>> = {
  ...MESSAGE_FLAGS,
  NULL: 0,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: OpenFlag.RDWR,
  O_NONBLOCK,
  POLLIN: Poll.IN,
  POLLPRI: Poll.PRI,
  POLLOUT: Poll.OUT,
  POLLERR: Poll.ERR,
  POLLHUP: Poll.HUP,
  POLLNVAL: Poll.NVAL,
  POLLRDNORM: Poll.RDNORM,
  POLLWRNORM: Poll.WRNORM,
  POLLRDHUP: Poll.RDHUP,
  EPOLLIN: Poll.IN,
  EPOLLPRI: Poll.PRI,
  EPOLLOUT: Poll.OUT,
  EPOLLERR: Poll.ERR,
  EPOLLHUP: Poll.HUP,
  EPOLLRDNORM: Poll.RDNORM,
  EPOLLWRNORM: Poll.WRNORM,
  EPOLLRDHUP: Poll.RDHUP,
  EPOLLEXCLUSIVE: Epoll.EXCLUSIVE,
  EPOLLONESHOT: Epoll.ONESHOT,
  EPOLLET: Epoll.ET,
  IP_PMTUDISC_DONT: 0,
  IP_PMTUDISC_WANT: 1,
  IP_PMTUDISC_DO: 2,
  IP_PMTUDISC_PROBE: 3,
  SO_EE_ORIGIN_LOCAL: 1,
  SO_EE_ORIGIN_ICMP: 2,
  SO_EE_ORIGIN_ICMP6: 3,
  SO_EE_ORIGIN_TIMESTAMPING: 4,
  SO_EE_ORIGIN_ZEROCOPY: 5,
  SO_EE_CODE_ZEROCOPY_COPIED: 1,
  SCM_TSTAMP_SND: 0,
  SCM_TSTAMP_SCHED: 1,
  SCM_TSTAMP_ACK: 2,
  SOF_TIMESTAMPING_TX_HARDWARE: 1,
  SOF_TIMESTAMPING_TX_SOFTWARE: 2,
  SOF_TIMESTAMPING_RX_HARDWARE: 4,
  SOF_TIMESTAMPING_RX_SOFTWARE: 8,
  SOF_TIMESTAMPING_SOFTWARE: 16,
  SOF_TIMESTAMPING_RAW_HARDWARE: 64,
  SOF_TIMESTAMPING_OPT_ID: 128,
  SOF_TIMESTAMPING_TX_SCHED: 256,
  SOF_TIMESTAMPING_TX_ACK: 512,
};
