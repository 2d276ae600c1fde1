import type { Result } from '../../wire/result.ts';
import type { SocketAddress } from '../sockets/address.ts';
import type { Errno } from '../sockets/errno.ts';
import type { Process } from '../sockets/process.ts';

const PIECE = 65_536;
const NOT_ASKED = (): void => {};

export interface EchoServerOptions extends SocketAddress {
  readonly backlog?: number;
  readonly reuseAddress?: boolean;
}

/**
 * Sends back whatever it gets, to any number of clients at once, and closes when a client does. `ready` tells whether it
 * listens; from then on it runs until its process exits.
 */
export function echoServer(process: Process, options: EchoServerOptions, ready: (result: Result<void, Errno>) => void): void {
  process.socket(options.address.includes(':') ? 'AF_INET6' : 'AF_INET', 'SOCK_STREAM', (made) => {
    if (!made.ok) return ready(made);
    const fd = made.value;
    if (options.reuseAddress) process.setsockopt(fd, 'SO_REUSEADDR', 1, NOT_ASKED);
    process.bind(fd, options, (bound) => {
      if (!bound.ok) return ready(bound);
      process.listen(fd, options.backlog ?? 128, (listening) => {
        ready(listening);
        if (listening.ok) acceptNext(process, fd);
      });
    });
  });
}

function acceptNext(process: Process, listener: number): void {
  process.accept(listener, (accepted) => {
    if (!accepted.ok) return; // the listener is gone
    echo(process, accepted.value.fd);
    acceptNext(process, listener);
  });
}

function echo(process: Process, fd: number): void {
  process.recv(fd, PIECE, [], (received) => {
    if (!received.ok || received.value.length === 0) return process.close(fd, NOT_ASKED);
    process.send(fd, received.value, [], (sent) => {
      if (sent.ok) echo(process, fd);
      else process.close(fd, NOT_ASKED);
    });
  });
}
