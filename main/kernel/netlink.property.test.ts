import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diagRequest, diagSocket } from './inet-diag.ts';
import { type LinuxNative, loadLinuxNative, type NativeSocket } from './linux-native.ts';
import { eachAttribute, eachMessage, Netlink, type NetlinkMessage } from './netlink.ts';
import { tcpInfoIn } from './tcp-info.ts';

// Octets that claim to come from the kernel: whatever they are, reading them ends, tells what there is, and throws nothing.

const octets = (most: number) => fc.uint8Array({ maxLength: most });

test('messages and attributes are read as they were written', () => {
  const written = fc.array(fc.tuple(fc.nat(0xffff), octets(40)), { maxLength: 8 });
  fc.assert(
    fc.property(written, (pieces) => {
      const read: [number, Uint8Array][] = [];
      const whole = eachMessage(Buffer.concat(pieces.map(([type, body]) => message(type, body))), ({ type, body }) =>
        read.push([type, new Uint8Array(body)]),
      );
      expect([whole, read]).toEqual([true, pieces]);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0x3fff), octets(40)), { maxLength: 8 }), (pieces) => {
      const read: [number, Uint8Array][] = [];
      const body = Buffer.concat([Buffer.alloc(72), ...pieces.map(([type, value]) => attribute(type, value))]);
      const whole = eachAttribute(body, 72, (type, value) => read.push([type, new Uint8Array(value)]));
      expect([whole, read]).toEqual([true, pieces]);
    }),
  );
});

test('octets at random are read to their end', () => {
  fc.assert(
    fc.property(octets(400), (hostile) => {
      let total = 0;
      const whole = eachMessage(hostile, ({ body }) => {
        total += body.length + 16;
        const socket = diagSocket(body);
        if (socket) expect([4, 16]).toContain(socket.local.octets.length);
      });
      expect(total).toBeLessThanOrEqual(hostile.length);
      if (whole) expect(hostile.length === 0 || total > 0).toBe(true);
      tcpInfoIn(hostile);
    }),
  );
});

test('a socket whose message was damaged anywhere is still one, or none', () => {
  const attributes = fc.array(fc.tuple(fc.constantFrom(2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16, 21, 99), octets(300)), { maxLength: 6 });
  fc.assert(
    fc.property(attributes, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }), fc.nat(500), (given, damage, kept) => {
      const body = Buffer.concat([Buffer.from([2, 1]), Buffer.alloc(70), ...given.map(([type, value]) => attribute(type, value))]);
      for (const [at, value] of damage) if (at < body.length) body[at] = value;
      const socket = diagSocket(body.subarray(0, kept));
      if (kept < 72) expect(socket).toBeUndefined();
      if (socket?.detail?.info) tcpInfoIn(socket.detail.info);
    }),
  );
});

/** A kernel that answers a dump with these datagrams, whatever was asked. */
function answering(datagrams: readonly Uint8Array[]): LinuxNative {
  const waiting = [...datagrams];
  return {
    netlinkOpen: () => ({}) as NativeSocket,
    socketSend: () => 56,
    socketReceive: (_socket: NativeSocket, data: Uint8Array) => {
      const next = waiting.shift();
      if (!next) return -11;
      data.set(next.subarray(0, data.length));
      return next.length;
    },
    socketClose: () => 0,
  } as unknown as LinuxNative;
}

async function dump(...datagrams: readonly Uint8Array[]) {
  const netlink = Netlink.open(answering(datagrams), 4);
  if (!netlink.ok) throw new Error(netlink.error.message);
  const handed: NetlinkMessage[] = [];
  return { end: await netlink.value.dump(20, diagRequest(4, { states: 1 }), (one) => handed.push(one)), handed };
}

const DONE = 3;
const ERROR = 2;
const INTERRUPTED = 0x10;

test('a dump ends with the kernel’s word, tells that it was interrupted, and leaves out answers to others', async () => {
  const body = Buffer.from('body');
  const { end, handed } = await dump(message(20, body, 0, 99), message(20, body, INTERRUPTED), message(DONE, Buffer.alloc(4)));
  expect([end, handed.length]).toEqual([{ ok: true, value: { interrupted: true, malformed: false } }, 1]);
});

test('a refusal is the errno; an answer that stops is one, too', async () => {
  const ENOENT = Buffer.from(Int32Array.of(-2).buffer);
  expect((await dump(message(ERROR, ENOENT))).end).toEqual({ ok: false, errno: 'ENOENT' });
  expect((await dump(message(DONE, ENOENT))).end).toEqual({ ok: false, errno: 'ENOENT' });
  expect((await dump(message(20, Buffer.alloc(80)))).end).toEqual({ ok: false, errno: 'EAGAIN' });
});

test('what is cut off or longer than was asked for is told', async () => {
  const end = message(DONE, Buffer.alloc(4));
  const malformed = { ok: true, value: { interrupted: false, malformed: true } };
  expect((await dump(message(20, Buffer.alloc(80)).subarray(0, 50), end)).end).toEqual(malformed);
  expect((await dump(Buffer.alloc(40_000), end)).end).toEqual(malformed);
});

test('a dump of hostile octets ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(octets(200), { maxLength: 10 }), async (datagrams) => {
      const { end } = await dump(...datagrams);
      expect(typeof end.ok).toBe('boolean');
    }),
  );
});

test('the kernel says that it has no such family', async () => {
  const native = loadLinuxNative();
  if (!native.ok) throw new Error(native.error.message);
  const netlink = Netlink.open(native.value, 4);
  if (!netlink.ok) throw new Error(netlink.error.message);
  const request = diagRequest(4, { states: 1 });
  request[0] = 250;
  const end = await netlink.value.dump(20, request, () => {});
  netlink.value.close();
  expect(end.ok ? '' : end.errno).toMatch(/^E[A-Z]+$/);
});

/** A message of the first dump, unless another is said. */
function message(type: number, body: Uint8Array, flags = 0, sequence = 1): Buffer {
  const octets = Buffer.alloc((16 + body.length + 3) & ~3);
  octets.writeUInt32LE(16 + body.length, 0);
  octets.writeUInt16LE(type, 4);
  octets.writeUInt16LE(flags, 6);
  octets.writeUInt32LE(sequence, 8);
  octets.set(body, 16);
  return octets;
}

function attribute(type: number, value: Uint8Array): Buffer {
  const octets = Buffer.alloc((4 + value.length + 3) & ~3);
  octets.writeUInt16LE(4 + value.length, 0);
  octets.writeUInt16LE(type, 2);
  octets.set(value, 4);
  return octets;
}
