import { ok, type Result } from '../../wire/result.ts';
import { receiveUrgent } from '../tcp/urgent.ts';
import { isBelowLowWater, receive } from '../tcp/user/receive.ts';
import { send } from '../tcp/user/send.ts';
import { type Errno, fail } from './errno.ts';
import type { Attempt, Socket } from './socket.ts';

export type MessageFlag =
  | 'MSG_DONTWAIT'
  | 'MSG_PEEK'
  | 'MSG_WAITALL'
  | 'MSG_NOSIGNAL'
  | 'MSG_OOB'
  | 'MSG_MORE'
  | 'MSG_TRUNC'
  | 'MSG_FASTOPEN';

/**
 * send(2). A blocking call ends when the last octet has found a place in the buffer; what went in before an error
 * counts as sent.
 */
export function sending(socket: Socket, octets: Uint8Array, mayWait: boolean, flags: readonly MessageFlag[] = []): Attempt<number> {
  const how = { urgent: flags.includes('MSG_OOB'), more: flags.includes('MSG_MORE') };
  let written = 0;
  return () => {
    if (!socket.tcb) return fail('EPIPE', 'the socket is not connected');
    do {
      const part = send(socket.tcb, written === 0 ? octets : octets.subarray(written), how);
      if (part === undefined) return written > 0 && !mayWait ? ok(written) : undefined;
      if (!part.ok) return written > 0 ? ok(written) : part;
      written += part.value;
    } while (written < octets.length);
    return ok(written);
  };
}

/** recv(2): an empty result is the end of the stream. */
export function receiving(socket: Socket, most: number, flags: readonly MessageFlag[], mayWait = true): Attempt<Uint8Array> {
  const peek = flags.includes('MSG_PEEK');
  const parts: Uint8Array[] = [];
  let read = 0;
  const all = (): Result<Uint8Array, Errno> => ok(parts.length === 1 ? parts[0]! : concatenate(parts, read));
  return () => {
    if (socket.putOff) return undefined; // it counts as connecting
    if (!socket.tcb) return fail('ENOTCONN', socket.listener ? 'the socket listens' : 'the socket is not connected');
    if (flags.includes('MSG_OOB')) return receiveUrgent(socket.tcb, most, peek);
    if (mayWait && read === 0 && isBelowLowWater(socket.tcb, most)) return undefined;
    for (;;) {
      const part = receive(socket.tcb, most - read, peek);
      if (part === undefined) return read > 0 && !mayWait ? all() : undefined;
      if (!part.ok) return read > 0 ? all() : part;
      parts.push(part.value);
      read += part.value.length;
      if (read === most || part.value.length === 0 || peek || !flags.includes('MSG_WAITALL')) return all();
    }
  };
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
