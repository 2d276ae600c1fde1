import { ok, type Result } from '../../wire/result.ts';
import { receiveUrgent } from '../tcp/urgent.ts';
import { isBelowLowWater, receive } from '../tcp/user/receive.ts';
import type { Attempt } from './attempt.ts';
import { takeError } from './disconnect.ts';
import { type Errno, fail } from './errno.ts';
import type { MessageFlag } from './message-flag.ts';
import type { Received } from './protocol.ts';
import type { Socket } from './socket.ts';

const given = (octets: Uint8Array): Result<Received, Errno> => ok({ octets, length: octets.length, from: undefined });

/** recv(2) on a stream of TCP: an empty result is the end of the stream. */
export class StreamReceive implements Attempt<Received> {
  private readonly socket: Socket;
  private readonly most: number;
  private readonly flags: readonly MessageFlag[];
  private readonly mayWait: boolean;
  /** What came before the last part, where one part is not enough (MSG_WAITALL). */
  private parts: Uint8Array[] | undefined;
  private read = 0;

  constructor(socket: Socket, most: number, mayWait: boolean, flags: readonly MessageFlag[]) {
    this.socket = socket;
    this.most = most;
    this.mayWait = mayWait;
    this.flags = flags;
  }

  try(): Result<Received, Errno> | undefined {
    const { socket, most, flags } = this;
    const { tcb } = socket;
    if (socket.putOff) return undefined; // it counts as connecting
    if (!tcb) return fail(takeError(socket) ?? 'ENOTCONN', socket.listener ? 'the socket listens' : 'the socket is not connected');
    const peek = flags.length > 0 && flags.includes('MSG_PEEK');
    if (flags.length > 0 && flags.includes('MSG_OOB')) {
      const urgent = receiveUrgent(tcb, most, peek);
      return urgent.ok ? given(urgent.value) : urgent;
    }
    if (this.mayWait && this.read === 0 && isBelowLowWater(tcb, most)) return undefined;
    const wantsAll = flags.length > 0 && !peek && flags.includes('MSG_WAITALL');
    for (;;) {
      const part = receive(tcb, most - this.read, peek);
      if (part === undefined) return this.mayWait ? undefined : this.timedOut();
      if (!part.ok) return this.timedOut() ?? part;
      const { value: octets } = part;
      this.read += octets.length;
      const isLast = !wantsAll || this.read === most || octets.length === 0;
      if (isLast && !this.parts) return given(octets);
      this.parts ??= [];
      this.parts.push(octets);
      if (isLast) return this.timedOut();
    }
  }

  /** What has come so far. */
  timedOut(): Result<Received, Errno> | undefined {
    return this.parts && given(concatenate(this.parts, this.read));
  }
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
