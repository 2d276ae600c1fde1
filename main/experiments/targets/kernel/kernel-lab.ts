import type { KernelSockets } from '../../../kernel/socket.ts';
import type { SocketAddress } from '../../lab/values.ts';
import type { Addresses } from './addresses.ts';
import type { LiveTap } from './live-tap.ts';

/** What hosts and processes of one run share. */
export interface KernelLab {
  readonly sockets: KernelSockets;
  readonly addresses: Addresses;
  readonly tap: LiveTap;
  /** An end on this machine as the script knows it. */
  readonly named: (end: SocketAddress) => SocketAddress;
  /** The host that has this end, as the script knows it. */
  hostAt(end: SocketAddress): string;
  /** From now on this end belongs to that host: what is captured of it is shown. */
  claim(end: SocketAddress, host: string): void;
  /** Tries until it says true: at once, and whenever something has happened to a socket. */
  park(attempt: () => boolean): void;
  after(nanoseconds: number, action: () => void): void;
  /** Calls when what the calls so far have put on the link has been captured. */
  whenSeen(then: () => void): void;
}
