import { ok, type Result } from '../../wire/result.ts';
import type { Nanos } from '../../wire/units.ts';
import { Fifo } from '../fifo.ts';
import type { Endpoint, SocketAddress } from './address.ts';
import { nameFor } from './address.ts';
import type { Attempt } from './attempt.ts';
import type { ControlMessage } from './control-message.ts';
import { type Errno, type ErrnoName, fail } from './errno.ts';
import type { Received } from './protocol.ts';
import type { Domain, Socket } from './socket.ts';

/** struct sock_extended_err of linux/errqueue.h, with the address behind it (SO_EE_OFFENDER). */
export interface ExtendedError {
  /** Undefined is 0: a notice that is no error. */
  readonly errno: ErrnoName | undefined;
  readonly origin:
    | 'SO_EE_ORIGIN_LOCAL'
    | 'SO_EE_ORIGIN_ICMP'
    | 'SO_EE_ORIGIN_ICMP6'
    | 'SO_EE_ORIGIN_ZEROCOPY'
    | 'SO_EE_ORIGIN_TIMESTAMPING';
  /** Of the ICMP message. */
  readonly type: number;
  readonly code: number;
  /** The MTU with EMSGSIZE; the first of several writes with MSG_ZEROCOPY; what a stamp of SO_TIMESTAMPING is about (SCM_TSTAMP_*). */
  readonly info: number;
  /** The last of those writes; the number of the octet that a stamp is about. */
  readonly data: number;
  /** Who sent the ICMP message. */
  readonly offender: SocketAddress | undefined;
}

/** One entry of the queue. */
export interface QueuedError extends Omit<ExtendedError, 'offender'> {
  readonly offender: Endpoint | undefined;
  /** Where the packet went that the error is about; undefined where no single packet is meant. */
  readonly destination: Endpoint | undefined;
  /** What is known of that packet. */
  readonly octets: Uint8Array;
  /** When it happened, for what is asked with SO_TIMESTAMPING. */
  readonly at?: Nanos | undefined;
}

/** Who keeps errors until they are told: a connection, a UDP endpoint, or a socket that has neither. */
export interface ErrorHolder {
  error: ErrnoName | undefined;
  errorQueue: ErrorQueue | undefined;
}

/** What Linux charges for a small one, beside what it quotes (skb->truesize). */
const ENTRY = 768;
const memoryOf = ({ octets }: QueuedError): number => ENTRY + octets.length;

const isIcmp = ({ origin }: QueuedError): boolean => origin === 'SO_EE_ORIGIN_ICMP' || origin === 'SO_EE_ORIGIN_ICMP6';
const isError = (entry: QueuedError): boolean => isIcmp(entry) || entry.origin === 'SO_EE_ORIGIN_LOCAL';

/** Errors and notices that wait for recvmsg(2) with MSG_ERRQUEUE (ip(7), IP_RECVERR). */
export class ErrorQueue {
  private readonly entries = new Fifo<QueuedError>();
  private memory = 0;
  /** How many there have been. */
  count = 0;

  get length(): number {
    return this.entries.length;
  }

  /** The entry queued last, which one of its kind may be joined with. */
  get last(): QueuedError | undefined {
    return this.entries.at(this.entries.length - 1);
  }

  /** False when the entries take as much as `limit`, SO_RCVBUF: then it is lost (Linux sock_queue_err_skb). */
  push(entry: QueuedError, limit: number): boolean {
    if (this.memory + memoryOf(entry) >= limit) return false;
    this.entries.push(entry);
    this.memory += memoryOf(entry);
    this.count++;
    return true;
  }

  /** The notice queued last tells of one more write (MSG_ZEROCOPY): news, although nothing is added. */
  extendLast(data: number): void {
    const { last } = this;
    if (last) this.entries.replace(this.length - 1, { ...last, data });
    this.count++;
  }

  shift(): QueuedError | undefined {
    const entry = this.entries.shift();
    if (entry) this.memory -= memoryOf(entry);
    return entry;
  }

  /** Errors go, notices stay: IP_RECVERR was taken out (Linux skb_errqueue_purge). */
  forgetErrors(): void {
    for (let left = this.length; left > 0; left--) {
      const entry = this.entries.shift()!;
      if (isError(entry)) this.memory -= memoryOf(entry);
      else this.entries.push(entry);
    }
  }

  get first(): QueuedError | undefined {
    return this.entries.at(0);
  }
}

/** Queues an entry; whoever holds the socket is to be woken by the caller. False: there was no room. */
export function queueError(holder: ErrorHolder, entry: QueuedError, limit: number): boolean {
  holder.errorQueue ??= new ErrorQueue();
  return holder.errorQueue.push(entry, limit);
}

export const holderOf = (socket: Socket): ErrorHolder => socket.tcb ?? socket.udp ?? socket;

export const hasQueuedErrors = ({ errorQueue }: ErrorHolder): boolean => errorQueue !== undefined && errorQueue.length > 0;

/** recvmsg(2) with MSG_ERRQUEUE: the oldest entry. It never waits, whatever the socket does otherwise (Linux ip_recv_error). */
export function receivingError(socket: Socket, most: number): Attempt<Received> {
  const tryOnce = (): Result<Received, Errno> => {
    const holder = holderOf(socket);
    const entry = holder.errorQueue?.shift();
    if (!entry) return fail('EAGAIN', 'the error queue is empty');
    settleError(holder, entry);
    const { octets, destination } = entry;
    return ok({
      octets: octets.subarray(0, most),
      length: octets.length,
      from: destination && nameFor(socket.domain, destination),
      flags: octets.length > most ? ['MSG_TRUNC', 'MSG_ERRQUEUE'] : ['MSG_ERRQUEUE'],
      control: [
        ...(entry.at === undefined ? [] : [{ level: 'SOL_SOCKET', type: 'SCM_TIMESTAMPING', at: entry.at } as const]),
        controlMessage(socket.domain, entry),
      ],
    });
  };
  return { try: tryOnce };
}

/** What SO_ERROR tells follows the queue: the error of the next entry, none behind the last (Linux sock_dequeue_err_skb). */
function settleError(holder: ErrorHolder, taken: QueuedError): void {
  const next = holder.errorQueue?.first;
  if (next && isIcmp(next)) holder.error = next.errno;
  else if (isIcmp(taken)) holder.error = undefined;
}

function controlMessage(domain: Domain, { errno, origin, type, code, info, data, offender }: QueuedError): ControlMessage {
  const error = { errno, origin, type, code, info, data, offender: offender && nameFor(domain, offender) };
  return domain === 'AF_INET6' ? { level: 'SOL_IPV6', type: 'IPV6_RECVERR', error } : { level: 'SOL_IP', type: 'IP_RECVERR', error };
}
