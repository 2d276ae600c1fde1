import { expect, test } from 'vitest';
import { octets } from '../testing/lab.ts';
import { established, type HandPlayed } from '../testing/peer.ts';

const set = (peer: HandPlayed, fd: number, name: string, value: number): void => {
  peer.program.setsockopt(fd, name, value, () => {});
  peer.waits(0);
};

test('TCP_CORK holds back what does not fill a segment, until it is taken out', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_CORK', 1);
  peer.sends(fd, 'head').sends(fd, 'body');
  expect(peer.hears()).toEqual([]);
  peer.sends(fd, 'x'.repeat(1000));
  expect(peer.hears()).toEqual(['. 1:1001 ack 1']);
  set(peer, fd, 'TCP_CORK', 0);
  expect(peer.hears()).toEqual(['P. 1001:1009 ack 1']);
});

test('a cork nobody takes out lasts for 200 ms', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_CORK', 1);
  peer.sends(fd, 'head').waits(199);
  expect(peer.hears()).toEqual([]);
  peer.waits(2);
  expect(peer.hears()).toEqual(['P. 1:5 ack 1']);
});

test('the FIN takes along what the cork held', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_CORK', 1);
  peer.sends(fd, 'last').shutsDown(fd);
  expect(peer.hears()).toEqual(['FP. 1:5 ack 1']);
});

test('MSG_MORE is a cork for one call', () => {
  const { peer, fd } = established();
  peer.program.send(fd, octets('head'), ['MSG_MORE'], () => {});
  peer.waits(0);
  expect(peer.hears()).toEqual([]);
  peer.sends(fd, 'body');
  expect(peer.hears()).toEqual(['P. 1:9 ack 1']);
});

test('TCP_NODELAY, set while Nagle holds something back, lets it go', () => {
  const { peer, fd } = established();
  peer.sends(fd, 'a').sends(fd, 'b');
  expect(peer.hears()).toEqual(['P. 1:2 ack 1']);
  set(peer, fd, 'TCP_NODELAY', 1);
  expect(peer.hears()).toEqual(['P. 2:3 ack 1']);
});

test('TCP_QUICKACK sends the ACK that is owed, at once', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_QUICKACK', 0);
  peer.says('P.', { seq: 1, ack: 1, data: 'x' });
  expect(peer.hears()).toEqual([]);
  set(peer, fd, 'TCP_QUICKACK', 1);
  expect(peer.hears()).toEqual(['. ack 2']);
});

test('TCP_NOTSENT_LOWAT keeps the unsent part of the queue short', () => {
  const { peer, fd } = established();
  set(peer, fd, 'TCP_NOTSENT_LOWAT', 500);
  const writes = Array.from({ length: 12 }, () => {
    let result = '';
    peer.program.send(fd, octets('x'.repeat(1000)), ['MSG_DONTWAIT'], (r) => {
      result = r.ok ? String(r.value) : r.error.errno;
    });
    return result;
  });
  expect(writes).toEqual([...Array<string>(11).fill('1000'), 'EAGAIN']); // ten under way, one unsent
});

test('SO_RCVLOWAT: a read that may wait does so for that much; the end of the stream is enough too', () => {
  const { peer, fd } = established();
  set(peer, fd, 'SO_RCVLOWAT', 5);
  let got: number | undefined;
  const read = (): void =>
    peer.program.recv(fd, 100, [], (r) => {
      got = r.ok ? r.value.length : -1;
    });
  read();
  peer.says('P.', { seq: 1, ack: 1, data: 'abc' });
  expect(got).toBeUndefined();
  peer.says('P.', { seq: 4, ack: 1, data: 'de' });
  expect(got).toBe(5);
  read();
  peer.says('FP.', { seq: 6, ack: 1, data: 'f' });
  expect(got).toBe(1);
});
