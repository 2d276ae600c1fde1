import type { LabFailure, LabMessage, LabReply, LabRequest } from '../requests.ts';

/** The one thread between the script's world and the laboratory: requests out, answers and messages in. */

// Kept before the script runs, so that a script which replaces them confuses only itself.
const { stringify, parse } = JSON;

let host: (request: string) => string | undefined = () => undefined;
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void; readonly stack: string }>();

export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly errno: string;
  readonly code: string;
  readonly syscall: string;
  constructor({ message, errno, syscall }: { readonly message: string; readonly errno: string; readonly syscall: string }) {
    super(message);
    this.errno = this.code = errno;
    this.syscall = syscall;
  }
}

export const connect = (to: (request: string) => string | undefined): void => {
  host = to;
};

/** The calls that lead here; the laboratory finds the script's line in it. */
export const here = (): string => (new Error().stack ?? '').slice(0, 8000);

/** Asks for something that is answered at once. */
export function ask(request: LabRequest): unknown {
  const reply = send(request);
  if ('error' in reply) throw asError(reply.error, here());
  return 'value' in reply ? reply.value : undefined;
}

/** Asks for something that may take time on the target's clock. */
export function wait(request: LabRequest & { readonly stack: string }): Promise<unknown> {
  const reply = send(request);
  if ('error' in reply) return Promise.reject(asError(reply.error, request.stack));
  if ('value' in reply) return Promise.resolve(reply.value);
  return new Promise((resolve, reject) => waiting.set(reply.wait, { resolve, reject, stack: request.stack }));
}

/** An answer has come. */
export function settle({ id, value, error }: Extract<LabMessage, { kind: 'settle' }>): void {
  const one = waiting.get(id);
  waiting.delete(id);
  if (error) one?.reject(asError(error, one.stack));
  else one?.resolve(value);
}

function send(request: LabRequest): LabReply {
  const reply = host(stringify(request));
  return typeof reply === 'string' ? parse(reply) : { error: { message: 'the run has ended' } };
}

/** An error that points to the script's call, not to where the answer came in. */
function asError({ message, errno, syscall }: LabFailure, stack: string): Error {
  const error = errno === undefined ? new Error(message) : new SystemError({ message, errno, syscall: syscall ?? '' });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
