import { describe, expect, test } from 'vitest';
import { Epoll, Poll } from '../sockets/poll-events.ts';
import { octets } from '../testing/lab.ts';
import { established, type HandPlayed } from '../testing/peer.ts';
import { Stamping } from './send-notices.ts';

/** A connection whose program has set an option. */
function withOption(name: string, value: number): { peer: HandPlayed; fd: number } {
  const { peer, fd } = established();
  peer.program.setsockopt(fd, name, value, () => {});
  return { peer, fd };
}

const writes = (peer: HandPlayed, fd: number, words: string): void => {
  peer.program.send(fd, octets(words), ['MSG_ZEROCOPY'], () => {});
  peer.waits(0);
};

/** The oldest entry of the error queue in few words: what was released, or what was stamped and when (ms); or the errno. */
function tells(peer: HandPlayed, fd: number): string {
  let told = 'nothing';
  peer.program.recvmsg(fd, [0], ['MSG_ERRQUEUE'], (result) => {
    if (!result.ok) told = result.error.errno;
    else
      told = result.value.control
        .map((message) => {
          if (message.level === 'SOL_SOCKET') return `at ${message.at / 1e6}`;
          if (message.level === 'SOL_TCP') return message.type;
          const { errno = 'no error', origin, code, info, data } = message.error;
          return `${errno} ${origin} ${code} ${info} ${data}`;
        })
        .join(', ');
  });
  return told;
}

describe('MSG_ZEROCOPY', () => {
  test('the error queue tells when a write is acknowledged as a whole, several of them in one entry', () => {
    const { peer, fd } = withOption('SO_ZEROCOPY', 1);
    writes(peer, fd, 'x'.repeat(2000));
    writes(peer, fd, 'y'.repeat(2000));
    peer.says('.', { seq: 1, ack: 1001 });
    expect(tells(peer, fd)).toBe('EAGAIN');
    peer.says('.', { seq: 1, ack: 2001 }).says('.', { seq: 1, ack: 4001 });
    expect(tells(peer, fd)).toBe('no error SO_EE_ORIGIN_ZEROCOPY 1 0 1'); // 1: the octets were copied; writes 0 to 1
    writes(peer, fd, 'z');
    peer.says('.', { seq: 1, ack: 4002 });
    expect([tells(peer, fd), tells(peer, fd)]).toEqual(['no error SO_EE_ORIGIN_ZEROCOPY 1 2 2', 'EAGAIN']);
  });

  test('without SO_ZEROCOPY the flag means nothing, and what fails is not counted', () => {
    const { peer, fd } = established();
    writes(peer, fd, 'x');
    peer.says('.', { seq: 1, ack: 2 });
    expect(tells(peer, fd)).toBe('EAGAIN');
    peer.program.setsockopt(fd, 'SO_ZEROCOPY', 1, () => {});
    peer.shutsDown(fd);
    writes(peer, fd, 'too late');
    peer.says('.', { seq: 1, ack: 3 });
    expect(tells(peer, fd)).toBe('EAGAIN');
  });

  test('a reset gives the memory back, too', () => {
    const { peer, fd } = withOption('SO_ZEROCOPY', 1);
    writes(peer, fd, 'never acknowledged');
    peer.says('R', { seq: 1 });
    expect(tells(peer, fd)).toBe('no error SO_EE_ORIGIN_ZEROCOPY 1 0 0');
  });

  test('an edge-triggered wait hears of each, also of one that is joined to the entry before', () => {
    const { peer, fd } = withOption('SO_ZEROCOPY', 1);
    const heard: number[] = [];
    peer.program.epoll_create((set) => {
      if (!set.ok) return;
      peer.program.epoll_ctl(set.value, 'EPOLL_CTL_ADD', fd, { events: Epoll.ET | Poll.PRI, data: 0 }, () => {});
      const next = (): void => peer.program.epoll_wait(set.value, 1, -1, (told) => told.ok && heard.push(told.value[0]!.events) && next());
      next();
    });
    for (let i = 0; i < 2; i++) {
      writes(peer, fd, 'x');
      peer.says('.', { seq: 1, ack: 2 + i }).waits(1);
    }
    expect(heard).toEqual([Poll.ERR, Poll.ERR]);
    expect(tells(peer, fd)).toBe('no error SO_EE_ORIGIN_ZEROCOPY 1 0 1');
  });
});

describe('SO_TIMESTAMPING', () => {
  const ALL = Stamping.TX_SCHED | Stamping.TX_SOFTWARE | Stamping.TX_ACK | Stamping.SOFTWARE | Stamping.OPT_ID;

  test('stamps the last octet of each write: when it left, and when it was acknowledged', () => {
    const { peer, fd } = withOption('SO_TIMESTAMPING', ALL);
    peer.waits(7).sends(fd, 'x'.repeat(12_000)); // two segments more than the window
    expect(tells(peer, fd)).toBe('EAGAIN');
    peer.waits(10).says('.', { seq: 1, ack: 10_001 });
    expect(tells(peer, fd)).toBe('at 17, ENOMSG SO_EE_ORIGIN_TIMESTAMPING 0 1 11999');
    expect(tells(peer, fd)).toBe('at 17, ENOMSG SO_EE_ORIGIN_TIMESTAMPING 0 0 11999');
    peer.waits(10).says('.', { seq: 1, ack: 12_001 });
    expect(tells(peer, fd)).toBe('at 27, ENOMSG SO_EE_ORIGIN_TIMESTAMPING 0 2 11999');
    expect(tells(peer, fd)).toBe('EAGAIN');
  });

  test('counts from what was acknowledged when it was set, and says no more than what it was asked for', () => {
    const { peer, fd } = established();
    peer.sends(fd, 'before').says('.', { seq: 1, ack: 7 });
    peer.program.setsockopt(fd, 'SO_TIMESTAMPING', Stamping.TX_ACK | Stamping.OPT_ID, () => {});
    peer.sends(fd, 'abc').says('.', { seq: 1, ack: 10 });
    expect([tells(peer, fd), tells(peer, fd)]).toEqual(['ENOMSG SO_EE_ORIGIN_TIMESTAMPING 0 2 2', 'EAGAIN']);
  });
});
