import { ok, type Result } from '../../wire/result.ts';
import type { Tcb } from '../tcp/tcb.ts';
import { receiveUrgent } from '../tcp/urgent.ts';
import { isBelow, receive } from '../tcp/user/receive.ts';
import type { Attempt } from './attempt.ts';
import { takeError } from './disconnect.ts';
import { type Errno, fail } from './errno.ts';
import type { MessageFlag } from './message-flag.ts';
import type { Received } from './protocol.ts';
import type { Socket } from './socket.ts';
import { gather } from './vectors.ts';

/** recv(2) on a stream of TCP: an empty result is the end of the stream. */
export class StreamReceive implements Attempt<Received> {
  private readonly socket: Socket;
  private readonly most: number;
  private readonly flags: readonly MessageFlag[];
  private readonly wantsAll: boolean;
  private readonly peek: boolean;
  private mayWait: boolean;
  /** What came before the last part, where one part is not enough (MSG_WAITALL). */
  private parts: Uint8Array[] | undefined;
  private read = 0;

  constructor(socket: Socket, most: number, mayWait: boolean, flags: readonly MessageFlag[]) {
    this.socket = socket;
    this.most = most;
    this.mayWait = mayWait;
    this.flags = flags;
    this.wantsAll = this.has('MSG_WAITALL');
    this.peek = this.has('MSG_PEEK');
  }

  try(): Result<Received, Errno> | undefined {
    const { socket, most, peek, wantsAll } = this;
    const { tcb } = socket;
    if (socket.putOff) return undefined; // it counts as connecting
    if (!tcb) return fail(takeError(socket) ?? 'ENOTCONN', socket.listener ? 'the socket listens' : 'the socket is not connected');
    if (this.has('MSG_OOB')) return urgentOctet(tcb, most, peek);
    const least = peek && wantsAll ? most : tcb.settings.receiveLowWater;
    if (this.mayWait && this.read === 0 && isBelow(tcb, Math.min(least, most))) return undefined;
    for (;;) {
      const part = receive(tcb, most - this.read, peek);
      if (part === undefined) return this.mayWait ? undefined : this.soFar();
      if (!part.ok) return this.soFar() ?? part;
      const { value: octets } = part;
      this.read += octets.length;
      const isLast = !wantsAll || peek || this.read === most || octets.length === 0;
      if (isLast && !this.parts) return this.given(octets);
      this.parts ??= [];
      this.parts.push(octets);
      if (isLast) return this.soFar();
    }
  }

  /** What is there, be it less than was waited for. */
  timedOut(): Result<Received, Errno> | undefined {
    this.mayWait = false;
    return this.try();
  }

  private has(flag: MessageFlag): boolean {
    return this.flags.length > 0 && this.flags.includes(flag);
  }

  private soFar(): Result<Received, Errno> | undefined {
    return this.parts && this.given(this.parts.length === 1 ? this.parts[0]! : gather(this.parts));
  }

  private given(octets: Uint8Array): Result<Received, Errno> {
    const { tcb, settings } = this.socket;
    // MSG_TRUNC: they are taken and thrown away, and the buffer stays as it was (tcp(7)).
    const kept = this.has('MSG_TRUNC') ? new Uint8Array(octets.length) : octets;
    const received = { octets: kept, length: octets.length, from: undefined };
    if (!settings.tellInput || !tcb) return ok(received);
    const left = tcb.receiveQueue.length + (tcb.endOfStream ? 1 : 0); // so that the program reads on (Linux tcp_inq_hint)
    return ok({ ...received, control: [{ level: 'SOL_TCP', type: 'TCP_CM_INQ', octets: left }] });
  }
}

function urgentOctet(tcb: Tcb, most: number, peek: boolean): Result<Received, Errno> {
  const urgent = receiveUrgent(tcb, most, peek);
  return urgent.ok ? ok({ octets: urgent.value, length: urgent.value.length, from: undefined, flags: ['MSG_OOB'] }) : urgent;
}
