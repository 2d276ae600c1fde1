import type { Result } from '../../wire/result.ts';
import type { SocketAddress } from '../sockets/address.ts';
import type { Errno } from '../sockets/errno.ts';
import type { Process } from '../sockets/processes.ts';

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
export function echoServer(program: Process, options: EchoServerOptions, ready: (result: Result<void, Errno>) => void): void {
  program.socket(options.address.includes(':') ? 'AF_INET6' : 'AF_INET', 'SOCK_STREAM', (made) => {
    if (!made.ok) return ready(made);
    const fd = made.value;
    if (options.reuseAddress) program.setsockopt(fd, 'SO_REUSEADDR', 1, NOT_ASKED);
    program.bind(fd, options, (bound) => {
      if (!bound.ok) return ready(bound);
      program.listen(fd, options.backlog ?? 128, (listening) => {
        ready(listening);
        if (listening.ok) acceptNext(program, fd);
      });
    });
  });
}

function acceptNext(program: Process, listener: number): void {
  program.accept(listener, (accepted) => {
    if (!accepted.ok) return; // the listener is gone
    echo(program, accepted.value.fd);
    acceptNext(program, listener);
  });
}

function echo(program: Process, fd: number): void {
  program.recv(fd, PIECE, [], (received) => {
    if (!received.ok || received.value.length === 0) return program.close(fd, NOT_ASKED);
    program.send(fd, received.value, [], (sent) => {
      if (sent.ok) echo(program, fd);
      else program.close(fd, NOT_ASKED);
    });
  });
}
