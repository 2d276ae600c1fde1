import { z } from 'zod';

/** The system calls a script may make, with their arguments; the engine judges what they mean, with the errno Linux gives. */
const fd = z.number().int().min(-1).max(0x7fff_ffff);
/** The path of AF_UNIX stands in the same place, with port 0. */
const address = z.object({ address: z.string().max(256), port: z.number().int().min(0).max(65_535) });
const MOST_OCTETS = 8 * 1024 * 1024;
/** Octets, one per character. */
export const octets = z
  .string()
  .max(MOST_OCTETS)
  .refine((characters) => !/[\u0100-\uffff]/.test(characters), 'octets go up to 255');
const word = z.string().max(32);
const flags = z.array(word).max(16);
const length = z.number().int().min(0).max(MOST_OCTETS);
/** A union of `Poll` and `Epoll` bits. */
const events = z.number().int().min(0).max(0xffff_ffff);
/** Seconds; undefined waits for ever. */
const timeout = z.number().min(0).max(8_640_000).optional();
const optionValue = z.union([
  z.number(),
  z.boolean(),
  z.string().max(128),
  z.object({ onoff: z.boolean(), linger: z.number().min(0).max(65_535) }),
  z.object({ octets: z.string().max(1024) }),
]);

export const socketCall = z.discriminatedUnion('name', [
  z.object({ name: z.literal('socket'), domain: word, type: word }),
  z.object({ name: z.literal('socketpair'), domain: word, type: word }),
  z.object({ name: z.literal('bind'), fd, address }),
  z.object({ name: z.literal('listen'), fd, backlog: z.number().int() }),
  z.object({ name: z.literal('accept'), fd }),
  z.object({ name: z.literal('connect'), fd, address: z.union([address, z.literal('AF_UNSPEC')]) }),
  z.object({ name: z.literal('send'), fd, octets, flags }),
  z.object({ name: z.literal('sendto'), fd, octets, flags, address: address.optional() }),
  z.object({ name: z.literal('sendmsg'), fd, buffers: z.array(octets).max(1024), flags, address: address.optional() }),
  z.object({ name: z.literal('recv'), fd, length, flags }),
  z.object({ name: z.literal('recvfrom'), fd, length, flags }),
  z.object({ name: z.literal('shutdown'), fd, how: z.enum(['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']) }),
  z.object({ name: z.literal('close'), fd }),
  z.object({ name: z.literal('dup'), fd }),
  z.object({ name: z.literal('dup2'), fd, other: fd }),
  z.object({ name: z.literal('fcntl'), fd, nonBlocking: z.boolean() }),
  z.object({ name: z.literal('ioctl'), fd, request: z.enum(['SIOCINQ', 'SIOCOUTQ', 'SIOCATMARK']) }),
  z.object({ name: z.literal('poll'), entries: z.array(z.object({ fd, events })).max(4096), timeout }),
  z.object({ name: z.literal('epoll_create') }),
  z.object({ name: z.literal('epoll_ctl'), fd, op: z.enum(['EPOLL_CTL_ADD', 'EPOLL_CTL_MOD', 'EPOLL_CTL_DEL']), other: fd, events }),
  z.object({ name: z.literal('epoll_wait'), fd, most: z.number().int().max(4096), timeout }),
  z.object({ name: z.literal('setsockopt'), fd, level: word, option: word, value: optionValue }),
  z.object({ name: z.literal('getsockopt'), fd, level: word, option: word }),
  z.object({ name: z.literal('getsockname'), fd }),
  z.object({ name: z.literal('getpeername'), fd }),
  z.object({ name: z.literal('unlink'), path: z.string().max(256) }),
  z.object({ name: z.literal('exit') }),
]);
/** A system call with its arguments. */
export type SocketCall = z.infer<typeof socketCall>;
