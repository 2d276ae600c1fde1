import { ok, type Result } from '../../wire/result.ts';
import { receiveUrgent } from '../tcp/urgent.ts';
import { isBelowLowWater, receive } from '../tcp/user/receive.ts';
import { type HowToSend, send } from '../tcp/user/send.ts';
import { takeError } from './disconnect.ts';
import { type Errno, fail } from './errno.ts';
import type { Received } from './protocol.ts';
import type { Attempt, Socket } from './socket.ts';

export type MessageFlag =
  | 'MSG_DONTWAIT'
  | 'MSG_PEEK'
  | 'MSG_WAITALL'
  | 'MSG_NOSIGNAL'
  | 'MSG_OOB'
  | 'MSG_MORE'
  | 'MSG_EOR'
  | 'MSG_TRUNC'
  | 'MSG_ERRQUEUE'
  | 'MSG_ZEROCOPY'
  | 'MSG_FASTOPEN';

const PLAIN: HowToSend = { urgent: false, more: false, endsRecord: false };

const howToSend = (flags: readonly MessageFlag[]): HowToSend => ({
  urgent: flags.includes('MSG_OOB'),
  more: flags.includes('MSG_MORE'),
  endsRecord: flags.includes('MSG_EOR'),
});

/**
 * send(2). A blocking call ends when the last octet has found a place in the buffer; what went in before an error
 * counts as sent.
 */
export function sending(socket: Socket, octets: Uint8Array, mayWait: boolean, flags: readonly MessageFlag[] = []): Attempt<number> {
  const how = flags.length === 0 ? PLAIN : howToSend(flags);
  let written = 0;
  return () => {
    if (!socket.tcb) return fail(takeError(socket) ?? 'EPIPE', 'the socket is not connected');
    do {
      const part = send(socket.tcb, written === 0 ? octets : octets.subarray(written), how);
      if (part === undefined) {
        socket.tellWatchers();
        if (mayWait) socket.tcb.writePending = true;
        return written > 0 && !mayWait ? ok(written) : undefined;
      }
      if (!part.ok) return written > 0 ? ok(written) : part;
      written += part.value;
    } while (written < octets.length);
    return ok(written);
  };
}

const given = (octets: Uint8Array): Result<Received, Errno> => ok({ octets, length: octets.length, from: undefined });

/** recv(2): an empty result is the end of the stream. */
export function receiving(socket: Socket, most: number, flags: readonly MessageFlag[], mayWait = true): Attempt<Received> {
  const peek = flags.includes('MSG_PEEK');
  const wantsAll = !peek && flags.includes('MSG_WAITALL');
  /** What came before the last part, where one part is not enough. */
  let parts: Uint8Array[] | undefined;
  let read = 0;
  return () => {
    if (socket.putOff) return undefined; // it counts as connecting
    if (!socket.tcb) return fail(takeError(socket) ?? 'ENOTCONN', socket.listener ? 'the socket listens' : 'the socket is not connected');
    if (flags.includes('MSG_OOB')) {
      const urgent = receiveUrgent(socket.tcb, most, peek);
      return urgent?.ok ? given(urgent.value) : urgent;
    }
    if (mayWait && read === 0 && isBelowLowWater(socket.tcb, most)) return undefined;
    for (;;) {
      const part = receive(socket.tcb, most - read, peek);
      if (part === undefined) return parts && !mayWait ? given(concatenate(parts, read)) : undefined;
      if (!part.ok) return parts ? given(concatenate(parts, read)) : part;
      read += part.value.length;
      const isLast = read === most || part.value.length === 0 || !wantsAll;
      if (isLast && !parts) return given(part.value);
      parts ??= [];
      parts.push(part.value);
      if (isLast) return given(concatenate(parts, read));
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
