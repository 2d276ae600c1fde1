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
  | 'EEXIST'
  | 'EFAULT'
  | 'EHOSTDOWN'
  | 'EHOSTUNREACH'
  | 'EINPROGRESS'
  | 'EINVAL'
  | 'EISCONN'
  | 'ELOOP'
  | 'EMFILE'
  | 'EMSGSIZE'
  | 'ENAMETOOLONG'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENOENT'
  | 'ENOMSG'
  | 'ENOPROTOOPT'
  | 'ENOTCONN'
  | 'EOPNOTSUPP'
  | 'ENOTDIR'
  | 'ENOTSOCK'
  | 'EPERM'
  | 'EPIPE'
  | 'EPROTO'
  | 'EPROTONOSUPPORT'
  | 'EPROTOTYPE'
  | 'ESOCKTNOSUPPORT'
  | 'ETIMEDOUT';

export interface Errno {
  readonly errno: ErrnoName;
  /** What happened, for people. */
  readonly because?: string;
}

export const fail = (errno: ErrnoName, because?: string): Result<never, Errno> =>
  err(because === undefined ? { errno } : { errno, because });
