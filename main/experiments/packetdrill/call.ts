import type { Errno, ErrnoName } from '../../engine/sockets/errno.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import type { Domain } from '../../engine/sockets/socket.ts';
import type { Result } from '../../wire/result.ts';
import type { CallAction } from './script.ts';

/** How a call came back: what it returned, and what it wrote where the script looks, next to what the script says there. */
export interface Outcome {
  readonly result: number;
  readonly errno: ErrnoName | undefined;
  readonly written?: readonly { readonly what: string; readonly expected: string; readonly actual: string }[];
}

/** What calls have to do with: the program under test, and where the script's bind() and connect() go. */
export interface CallContext {
  readonly program: Process;
  readonly domain: Domain;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** The live descriptor of a script's. */
  live(fd: number): number;
}

/** Hears how a call ended, perhaps later. */
export type Back = (outcome: Outcome) => void;
/** Makes one system call as a script writes it. */
export type Call = (call: CallAction, context: CallContext, back: Back) => void;

/** -1 and an errno. */
export const failed = ({ errno }: Errno): Outcome => ({ result: -1, errno });
/** What tells `back` of a result: what the call returns, and what it wrote. */
export const gave = <T>(back: Back, result: (value: T) => number, written?: (value: T) => Outcome['written']) => {
  return (outcome: Result<T, Errno>): void => {
    if (!outcome.ok) back(failed(outcome.error));
    else {
      const wrote = written?.(outcome.value);
      back({ result: result(outcome.value), errno: undefined, ...(wrote && { written: wrote }) });
    }
  };
};
/** The result of a call that gives nothing but that it succeeded. */
export const nothing = (): number => 0;
/** The result of a call that gives octets. */
export const count = (octets: Uint8Array): number => octets.length;

/** One thing that a call wrote, next to what the script says of it. */
export const differ = (what: string, expected: string | number, actual: string | number): Outcome['written'] => [
  { what, expected: `${expected}`, actual: `${actual}` },
];

/** The program gave an address where it has no memory: the call ends before the socket hears of it. */
export const noMemory: Outcome = { result: -1, errno: 'EFAULT' };
