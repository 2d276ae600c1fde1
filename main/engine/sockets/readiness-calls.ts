import { ok } from '../../wire/result.ts';
import type { Done } from './attempt.ts';
import { type EpollEvent, EpollSet } from './epoll.ts';
import { fail } from './errno.ts';
import { type PollEntry, type PollResult, poll, type SelectSets, select } from './poll.ts';
import { Socket } from './socket.ts';
import { TransferCalls } from './transfer-calls.ts';
import { waitOn } from './wait.ts';

/** The calls of a program that wait until something may be read or written. */
export class ReadinessCalls extends TransferCalls {
  /** Milliseconds; negative waits for ever, 0 only looks. */
  poll(entries: readonly PollEntry[], milliseconds: number, done: Done<readonly PollResult[]>): void {
    poll(this.host, this.lookUp, entries, milliseconds, this.enter('poll', -1, done));
  }

  select(sets: SelectSets, milliseconds: number, done: Done<SelectSets>): void {
    const returns = this.enter('select', -1, done);
    const closed = [...sets.read, ...sets.write, ...sets.except].find((fd) => !this.lookUp(fd));
    if (closed !== undefined) returns(fail('EBADF', `no descriptor ${closed}`));
    else select(this.host, this.lookUp, sets, milliseconds, returns);
  }

  epoll_create(done: Done<number>): void {
    this.enter('epoll_create', -1, done)(this.install(new EpollSet()));
  }

  epoll_ctl(epfd: number, op: 'EPOLL_CTL_ADD' | 'EPOLL_CTL_MOD' | 'EPOLL_CTL_DEL', fd: number, event: EpollEvent, done: Done<void>): void {
    const returns = this.enter('epoll_ctl', epfd, done);
    const [set, descriptor] = [this.lookUp(epfd), this.lookUp(fd)];
    if (!set || !descriptor) {
      returns(fail('EBADF', `no descriptor ${set ? fd : epfd}`));
      return;
    }
    if (!(set instanceof EpollSet) || !(descriptor instanceof Socket)) {
      returns(fail('EINVAL', 'an epoll descriptor, and a socket to watch'));
      return;
    }
    returns(set.control(op, fd, descriptor, event));
  }

  epoll_wait(epfd: number, maxEvents: number, milliseconds: number, done: Done<readonly EpollEvent[]>): void {
    const returns = this.enter('epoll_wait', epfd, done);
    const set = this.lookUp(epfd);
    if (!set) {
      returns(fail('EBADF', `no descriptor ${epfd}`));
      return;
    }
    if (!(set instanceof EpollSet) || maxEvents <= 0) {
      returns(fail('EINVAL', 'an epoll descriptor, and room for an event'));
      return;
    }
    const attempt = () => {
      const events = set.take(maxEvents);
      return events && ok(events);
    };
    waitOn(this.host, [set], attempt, milliseconds, () => ok([]), returns);
  }
}
