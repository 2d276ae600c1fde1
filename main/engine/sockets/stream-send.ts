import { ok, type Result } from '../../wire/result.ts';
import { type HowToSend, send } from '../tcp/user/send.ts';
import type { Attempt } from './attempt.ts';
import { takeError } from './disconnect.ts';
import { type Errno, fail } from './errno.ts';
import type { MessageFlag } from './message-flag.ts';
import type { Socket } from './socket.ts';

const PLAIN: HowToSend = { urgent: false, more: false, endsRecord: false };

const howToSend = (flags: readonly MessageFlag[]): HowToSend => ({
  urgent: flags.includes('MSG_OOB'),
  more: flags.includes('MSG_MORE'),
  endsRecord: flags.includes('MSG_EOR'),
});

/**
 * send(2) on a stream of TCP. A blocking call ends when the last octet has found a place in the buffer; what went in before
 * an error or a timeout counts as sent.
 */
export class StreamSend implements Attempt<number> {
  private readonly socket: Socket;
  private readonly octets: Uint8Array;
  private readonly how: HowToSend;
  private readonly mayWait: boolean;
  private written = 0;

  constructor(socket: Socket, octets: Uint8Array, mayWait: boolean, flags: readonly MessageFlag[]) {
    this.socket = socket;
    this.octets = octets;
    this.mayWait = mayWait;
    this.how = flags.length === 0 ? PLAIN : howToSend(flags);
  }

  try(): Result<number, Errno> | undefined {
    const { socket, octets } = this;
    const { tcb } = socket;
    if (!tcb) return fail(takeError(socket) ?? 'EPIPE', 'the socket is not connected');
    do {
      const part = send(tcb, this.written === 0 ? octets : octets.subarray(this.written), this.how);
      if (part === undefined) {
        socket.tellWatchers();
        if (this.mayWait) tcb.writePending = true;
        return this.mayWait ? undefined : this.timedOut();
      }
      if (!part.ok) return this.timedOut() ?? part;
      this.written += part.value;
    } while (this.written < octets.length);
    return ok(this.written);
  }

  timedOut(): Result<number, Errno> | undefined {
    return this.written > 0 ? ok(this.written) : undefined;
  }
}
