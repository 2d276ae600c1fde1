import { count, type Option } from './option.ts';

const shown = (milliseconds: number): number => (milliseconds === Number.POSITIVE_INFINITY ? 0 : milliseconds);
const kept = (milliseconds: number): number => (milliseconds === 0 ? Number.POSITIVE_INFINITY : milliseconds);

/** How long a call waits before it gives EAGAIN, or what it has done so far; here in milliseconds, and 0 is for ever (socket(7)). */
export const TIMEOUT_OPTIONS = {
  /** recv and its like, accept. */
  SO_RCVTIMEO: count(
    ({ settings }) => shown(settings.receiveTimeout),
    (socket, milliseconds) => {
      socket.change({ receiveTimeout: kept(milliseconds) });
      return undefined;
    },
  ),
  /** send and its like; connect, which gives EINPROGRESS. */
  SO_SNDTIMEO: count(
    ({ settings }) => shown(settings.sendTimeout),
    (socket, milliseconds) => {
      socket.change({ sendTimeout: kept(milliseconds) });
      return undefined;
    },
  ),
} as const satisfies Record<string, Option>;
