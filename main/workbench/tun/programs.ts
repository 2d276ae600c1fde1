import type { Readable, Writable } from 'node:stream';
import type { SocketAddress } from '../../engine/sockets/address.ts';
import type { Done } from '../../engine/sockets/attempt.ts';
import type { Errno } from '../../engine/sockets/errno.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import { ok, type Result } from '../../wire/result.ts';

const PIECE = 65_536;
const NOT_ASKED = (): void => {};

const familyOf = ({ address }: SocketAddress) => (address.includes(':') ? 'AF_INET6' : 'AF_INET');

/** Lets a program's call happen in the engine's present. */
export type Act = (action: () => void) => void;

/**
 * A client with streams of the real world for its input and output: sends what comes in, then ends its direction; writes
 * what comes back until the server ends the other; closes when both have. A person at a terminal need not end the input:
 * the server's end will do.
 */
export async function talk(
  program: Process,
  to: SocketAddress,
  act: Act,
  input: Readable & { readonly isTTY?: boolean },
  output: Writable,
): Promise<Result<void, Errno>> {
  const call = <T>(start: (done: Done<T>) => void) => new Promise<Result<T, Errno>>((resolve) => act(() => start(resolve)));
  const made = await call<number>((done) => program.socket(familyOf(to), 'SOCK_STREAM', done));
  if (!made.ok) return made;
  const fd = made.value;

  const sendInput = async (): Promise<void> => {
    for await (const piece of input) {
      const sent = await call<number>((done) => program.send(fd, piece as Uint8Array, [], done));
      if (!sent.ok) return; // what is wrong, recv will tell
    }
    await call<void>((done) => program.shutdown(fd, 'SHUT_WR', done));
  };
  const writeOutput = async (): Promise<Result<void, Errno>> => {
    for (;;) {
      const received = await call<Uint8Array>((done) => program.recv(fd, PIECE, [], done));
      if (!received.ok) return received;
      if (received.value.length === 0) return ok(undefined);
      if (!output.write(received.value)) await new Promise((resolve) => output.once('drain', resolve));
    }
  };

  let outcome: Result<void, Errno> = await call<void>((done) => program.connect(fd, to, done));
  if (outcome.ok) {
    const sending = sendInput().catch(NOT_ASKED); // the input was torn off
    outcome = await writeOutput();
    if (!outcome.ok || input.isTTY) input.destroy();
    await sending;
  }
  await call<void>((done) => program.close(fd, done));
  return outcome;
}

/** Connects every client to a server elsewhere and passes on what they say, ends included. `ready` tells whether it listens. */
export function relay(
  program: Process,
  listenAt: SocketAddress,
  to: SocketAddress,
  backlog: number,
  ready: (result: Result<void, Errno>) => void,
): void {
  program.socket(familyOf(listenAt), 'SOCK_STREAM', (made) => {
    if (!made.ok) return ready(made);
    program.bind(made.value, listenAt, (bound) => {
      if (!bound.ok) return ready(bound);
      program.listen(made.value, backlog, (listening) => {
        ready(listening);
        if (listening.ok) acceptNext(program, made.value, to);
      });
    });
  });
}

function acceptNext(program: Process, listener: number, to: SocketAddress): void {
  program.accept(listener, (accepted) => {
    if (!accepted.ok) return; // the listener is gone
    join(program, accepted.value.fd, to);
    acceptNext(program, listener, to);
  });
}

function join(program: Process, client: number, to: SocketAddress): void {
  program.socket(familyOf(to), 'SOCK_STREAM', (made) => {
    if (!made.ok) return program.close(client, NOT_ASKED);
    const server = made.value;
    let directions = 2;
    let isOver = false;
    const close = (): void => {
      if (isOver) return;
      isOver = true;
      program.close(client, NOT_ASKED);
      program.close(server, NOT_ASKED);
    };
    const ended = (orderly: boolean): void => {
      if (--directions === 0 || !orderly) close();
    };
    program.connect(server, to, (connected) => {
      if (!connected.ok) return close();
      passOn(program, client, server, ended);
      passOn(program, server, client, ended);
    });
  });
}

/** One direction, until its end. */
function passOn(program: Process, from: number, to: number, ended: (orderly: boolean) => void): void {
  program.recv(from, PIECE, [], (received) => {
    if (!received.ok) return ended(false);
    if (received.value.length === 0) return program.shutdown(to, 'SHUT_WR', ({ ok }) => ended(ok));
    program.send(to, received.value, [], (sent) => {
      if (sent.ok) passOn(program, from, to, ended);
      else ended(false);
    });
  });
}
