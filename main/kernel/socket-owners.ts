import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Turns } from './turns.ts';

export interface SocketOwner {
  readonly pid: number;
  /** The program's short name (proc(5), comm). */
  readonly process: string;
}

export interface SocketOwners {
  /** Processes that hold a descriptor of the socket, by the inode of its file. */
  readonly byInode: ReadonlyMap<number, readonly SocketOwner[]>;
  /** Processes that this user may not look into; any of them may hold what nobody seems to hold. */
  readonly hidden: number;
}

/** Some programs hold very many. */
const DESCRIPTORS_AT_ONCE = 64;
const LINK = /^socket:\[(\d+)\]$/;

/** Who holds the sockets with these inodes, from the descriptors in /proc. Processes that end meanwhile are passed over. */
export async function socketOwners(inodes: ReadonlySet<number>): Promise<SocketOwners> {
  const byInode = new Map<number, SocketOwner[]>();
  let hidden = 0;
  if (inodes.size === 0) return { byInode, hidden };
  const turns = new Turns();
  for (const pid of unlessGone(() => readdirSync('/proc'), [])) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const held = (await inodesOf(pid, turns)).filter((inode) => inodes.has(inode));
      if (held.length === 0) continue;
      const owner = { pid: Number(pid), process: nameOf(pid) };
      for (const inode of new Set(held)) byInode.set(inode, [...(byInode.get(inode) ?? []), owner]);
    } catch {
      hidden++;
    }
  }
  return { byInode, hidden };
}

/** The sockets among a process's descriptors. Throws where this user may not look: the folder may be read and its links may not. */
async function inodesOf(pid: string, turns: Turns): Promise<readonly number[]> {
  const folder = `/proc/${pid}/fd`;
  const inodes: number[] = [];
  for (const [i, descriptor] of unlessGone(() => readdirSync(folder), []).entries()) {
    const found = LINK.exec(unlessGone(() => readlinkSync(`${folder}/${descriptor}`), ''));
    if (found) inodes.push(Number(found[1]));
    if (i % DESCRIPTORS_AT_ONCE === 0) await turns.pass();
  }
  return inodes;
}

/** What cannot be read is gone, unless it may not be read: that throws. */
function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw error;
    return otherwise;
  }
}

/** A process may name itself as it likes: what would move a terminal's cursor is left out. */
function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replaceAll(/\p{Cc}/gu, '') || '?';
  } catch {
    return '?';
  }
}
