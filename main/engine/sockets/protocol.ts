import type { Result } from '../../wire/result.ts';
import type { AcceptedSocket } from './accept.ts';
import type { SocketAddress } from './address.ts';
import type { Attempt, Done } from './attempt.ts';
import type { ControlMessage } from './control-message.ts';
import type { Errno, ErrnoName } from './errno.ts';
import type { MessageFlag } from './message-flag.ts';
import type { ShutdownHow } from './shutdown.ts';
import type { Socket } from './socket.ts';

/** What a receive call gives. */
export interface Received {
  readonly octets: Uint8Array;
  /** Octets the message had, also those that found no place in `octets` (MSG_TRUNC). */
  readonly length: number;
  /** Who sent it; undefined on a stream. */
  readonly from: SocketAddress | undefined;
  /** What recvmsg tells of it in msg_flags; none of them where it is left out. */
  readonly flags?: readonly MessageFlag[];
  /** Ancillary data; none where it is left out. */
  readonly control?: readonly ControlMessage[];
}

/** What recvmsg gives. */
export interface ReceivedMessage extends Required<Received> {
  /** As many as were filled, the last of them perhaps in part. */
  readonly buffers: readonly Uint8Array[];
}

/** Where a send call sends; without an address, to the peer. */
export type Target = SocketAddress | 'AF_UNSPEC' | undefined;

/** What the calls of a program mean for one kind of socket (Linux's struct proto_ops). */
export interface Protocol {
  bind(socket: Socket, to: SocketAddress): Result<void, Errno>;
  listen(socket: Socket, backlog: number): Result<void, Errno>;
  /** Undefined while there is nothing to accept. */
  accept(socket: Socket): Result<AcceptedSocket, Errno> | undefined;
  connect(socket: Socket, to: SocketAddress): Result<void, Errno>;
  /** How the attempt went; undefined while it is under way. */
  connectOutcome(socket: Socket): Result<void, Errno> | undefined;
  /** connect(AF_UNSPEC): the socket has no peer any more. */
  disconnect(socket: Socket): Result<void, Errno>;
  sending(socket: Socket, octets: Uint8Array, flags: readonly MessageFlag[], to: Target, mayWait: boolean): Attempt<number>;
  receiving(socket: Socket, most: number, flags: readonly MessageFlag[], mayWait: boolean): Attempt<Received>;
  shutdown(socket: Socket, how: ShutdownHow): Result<void, Errno>;
  /** The last descriptor is gone. */
  close(socket: Socket, done: Done<void>): void;
  name(socket: Socket): SocketAddress;
  peer(socket: Socket): Result<SocketAddress, Errno>;
  /** SO_ERROR: told once. */
  takeError(socket: Socket): ErrnoName | undefined;
  /** A union of `Poll` bits. */
  poll(socket: Socket): number;
  /** Differs whenever something new has come in: what an edge-triggered wait listens for. Undefined: every wake is news. */
  inputMark(socket: Socket): string | undefined;
  /** ioctl SIOCINQ: octets that can be read. */
  inputOctets(socket: Socket): Result<number, Errno>;
  /** ioctl SIOCOUTQ: octets the peer has not acknowledged. */
  outputOctets(socket: Socket): Result<number, Errno>;
}
