import { ok, type Result } from '../../wire/result.ts';
import { type Errno, fail } from './errno.ts';
import type { Socket } from './socket.ts';

export interface Linger {
  readonly on: boolean;
  readonly seconds: number;
}

export type OptionValue = number | boolean | string | Linger;
/** Keys are set as octets and never told. */
export type SettableValue = OptionValue | Uint8Array;

/** One option of getsockopt and setsockopt; without `set` it can only be read. */
export interface Option {
  get(socket: Socket): OptionValue;
  set?(socket: Socket, value: SettableValue): Result<void, Errno>;
}

export const done = ok(undefined);

/** On or off. */
export const flag = (get: (socket: Socket) => boolean, set: (socket: Socket, on: boolean) => void): Option => ({
  get: (socket) => (get(socket) ? 1 : 0),
  set: (socket, value) => {
    if (typeof value === 'object' || typeof value === 'string') return fail('EINVAL', 'the option takes 0 or 1');
    set(socket, Boolean(value));
    return done;
  },
});

/** A whole number from `least` (0) to `most` (without bound). */
export const count = (
  get: (socket: Socket) => number,
  set: (socket: Socket, n: number) => Result<void, Errno> | undefined,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): Option => ({
  get,
  set: (socket, value) => {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      return fail('EINVAL', `the option takes a whole number ${range}`);
    return set(socket, value) ?? done;
  },
});
