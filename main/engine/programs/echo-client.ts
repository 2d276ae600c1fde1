import { ok, type Result } from '../../wire/result.ts';
import type { SocketAddress } from '../sockets/address.ts';
import type { Errno } from '../sockets/errno.ts';
import type { Process } from '../sockets/processes.ts';

export interface EchoClientOptions extends SocketAddress {
  /** Sent one after the other, each when the one before has come back. */
  readonly messages: readonly Uint8Array[];
}

/** Connects, sends each message, waits for its echo, closes. `done` gets the echoes, or why the conversation broke off. */
export function echoClient(
  program: Process,
  options: EchoClientOptions,
  done: (result: Result<readonly Uint8Array[], Errno>) => void,
): void {
  program.socket(options.address.includes(':') ? 'AF_INET6' : 'AF_INET', 'SOCK_STREAM', (made) => {
    if (!made.ok) return done(made);
    const fd = made.value;
    const end = (result: Result<readonly Uint8Array[], Errno>): void => program.close(fd, () => done(result));
    program.connect(fd, options, (connected) => {
      if (connected.ok) converse(program, fd, options.messages, [], end);
      else end(connected);
    });
  });
}

function converse(
  program: Process,
  fd: number,
  messages: readonly Uint8Array[],
  echoes: readonly Uint8Array[],
  end: (result: Result<readonly Uint8Array[], Errno>) => void,
): void {
  const message = messages[echoes.length];
  if (!message) {
    end(ok(echoes));
    return;
  }
  program.send(fd, message, [], (sent) => {
    if (!sent.ok) return end(sent);
    program.recv(fd, message.length, ['MSG_WAITALL'], (received) => {
      if (received.ok) converse(program, fd, messages, [...echoes, received.value], end);
      else end(received);
    });
  });
}
