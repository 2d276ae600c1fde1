import { expect, test } from 'vitest';
import { seq } from '../../wire/seq.ts';
import { Conversations } from './relative-seq.ts';

const client = { src: '0a000001', dst: '0a000002', srcPort: 40000, dstPort: 9502 };
const server = { src: '0a000002', dst: '0a000001', srcPort: 9502, dstPort: 40000 };
const numbers = (s: number, a: number, syn = false) => ({ seq: seq(s), ack: seq(a), syn });

test('a session counts from one on both sides, once the SYN,ACK has told both origins', () => {
  const told = new Conversations();
  expect(told.show({ ...server, ...numbers(5000, 1001, true) })).toMatchObject({ seq: 5000, ack: 1001 });
  expect(told.show({ ...client, ...numbers(1001, 5001) })).toMatchObject({ seq: 1, ack: 1 });
  expect(told.show({ ...server, ...numbers(5001, 1008) })).toMatchObject({ seq: 1, ack: 8 });
});

test('seen from the middle, the first segment is shown absolute and the next count from it', () => {
  const told = new Conversations();
  expect(told.show({ ...client, ...numbers(1000, 2000) })).toMatchObject({ seq: 1000, ack: 2000 });
  expect(told.show({ ...client, ...numbers(1007, 2000) })).toMatchObject({ seq: 7, ack: 1 });
});

test('numbers go on counting where the circle closes, and wrap when they lie behind the origin', () => {
  const told = new Conversations();
  told.show({ ...server, ...numbers(0xffff_fff0, 1001, true) });
  expect(told.show({ ...server, ...numbers(0x10, 1001) })).toMatchObject({ seq: 0x20 });
  expect(told.show({ ...client, ...numbers(999, 0) })).toMatchObject({ seq: 0xffff_ffff, ack: 0x10 });
});

test('SACK blocks count from the peer’s origin', () => {
  const told = new Conversations();
  told.show({ ...server, ...numbers(5000, 1001, true) });
  expect(told.show({ ...client, ...numbers(1001, 5001) }).sackBase).toBe(5000);
  expect(told.show({ ...server, ...numbers(5001, 1001) }).sackBase).toBe(1000);
});

test('a new SYN,ACK on the same ports starts over', () => {
  const told = new Conversations();
  told.show({ ...server, ...numbers(5000, 1001, true) });
  expect(told.show({ ...server, ...numbers(70_000, 9001, true) })).toMatchObject({ seq: 70_000, ack: 9001 });
  expect(told.show({ ...client, ...numbers(9001, 70_001) })).toMatchObject({ seq: 1, ack: 1 });
});

test('equal ports are told apart by address', () => {
  const told = new Conversations();
  const there = { src: '0a000001', dst: '0a000002', srcPort: 179, dstPort: 179 };
  const back = { src: '0a000002', dst: '0a000001', srcPort: 179, dstPort: 179 };
  told.show({ ...there, ...numbers(100, 200) });
  expect(told.show({ ...back, ...numbers(200, 107) })).toMatchObject({ seq: 1, ack: 7 });
});
