import { seconds } from '../../wire/units.ts';
import { FastOpenBit, fastOpenAllows, readFastOpenKeys } from '../tcp/fast-open.ts';
import { startKeepalive } from '../tcp/keepalive.ts';
import { INITIAL_RTO, MAX_RTO } from '../tcp/rtt.ts';
import { push } from '../tcp/user/send.ts';
import { fail } from './errno.ts';
import { count, done, flag, type Option } from './option.ts';

const LEAST_CLAMP = 1152; // half of Linux's smallest receive buffer

/** Seconds as the number of timeouts that last so long: 1, 3, 7, 15 ... (Linux secs_to_retrans). */
function timeoutsIn(wanted: number): number {
  if (wanted <= 0) return 0;
  let timeouts = 1;
  while (seconds(wanted) > lasting(timeouts) && timeouts < 255) timeouts++;
  return timeouts;
}

/** How long so many timeouts last, each twice as long as the one before. */
function lasting(timeouts: number): number {
  let total = 0;
  for (let i = 0; i < timeouts; i++) total += Math.min(INITIAL_RTO * 2 ** i, MAX_RTO);
  return total;
}

/** Options of level IPPROTO_TCP (tcp(7)). */
export const TCP_OPTIONS = {
  TCP_DEFER_ACCEPT: count(
    ({ settings }) => lasting(settings.deferAccept) / 1e9,
    (socket, wanted) => {
      socket.change({ deferAccept: timeoutsIn(wanted) });
      return undefined;
    },
  ),
  /** Only full segments leave, until it is taken out. */
  TCP_CORK: flag(
    ({ settings }) => settings.cork,
    (socket, on) => {
      socket.change({ cork: on });
      if (!on && socket.tcb) push(socket.tcb);
    },
  ),
  /** Not kept for good: the traffic decides anew. */
  TCP_QUICKACK: flag(
    ({ tcb, settings }) => !(tcb ? tcb.acks.interactive : settings.opensInteractive),
    (socket, on) => {
      if (socket.tcb) socket.tcb.acks.setQuick(on);
      else socket.change({ opensInteractive: !on });
    },
  ),
  /** recvmsg tells how many octets are left to read. */
  TCP_INQ: flag(
    ({ settings }) => settings.tellInput,
    (socket, on) => socket.change({ tellInput: on }),
  ),
  TCP_NOTSENT_LOWAT: count(
    ({ settings }) => settings.notSentLowWater ?? 0, // what follows the sysctl reads 0
    (socket, octets) => {
      socket.change({ notSentLowWater: octets === 0 ? undefined : octets });
      socket.tcb?.holder?.wake();
      return undefined;
    },
    0,
    2 ** 32 - 1,
  ),
  /** 0 takes it away, which only an unconnected socket may. */
  TCP_WINDOW_CLAMP: count(
    ({ settings }) => settings.windowClamp ?? 0,
    (socket, octets) => {
      const { tcb } = socket;
      if (octets === 0 && tcb) return fail('EINVAL', 'the window of a connection cannot be unclamped');
      const windowClamp = octets === 0 ? undefined : Math.max(octets, LEAST_CLAMP);
      socket.change({ windowClamp });
      if (tcb) tcb.rcvWindowLimit = Math.min(tcb.rcvWindowLimit, windowClamp ?? Infinity);
      return undefined;
    },
  ),
  TCP_FASTOPEN: count(
    ({ settings }) => settings.fastOpenQueue,
    (socket, most) => {
      socket.change({ fastOpenQueue: most });
      return undefined;
    },
  ),
  TCP_FASTOPEN_CONNECT: {
    get: ({ settings }) => (settings.fastOpenConnect ? 1 : 0),
    set: (socket, on) => {
      if (!fastOpenAllows(socket.host, FastOpenBit.client)) return fail('EOPNOTSUPP', 'net.ipv4.tcp_fastopen does not allow it');
      if (socket.tcb) return fail('EINVAL', 'the socket is or was connected');
      socket.change({ fastOpenConnect: Boolean(on) });
      return done;
    },
  },
  TCP_FASTOPEN_NO_COOKIE: flag(
    ({ settings }) => settings.fastOpenWithoutCookie,
    (socket, on) => socket.change({ fastOpenWithoutCookie: on }),
  ),
  /** Set as octets; read, it tells how many keys there are. */
  TCP_FASTOPEN_KEY: {
    get: ({ settings }) => settings.fastOpenKeys?.length ?? 0,
    set: (socket, value) => {
      const keys = value instanceof Uint8Array ? readFastOpenKeys(value) : undefined;
      if (!keys) return fail('EINVAL', 'TCP_FASTOPEN_KEY takes 16 octets, or 32 with the key before');
      socket.change({ fastOpenKeys: keys });
      return done;
    },
  },
  TCP_KEEPIDLE: count(
    ({ settings, host }) => settings.keepIdle ?? host.sysctls.now['net.ipv4.tcp_keepalive_time'],
    (socket, idle) => {
      socket.change({ keepIdle: idle });
      if (socket.tcb) startKeepalive(socket.tcb);
      return undefined;
    },
    1,
    32_767,
  ),
  TCP_KEEPINTVL: count(
    ({ settings, host }) => settings.keepInterval ?? host.sysctls.now['net.ipv4.tcp_keepalive_intvl'],
    (socket, interval) => {
      socket.change({ keepInterval: interval });
      return undefined;
    },
    1,
    32_767,
  ),
  TCP_KEEPCNT: count(
    ({ settings, host }) => settings.keepCount ?? host.sysctls.now['net.ipv4.tcp_keepalive_probes'],
    (socket, probes) => {
      socket.change({ keepCount: probes });
      return undefined;
    },
    1,
    127,
  ),
  /** Milliseconds; 0 is off. */
  TCP_USER_TIMEOUT: count(
    ({ settings }) => settings.userTimeout,
    (socket, milliseconds) => {
      socket.change({ userTimeout: milliseconds });
      return undefined;
    },
    0,
    2 ** 31 - 1,
  ),
  /** Seconds, cut to 120; a negative number is no time at all. */
  TCP_LINGER2: {
    get: ({ settings, host }) => settings.finWait2 ?? host.sysctls.now['net.ipv4.tcp_fin_timeout'],
    set: (socket, value) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) return fail('EINVAL', 'TCP_LINGER2 takes whole seconds');
      const finWait2 = value < 0 ? -1 : Math.min(value, 120);
      socket.change({ finWait2: value === 0 ? undefined : finWait2 });
      return done;
    },
  },
  TCP_SYNCNT: count(
    ({ settings, host }) => settings.synRetries ?? host.sysctls.now['net.ipv4.tcp_syn_retries'],
    (socket, retries) => {
      socket.change({ synRetries: retries });
      return undefined;
    },
    1,
    127,
  ),
} as const satisfies Record<string, Option>;
