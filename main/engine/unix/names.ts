import { ok, type Result } from '../../wire/result.ts';
import { type Errno, fail } from '../sockets/errno.ts';
import type { UnixEndpoint } from './unix-endpoint.ts';

/** Octets a path may have: sun_path with its final zero (unix(7)). */
const LONGEST_PATH = 107;
const ROOT = 0;

interface Entry {
  /** The socket bound there; one that is closed leaves its file behind. */
  readonly endpoint: UnixEndpoint;
  mode: number;
  readonly uid: number;
}

/** The files of a host that are sockets, and the abstract names ('@...'), which vanish with their socket and have no permissions. */
export class UnixNames {
  private readonly entries = new Map<string, Entry>();
  private automatic = 0;

  bind(endpoint: UnixEndpoint, path: string, uid: number, umask: number): Result<void, Errno> {
    if (path.length > LONGEST_PATH) return fail('EINVAL', `a path has ${LONGEST_PATH} octets at most`);
    const chosen = path === '' ? this.free() : path;
    if (this.entries.has(chosen)) return fail('EADDRINUSE', `${chosen} exists`);
    this.entries.set(chosen, { endpoint, mode: 0o777 & ~umask, uid });
    endpoint.path = chosen;
    return ok(undefined);
  }

  /** Linux gives five hexadecimal digits in the abstract space to whoever binds to nothing. */
  private free(): string {
    let name: string;
    do name = `@${(this.automatic++ & 0xfffff).toString(16).padStart(5, '0')}`;
    while (this.entries.has(name));
    return name;
  }

  /** Whom a program with that uid reaches there: it needs the permission to write. */
  find(path: string, uid: number): Result<UnixEndpoint, Errno> {
    const entry = this.entries.get(path);
    if (!entry) return path.startsWith('@') ? fail('ECONNREFUSED', `nobody is bound to ${path}`) : fail('ENOENT', `no file ${path}`);
    const bit = entry.uid === uid ? 0o200 : 0o002;
    if (!path.startsWith('@') && uid !== ROOT && (entry.mode & bit) === 0) return fail('EACCES', `no permission to write to ${path}`);
    return entry.endpoint.isOpen ? ok(entry.endpoint) : fail('ECONNREFUSED', `the socket bound to ${path} is closed`);
  }

  unlink(path: string, uid: number): Result<void, Errno> {
    const entry = this.entries.get(path);
    if (!entry || path.startsWith('@')) return fail('ENOENT', `no file ${path}`);
    if (uid !== ROOT && uid !== entry.uid) return fail('EPERM', `${path} belongs to somebody else`);
    this.entries.delete(path);
    return ok(undefined);
  }

  chmod(path: string, mode: number, uid: number): Result<void, Errno> {
    const entry = this.entries.get(path);
    if (!entry || path.startsWith('@')) return fail('ENOENT', `no file ${path}`);
    if (uid !== ROOT && uid !== entry.uid) return fail('EPERM', `${path} belongs to somebody else`);
    entry.mode = mode;
    return ok(undefined);
  }

  /** The socket is closed: an abstract name is free again, a file stays. */
  release({ path }: UnixEndpoint): void {
    if (path.startsWith('@')) this.entries.delete(path);
  }
}
