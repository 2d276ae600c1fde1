import { ok } from '../../wire/result.ts';
import type { Host } from '../host.ts';
import type { Done } from './attempt.ts';
import type { EpollSet } from './epoll.ts';
import { ALWAYS, Poll } from './poll-events.ts';
import { Socket } from './socket.ts';
import { waitOn } from './wait.ts';

export interface PollEntry {
  readonly fd: number;
  /** A union of `Poll` bits. */
  readonly events: number;
}

export interface PollResult {
  readonly fd: number;
  readonly revents: number;
}

/** What a descriptor may refer to. */
export type Descriptor = Socket | EpollSet;

export const eventsOf = (descriptor: Descriptor): number =>
  descriptor instanceof Socket ? descriptor.protocol.poll(descriptor) : descriptor.poll();

/** poll(2): the entries of which something asked for is true; none when the time is over. A descriptor that is not open is POLLNVAL. */
export function poll(
  host: Host,
  lookUp: (fd: number) => Descriptor | undefined,
  entries: readonly PollEntry[],
  milliseconds: number,
  done: Done<readonly PollResult[]>,
): void {
  const open = entries.map(({ fd, events }) => ({ fd, events, descriptor: lookUp(fd) }));
  const attempt = () => {
    const ready = open.flatMap(({ fd, events, descriptor }) => {
      const revents = descriptor ? eventsOf(descriptor) & (events | ALWAYS) : fd < 0 ? 0 : Poll.NVAL;
      return revents === 0 ? [] : [{ fd, revents }];
    });
    return ready.length > 0 ? ok(ready) : undefined;
  };
  const things = open.flatMap(({ descriptor }) => descriptor ?? []);
  waitOn(host, things, attempt, milliseconds, () => ok([]), done);
}

export interface SelectSets {
  readonly read: readonly number[];
  readonly write: readonly number[];
  readonly except: readonly number[];
}

/** select(2) in terms of poll: which conditions make a descriptor readable, writable, exceptional (Linux fs/select.c). */
export const SELECT_READ = Poll.RDNORM | Poll.IN | Poll.HUP | Poll.ERR;
export const SELECT_WRITE = Poll.WRNORM | Poll.OUT | Poll.ERR;
export const SELECT_EXCEPT = Poll.PRI;

export function select(
  host: Host,
  lookUp: (fd: number) => Descriptor | undefined,
  sets: SelectSets,
  milliseconds: number,
  done: Done<SelectSets>,
): void {
  const those = (fds: readonly number[], mask: number): readonly number[] =>
    fds.filter((fd) => {
      const descriptor = lookUp(fd);
      return descriptor !== undefined && (eventsOf(descriptor) & mask) !== 0;
    });
  const attempt = () => {
    const ready = {
      read: those(sets.read, SELECT_READ),
      write: those(sets.write, SELECT_WRITE),
      except: those(sets.except, SELECT_EXCEPT),
    };
    return ready.read.length + ready.write.length + ready.except.length > 0 ? ok(ready) : undefined;
  };
  const things = [...sets.read, ...sets.write, ...sets.except].flatMap((fd) => lookUp(fd) ?? []);
  waitOn(host, things, attempt, milliseconds, () => ok({ read: [], write: [], except: [] }), done);
}
