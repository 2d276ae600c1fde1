import { readFileSync } from 'node:fs';
import type { KernelEnd } from './socket.ts';

/** A TCP socket of this machine as the kernel lists it, also one that no process holds any more. */
export interface ListedSocket {
  readonly local: KernelEnd;
  readonly remote: KernelEnd;
  /** Linux's number of the state, 1 ESTABLISHED to 12 NEW-SYN-RECV. */
  readonly state: number;
  /** Octets that wait for recv. */
  readonly receive: number;
  /** False for one in TIME-WAIT, for one that waits for accept, and for one closed by its process. */
  readonly isHeld: boolean;
}

/** Every TCP socket of one family, from /proc/net/tcp or /proc/net/tcp6 (proc(5)); empty where there is none of them. */
export function listSockets(family: 4 | 6): readonly ListedSocket[] {
  let text: string;
  try {
    text = readFileSync(family === 4 ? '/proc/net/tcp' : '/proc/net/tcp6', 'latin1');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const fields = LINE.exec(line);
    if (!fields) return [];
    const [, local, localPort, remote, remotePort, state, receive, inode] = fields as unknown as readonly string[];
    return {
      local: { octets: octetsOf(local!), port: Number.parseInt(localPort!, 16) },
      remote: { octets: octetsOf(remote!), port: Number.parseInt(remotePort!, 16) },
      state: Number.parseInt(state!, 16),
      receive: Number.parseInt(receive!, 16),
      isHeld: inode !== '0',
    };
  });
}

/** Slot, both ends, state, the queues, timer, retransmissions, user, timeout, inode. */
const LINE = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) \S+ \S+ +\d+ +\d+ (\d+)/;

/** Each word of 32 bits is printed as a number, so on this machine's order its octets stand backwards. */
function octetsOf(hexadecimal: string): Uint8Array {
  const octets = Buffer.from(hexadecimal, 'hex');
  return new Uint8Array(octets.swap32());
}
