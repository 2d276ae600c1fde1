import { describe, expect, test } from 'vitest';
import { Lab, octets, text } from '../testing/lab.ts';
import { established, type HandPlayed } from '../testing/peer.ts';

const set = (peer: HandPlayed, fd: number, name: string, value: number): void => peer.program.setsockopt(fd, name, value, () => {});
const fetches = (peer: HandPlayed, fd: number): string => {
  let result = '';
  peer.program.recv(fd, 10, ['MSG_OOB'], (r) => {
    result = r.ok ? text(r.value) : r.error.errno;
  });
  return result;
};
const asks = (peer: HandPlayed, fd: number, request: 'SIOCATMARK' | 'SIOCINQ'): number => {
  let result = -1;
  peer.program.ioctl(fd, request, (r) => {
    if (r.ok) result = r.value;
  });
  return result;
};

describe('sending', () => {
  test('MSG_OOB sets URG, and the pointer stands behind the last octet', () => {
    const { peer, fd } = established();
    peer.program.send(fd, octets('abc'), ['MSG_OOB'], () => {});
    peer.waits(0);
    expect(peer.lastSegment()).toMatchObject({ urgent: 3 });
    expect(peer.hears()).toEqual(['PU. 1:4 ack 1']);
  });

  test('with tcp_stdurg it names the octet itself', () => {
    const { peer, fd } = established({ 'net.ipv4.tcp_stdurg': 1 });
    peer.program.send(fd, octets('abc'), ['MSG_OOB'], () => {});
    peer.waits(0);
    expect(peer.lastSegment()).toMatchObject({ urgent: 2 });
  });

  test('every segment up to the urgent octet announces it, and Nagle holds none of them back', () => {
    const { peer, fd } = established();
    peer.sends(fd, 'a').hears();
    peer.program.send(fd, octets('b'), ['MSG_OOB'], () => {});
    peer.waits(0);
    expect(peer.hears()).toEqual(['PU. 2:3 ack 1']);
    peer.says('.', { seq: 1, ack: 3 }).sends(fd, 'c');
    expect(peer.hears()).toEqual(['P. 3:4 ack 1']);
  });
});

describe('receiving', () => {
  test('the urgent octet leaves the stream; a read stops in front of it', () => {
    const { peer, fd } = established();
    peer.says('PU.', { seq: 1, ack: 1, data: 'ab!cd', urgent: 3 });
    expect(asks(peer, fd, 'SIOCINQ')).toBe(2);
    expect(fetches(peer, fd)).toBe('!');
    expect(fetches(peer, fd)).toBe('EINVAL');
    expect(asks(peer, fd, 'SIOCATMARK')).toBe(0);
    expect(peer.reads(fd)).toBe('ab');
    expect(asks(peer, fd, 'SIOCATMARK')).toBe(1);
    expect(peer.reads(fd)).toBe('cd');
    expect(asks(peer, fd, 'SIOCATMARK')).toBe(0);
  });

  test('SO_OOBINLINE leaves it where it is; a read still stops in front of it', () => {
    const { peer, fd } = established();
    set(peer, fd, 'SO_OOBINLINE', 1);
    peer.says('PU.', { seq: 1, ack: 1, data: 'ab!cd', urgent: 3 });
    expect(fetches(peer, fd)).toBe('EINVAL');
    expect(peer.reads(fd)).toBe('ab');
    expect(asks(peer, fd, 'SIOCATMARK')).toBe(1);
    expect(peer.reads(fd)).toBe('!cd');
  });

  test('announced before it arrives: MSG_OOB does not wait', () => {
    const { peer, fd } = established();
    expect(fetches(peer, fd)).toBe('EINVAL');
    peer.says('U.', { seq: 1, ack: 1, urgent: 2 });
    expect(fetches(peer, fd)).toBe('EAGAIN');
    peer.says('P.', { seq: 1, ack: 1, data: 'a!' });
    expect(fetches(peer, fd)).toBe('!');
  });

  test('a later urgent octet takes the place of one nobody fetched, which stays in the stream', () => {
    const { peer, fd } = established();
    peer.says('PU.', { seq: 1, ack: 1, data: 'a1', urgent: 2 }).says('PU.', { seq: 3, ack: 1, data: 'b2', urgent: 2 });
    expect(fetches(peer, fd)).toBe('2');
    expect(peer.reads(fd)).toBe('a1b');
  });

  test('passed over by the reader it is gone', () => {
    const { peer, fd } = established();
    peer.says('PU.', { seq: 1, ack: 1, data: '!rest', urgent: 1 });
    expect(peer.reads(fd)).toBe('rest');
    expect(fetches(peer, fd)).toBe('EINVAL');
  });
});

test('an urgent octet from program to program', () => {
  const lab = new Lab();
  const { c, s } = lab.connected();
  lab.value<number>((done) => lab.a.send(c, octets('one'), [], done));
  lab.value<number>((done) => lab.a.send(c, octets('!'), ['MSG_OOB'], done));
  lab.value<number>((done) => lab.a.send(c, octets('two'), [], done));
  lab.run(100);
  const read = (...flags: ('MSG_OOB' | 'MSG_WAITALL')[]): string => text(lab.value<Uint8Array>((done) => lab.b.recv(s, 100, flags, done)));
  expect([read('MSG_OOB'), read(), read()]).toEqual(['!', 'one', 'two']);
});
