import { err, type Result } from '../../wire/result.ts';

/** The errno values socket calls give here, with Linux's names. */
export type ErrnoName =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAFNOSUPPORT'
  | 'EAGAIN'
  | 'EALREADY'
  | 'EBADF'
  | 'ECONNABORTED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EDESTADDRREQ'
  | 'EINPROGRESS'
  | 'EINVAL'
  | 'EISCONN'
  | 'EMFILE'
  | 'ENETUNREACH'
  | 'ENOPROTOOPT'
  | 'ENOTCONN'
  | 'EOPNOTSUPP'
  | 'EPIPE'
  | 'EPROTONOSUPPORT'
  | 'ETIMEDOUT';

export interface Errno {
  readonly errno: ErrnoName;
  /** What happened, for people. */
  readonly because?: string;
}

export const fail = (errno: ErrnoName, because?: string): Result<never, Errno> =>
  err(because === undefined ? { errno } : { errno, because });
