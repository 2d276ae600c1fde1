import { expect, test } from 'vitest';
import { Calls } from '../testing/calls.ts';
import { Lab } from '../testing/lab.ts';
import { Epoll, Poll } from './poll-events.ts';

/** So many workers that wait for one listener, each with an epoll of its own; counts whom a new connection wakes. */
function workers(count: number, flag: number) {
  const lab = new Lab();
  const calls = new Calls(lab.engine);
  const l = lab.listening();
  const sets = Array.from({ length: count }, () => {
    const set = calls.value<number>((done) => lab.b.epoll_create(done));
    calls.value<void>((done) => lab.b.epoll_ctl(set, 'EPOLL_CTL_ADD', l, { events: Poll.IN | flag, data: l }, done));
    return set;
  });
  let woken = 0;
  const wait = (set: number) => lab.b.epoll_wait(set, 1, -1, () => woken++);
  const connects = (clients: number): number => {
    woken = 0;
    for (let i = 0; i < clients; i++) lab.connecting();
    lab.run(100);
    return woken;
  };
  const modify = (events: number) => calls.errno((done) => lab.b.epoll_ctl(sets[0]!, 'EPOLL_CTL_MOD', l, { events, data: l }, done));
  const add = (events: number) => {
    const set = calls.value<number>((done) => lab.b.epoll_create(done));
    return calls.errno((done) => lab.b.epoll_ctl(set, 'EPOLL_CTL_ADD', l, { events, data: l }, done));
  };
  return { sets, wait, connects, modify, add };
}

test('a connection wakes every worker that waits, and with EPOLLEXCLUSIVE one of them', () => {
  const herd = workers(4, 0);
  for (const set of herd.sets) herd.wait(set);
  expect(herd.connects(1)).toBe(4);
  const orderly = workers(4, Epoll.EXCLUSIVE);
  for (const set of orderly.sets) orderly.wait(set);
  expect(orderly.connects(1)).toBe(1);
  expect(orderly.connects(2)).toBe(2); // each the next that still waits
  expect(orderly.connects(5)).toBe(1);
});

test('EPOLLEXCLUSIVE: only with EPOLL_CTL_ADD, and not with every event', () => {
  const { modify, add } = workers(1, Epoll.EXCLUSIVE);
  expect([modify(Poll.IN), add(Poll.IN | Poll.RDHUP | Epoll.EXCLUSIVE), add(Poll.IN | (Epoll.ONESHOT + Epoll.EXCLUSIVE))]).toEqual([
    'EINVAL',
    'EINVAL',
    'EINVAL',
  ]);
  expect(add(Poll.IN | Poll.OUT | Epoll.EXCLUSIVE)).toBe('ok');
});
