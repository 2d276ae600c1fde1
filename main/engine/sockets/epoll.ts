import { ok, type Result } from '../../wire/result.ts';
import { type Errno, fail } from './errno.ts';
import { ALWAYS, Epoll, Poll, WRITABLE } from './poll-events.ts';
import type { Socket } from './socket.ts';
import type { Watchable, Watcher } from './wait.ts';

export interface EpollEvent {
  /** A union of `Poll` and `Epoll` bits. */
  readonly events: number;
  /** Given back with each event; the program's own. */
  readonly data: number;
}

interface Interest {
  readonly fd: number;
  readonly socket: Socket;
  events: number;
  data: number;
  /** Looked at by the next wait. */
  isCandidate: boolean;
  inputMark: string | undefined;
  wasWritable: boolean;
  readonly stop: () => void;
}

/**
 * epoll(7): descriptors a program is interested in, and those of them about which there may be something to tell.
 * Level-triggered interests stay candidates while their condition holds; edge-triggered ones (EPOLLET) become one only
 * when something new happens, so that a program that does not read everything is not told again.
 */
export class EpollSet implements Watchable {
  private readonly interests = new Map<number, Interest>();
  private readonly watchers = new Set<Watcher>();

  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** An epoll descriptor is readable itself while it has something to tell. */
  poll(): number {
    for (const interest of this.interests.values()) if (interest.isCandidate && readyOf(interest) !== 0) return Poll.IN | Poll.RDNORM;
    return 0;
  }

  control(op: 'EPOLL_CTL_ADD' | 'EPOLL_CTL_MOD' | 'EPOLL_CTL_DEL', fd: number, socket: Socket, event: EpollEvent): Result<void, Errno> {
    const known = this.find(fd, socket);
    switch (op) {
      case 'EPOLL_CTL_ADD':
        if (known) return fail('EEXIST', `descriptor ${fd} is in the set already`);
        if (isExclusive(event) && (event.events & ~WITH_EXCLUSIVE) !== 0)
          return fail('EINVAL', 'EPOLLEXCLUSIVE goes with a few events only');
        this.add(fd, socket, event);
        break;
      case 'EPOLL_CTL_MOD':
        if (!known) return fail('ENOENT', `descriptor ${fd} is not in the set`);
        if (isExclusive(event) || isExclusive(known)) return fail('EINVAL', 'EPOLLEXCLUSIVE stays as it was');
        Object.assign(known, { events: event.events, data: event.data, isCandidate: true });
        break;
      case 'EPOLL_CTL_DEL':
        if (!known) return fail('ENOENT', `descriptor ${fd} is not in the set`);
        this.remove(known);
        return ok(undefined);
    }
    this.tell();
    return ok(undefined);
  }

  /** Up to `most` events; undefined when there is none. */
  take(most: number): readonly { readonly events: number; readonly data: number }[] | undefined {
    const told: { events: number; data: number }[] = [];
    for (const interest of [...this.interests.values()]) {
      if (told.length >= most) break;
      if (interest.socket.references === 0)
        this.remove(interest); // closed: it leaves the set by itself
      else if (interest.isCandidate) this.look(interest, told);
    }
    return told.length > 0 ? told : undefined;
  }

  close(): void {
    for (const interest of [...this.interests.values()]) this.remove(interest);
  }

  private look(interest: Interest, told: { events: number; data: number }[]): void {
    const events = readyOf(interest);
    interest.isCandidate = events !== 0 && (interest.events & Epoll.ET) === 0;
    if (events === 0) return;
    told.push({ events, data: interest.data });
    // Fairness, as on Linux: who was told goes to the end of the line.
    this.interests.delete(interest.fd);
    this.interests.set(interest.fd, interest);
    if (interest.events & Epoll.ONESHOT) interest.events &= Epoll.ET | Epoll.ONESHOT; // silent until EPOLL_CTL_MOD
  }

  private find(fd: number, socket: Socket): Interest | undefined {
    const interest = this.interests.get(fd);
    if (!interest || interest.socket === socket) return interest;
    this.remove(interest); // the number has been given to another socket since
    return undefined;
  }

  private add(fd: number, socket: Socket, { events, data }: EpollEvent): void {
    const stop = socket.watch(() => this.notice(interest), isExclusive({ events }));
    const interest: Interest = {
      fd,
      socket,
      events,
      data,
      isCandidate: true,
      inputMark: socket.protocol.inputMark(socket),
      wasWritable: (socket.protocol.poll(socket) & WRITABLE) !== 0,
      stop,
    };
    this.interests.set(fd, interest);
  }

  private remove(interest: Interest): void {
    interest.stop();
    this.interests.delete(interest.fd);
  }

  /** Something about the socket changed. Is it what the interest waits for? True when somebody was woken for it. */
  private notice(interest: Interest): boolean {
    const { socket } = interest;
    const mark = socket.protocol.inputMark(socket);
    const isWritable = (socket.protocol.poll(socket) & WRITABLE) !== 0;
    const isNews = mark === undefined || mark !== interest.inputMark || (isWritable && !interest.wasWritable);
    interest.inputMark = mark;
    interest.wasWritable = isWritable;
    if ((interest.events & Epoll.ET) !== 0 && !isNews) return false;
    interest.isCandidate = true;
    return this.tell() && readyOf(interest) !== 0;
  }

  private tell(): boolean {
    let woke = false;
    for (const watcher of [...this.watchers]) woke = watcher() || woke;
    return woke;
  }
}

/** What may be asked for beside EPOLLEXCLUSIVE (Linux EPOLLEXCLUSIVE_OK_BITS). */
const WITH_EXCLUSIVE = Poll.IN | Poll.OUT | Poll.ERR | Poll.HUP | Epoll.ET | Epoll.EXCLUSIVE;
const isExclusive = ({ events }: { readonly events: number }): boolean => (events & Epoll.EXCLUSIVE) !== 0;

function readyOf({ socket, events }: Interest): number {
  const asked = events & ~(Epoll.ET | Epoll.ONESHOT | Epoll.EXCLUSIVE);
  return asked === 0 && events !== 0 && (events & Epoll.ONESHOT) !== 0 ? 0 : socket.protocol.poll(socket) & (asked | ALWAYS);
}
