import { ok, type Result } from '../../wire/result.ts';
import { CONGESTION_CONTROLS, isCongestionControl } from '../tcp/congestion/control.ts';
import { startKeepalive } from '../tcp/keepalive.ts';
import { countStampsFromHere, Stamping } from '../tcp/send-notices.ts';
import { push } from '../tcp/user/send.ts';
import { type Errno, fail } from './errno.ts';
import { IP_OPTIONS } from './ip-options.ts';
import { count, done, flag, type Option, type OptionValue, type SettableValue } from './option.ts';
import type { Socket } from './socket.ts';
import { TCP_OPTIONS } from './tcp-options.ts';
import { TIMEOUT_OPTIONS } from './timeout-options.ts';

export type { Linger, OptionValue, SettableValue } from './option.ts';

const MIN_RECEIVE_BUFFER = 2304; // Linux SOCK_MIN_RCVBUF
const NO_RATE = 0xffff_ffff;
const MIN_SEND_BUFFER = 4608; // Linux SOCK_MIN_SNDBUF

const OPTIONS = {
  SO_REUSEADDR: flag(
    ({ settings }) => settings.reuseAddress,
    (socket, on) => socket.change({ reuseAddress: on }),
  ),
  TCP_NODELAY: flag(
    ({ settings }) => settings.noDelay,
    (socket, on) => {
      socket.change({ noDelay: on });
      if (on && socket.tcb) push(socket.tcb);
    },
  ),
  /** Doubled, for bookkeeping, and bounded by net.core.rmem_max (socket(7)). */
  SO_RCVBUF: count(
    ({ tcb, settings }) => tcb?.receiveBuffer ?? settings.receiveBuffer,
    (socket, octets) => {
      const { host, tcb } = socket;
      const receiveBuffer = Math.max(2 * Math.min(octets, host.sysctls.now['net.core.rmem_max']), MIN_RECEIVE_BUFFER);
      socket.change({ receiveBuffer, receiveBufferLocked: true });
      if (tcb) tcb.receiveBuffer = receiveBuffer;
      return undefined;
    },
  ),
  SO_SNDBUF: count(
    ({ tcb, settings }) => tcb?.sendBuffer ?? settings.sendBuffer,
    (socket, octets) => {
      const { host, tcb } = socket;
      const sendBuffer = Math.max(2 * Math.min(octets, host.sysctls.now['net.core.wmem_max']), MIN_SEND_BUFFER);
      socket.change({ sendBuffer, sendBufferLocked: true });
      if (tcb) tcb.sendBuffer = sendBuffer;
      return undefined;
    },
  ),
  /** 0 counts as 1. */
  SO_RCVLOWAT: count(
    ({ settings }) => settings.receiveLowWater,
    (socket, octets) => {
      socket.change({ receiveLowWater: octets || 1 });
      socket.tcb?.holder?.wake();
      return undefined;
    },
  ),
  SO_KEEPALIVE: flag(
    ({ settings }) => settings.keepAlive,
    (socket, on) => {
      socket.change({ keepAlive: on });
      if (socket.tcb) startKeepalive(socket.tcb);
    },
  ),
  /** The urgent octet stays in the stream. */
  SO_OOBINLINE: flag(
    ({ settings }) => settings.oobInline,
    (socket, on) => socket.change({ oobInline: on }),
  ),
  /** MSG_ZEROCOPY is believed from now on: the error queue tells when a write needs the program's memory no longer. */
  SO_ZEROCOPY: {
    get: ({ settings }) => (settings.zeroCopy ? 1 : 0),
    set: (socket, value) => {
      if (socket.type !== 'SOCK_STREAM' || socket.domain === 'AF_UNIX') return fail('EOPNOTSUPP', 'SO_ZEROCOPY is for TCP here');
      if (value !== 0 && value !== 1) return fail('EINVAL', 'the option takes 0 or 1');
      socket.change({ zeroCopy: value === 1 });
      return done;
    },
  },
  /** A union of SOF_TIMESTAMPING_* bits: stamps of what is sent come by the error queue. */
  SO_TIMESTAMPING: count(
    ({ settings }) => settings.timestamping,
    (socket, bits) => {
      const { tcb } = socket;
      if (socket.type === 'SOCK_STREAM' && bits & Stamping.OPT_ID && !(socket.settings.timestamping & Stamping.OPT_ID)) {
        if (!tcb || tcb.state === 'CLOSED') return fail('EINVAL', 'octets are counted on a connection only (SOF_TIMESTAMPING_OPT_ID)');
        countStampsFromHere(tcb);
      }
      socket.change({ timestamping: bits });
      return undefined;
    },
  ),
  /** Octets a second at most, evenly spaced; all ones is no limit. */
  SO_MAX_PACING_RATE: count(
    ({ settings }) => settings.maxPacingRate ?? NO_RATE,
    (socket, rate) => {
      socket.change({ maxPacingRate: rate === NO_RATE ? undefined : rate });
      return undefined;
    },
    1,
    NO_RATE,
  ),
  SO_MARK: count(
    ({ settings }) => settings.mark,
    (socket, mark) => {
      socket.change({ mark });
      return undefined;
    },
  ),
  SO_LINGER: {
    get: ({ settings }) => ({ on: settings.linger !== undefined, seconds: settings.linger ?? 0 }),
    set: (socket, value) => {
      if (typeof value !== 'object' || value instanceof Uint8Array || !(value.seconds >= 0))
        return fail('EINVAL', 'SO_LINGER takes { on, seconds }');
      socket.change({ linger: value.on ? value.seconds : undefined });
      return done;
    },
  },
  /** 'cubic' or 'reno'; on a connection the new one takes over from here. */
  TCP_CONGESTION: {
    get: ({ settings }) => settings.congestionControl,
    set: (socket, value) => {
      if (!isCongestionControl(value))
        return fail('ENOENT', `no congestion control "${value}"; there are ${CONGESTION_CONTROLS.join(', ')}`);
      socket.change({ congestionControl: value });
      socket.tcb?.congestion.use(value);
      return done;
    },
  },
  /** Before connect or listen; afterwards it tells the size in force. */
  TCP_MAXSEG: count(
    ({ tcb, settings }) => tcb?.mss ?? settings.maxSegment ?? 536,
    (socket, octets) => {
      if (octets !== 0 && (octets < 88 || octets > 32_767)) return fail('EINVAL', 'TCP_MAXSEG is from 88 to 32767');
      socket.change({ maxSegment: octets === 0 ? undefined : octets });
      return undefined;
    },
  ),
  /** Without it a datagram to all of a network is EACCES. */
  SO_BROADCAST: flag(
    ({ settings }) => settings.broadcast,
    (socket, on) => socket.change({ broadcast: on }),
  ),
  /** Datagrams only: a stream's octets keep no time. */
  SO_TIMESTAMP: flag(
    ({ settings }) => settings.receiveStamps,
    (socket, on) => socket.change({ receiveStamps: on }),
  ),
  ...TIMEOUT_OPTIONS,
  ...IP_OPTIONS,
  ...TCP_OPTIONS,
  SO_ACCEPTCONN: { get: ({ listener }) => (listener ? 1 : 0) },
} as const satisfies Record<string, Option>;

/** SO_ERROR is apart: it answers with a name, and asking clears it. */
export type OptionName = keyof typeof OPTIONS;
const isOption = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

export function setOption(socket: Socket, name: string, value: SettableValue): Result<void, Errno> {
  if (!isOption(name)) return fail('ENOPROTOOPT', `no option "${name}" here; there are ${Object.keys(OPTIONS).join(', ')}`);
  const option: Option = OPTIONS[name];
  return option.set ? option.set(socket, value) : fail('ENOPROTOOPT', `${name} can only be read`);
}

export function getOption(socket: Socket, name: string): Result<OptionValue, Errno> {
  if (!isOption(name)) return fail('ENOPROTOOPT', `no option "${name}" here; there are ${Object.keys(OPTIONS).join(', ')}`);
  return ok(OPTIONS[name].get(socket));
}
