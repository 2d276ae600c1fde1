import type { IpAddress } from '../../wire/ip-address.ts';
import type { Nanos } from '../../wire/units.ts';
import { Fifo } from '../fifo.ts';
import type { ErrnoName } from '../sockets/errno.ts';
import type { ErrorQueue } from '../sockets/error-queue.ts';
import type { Wakeable } from '../sockets/socket.ts';

/** A datagram that waits to be received. */
export interface WaitingDatagram {
  readonly octets: Uint8Array;
  readonly address: IpAddress;
  readonly port: number;
  readonly at: Nanos;
}

export interface UdpEnds {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

/** What decides about a share of a port, and about the queue. */
export interface UdpSettings {
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
  readonly receiveBuffer: number;
  readonly receiveErrors: boolean;
  readonly receiveErrors6: boolean;
}

/**
 * A UDP socket as the network sees it (RFC 768): a local address and port, one queue for whatever comes from anybody,
 * and no connection. `connect` only remembers a peer: nobody else is heard then, and errors are told.
 */
export class UdpEndpoint {
  readonly id: number;
  settings: UdpSettings;
  /** Unspecified: any address of the host. */
  localAddress: IpAddress;
  /** 0: not bound. */
  localPort = 0;
  /** What the user bound; undefined while the system has chosen. */
  boundAddress: IpAddress | undefined;
  /** The port the user named; 0 while the system has chosen. */
  boundPort = 0;
  remoteAddress: IpAddress | undefined;
  remotePort = 0;
  readonly queue = new Fifo<WaitingDatagram>();
  /** Memory the queue takes, bookkeeping included: what SO_RCVBUF bounds. */
  queued = 0;
  drops = 0;
  error: ErrnoName | undefined;
  errorQueue: ErrorQueue | undefined;
  readClosed = false;
  sendClosed = false;
  holder: Wakeable | undefined;

  constructor(id: number, any: IpAddress, settings: UdpSettings) {
    this.id = id;
    this.localAddress = any;
    this.settings = settings;
  }

  /** False when the buffer is full. A single datagram is taken however large it is (Linux __udp_enqueue_schedule_skb). */
  enqueue(datagram: WaitingDatagram): boolean {
    const size = memoryOf(datagram.octets.length);
    if (this.queued > 0 && this.queued + size > this.settings.receiveBuffer) {
      this.drops++;
      return false;
    }
    this.queue.push(datagram);
    this.queued += size;
    this.holder?.wake();
    return true;
  }

  dequeue(): WaitingDatagram | undefined {
    const datagram = this.queue.shift();
    if (datagram) this.queued -= memoryOf(datagram.octets.length);
    return datagram;
  }

  /** Octets that wait, without bookkeeping. */
  get waiting(): number {
    let octets = 0;
    for (const datagram of this.queue) octets += datagram.octets.length;
    return octets;
  }
}

const BUFFER_HEAD = 256; // Linux struct sk_buff
const AROUND_DATA = 320 + 92; // struct skb_shared_info, and room for the headers below UDP

/** What a datagram costs: its buffer comes in powers of two (Linux skb->truesize). */
const memoryOf = (octets: number): number => BUFFER_HEAD + 2 ** Math.max(9, Math.ceil(Math.log2(octets + AROUND_DATA)));
