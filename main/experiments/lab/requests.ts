import { z } from 'zod';

/**
 * What the library inside the sandbox asks of the laboratory. A script can reach past the library, so every request is
 * checked here before anything believes it.
 */
const id = z.number().int().nonnegative();
const fd = z.number().int().min(-1).max(0x7fff_ffff);
const name = z.string().min(1).max(64);
const text = z.string().max(1024 * 1024);
const stack = z.string().max(8192);
/** Up to 100 days: past that a number no longer counts single nanoseconds. */
const seconds = z.number().min(0).max(8_640_000);
const share = z.number().min(0).max(1);
const address = z.object({ address: z.string().max(64), port: z.number().int().min(0).max(65_535) });
const sysctl = z.union([z.number(), z.array(z.number()).max(8), z.string().max(32)]);
/** Octets, one per character. */
const octets = z
  .string()
  .max(8 * 1024 * 1024)
  .refine((characters) => !/[\u0100-\uffff]/.test(characters), 'octets go up to 255');

const linkSettings = z
  .object({
    delay: seconds,
    jitter: seconds,
    loss: share,
    duplication: share,
    reordering: share,
    rate: z.number().positive(),
    mtu: z.number().int().min(68).max(65_535),
  })
  .partial();

const call = z.discriminatedUnion('name', [
  z.object({ name: z.literal('socket'), domain: z.string().max(32), type: z.string().max(32) }),
  z.object({ name: z.literal('bind'), fd, address }),
  z.object({ name: z.literal('listen'), fd, backlog: z.number().int() }),
  z.object({ name: z.literal('accept'), fd }),
  z.object({ name: z.literal('connect'), fd, address }),
  z.object({ name: z.literal('send'), fd, octets, flags: z.array(z.string().max(32)).max(8) }),
  z.object({
    name: z.literal('recv'),
    fd,
    length: z
      .number()
      .int()
      .min(0)
      .max(8 * 1024 * 1024),
    flags: z.array(z.string().max(32)).max(8),
  }),
  z.object({ name: z.literal('shutdown'), fd, how: z.enum(['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']) }),
  z.object({ name: z.literal('close'), fd }),
  z.object({
    name: z.literal('setsockopt'),
    fd,
    level: z.string().max(32),
    option: z.string().max(32),
    value: z.union([z.number(), z.boolean(), z.object({ onoff: z.boolean(), linger: z.number().min(0).max(65_535) })]),
  }),
  z.object({ name: z.literal('getsockopt'), fd, level: z.string().max(32), option: z.string().max(32) }),
  z.object({ name: z.literal('getsockname'), fd }),
  z.object({ name: z.literal('getpeername'), fd }),
  z.object({ name: z.literal('exit') }),
]);
/** A system call with its arguments. */
export type SocketCall = z.infer<typeof call>;

export const labRequest = z.discriminatedUnion('op', [
  // the network
  z.object({ op: z.literal('host'), name, addresses: z.array(z.string().max(64)).max(16), sysctls: z.record(z.string().max(64), sysctl) }),
  z.object({ op: z.literal('link'), a: id, b: id, settings: linkSettings }),
  z.object({ op: z.literal('set-link'), link: id, settings: linkSettings }),
  z.object({ op: z.literal('rule'), link: id, hold: seconds.optional() }),
  z.object({ op: z.literal('release'), link: id }),
  z.object({ op: z.literal('segments'), link: id }),
  // hosts and processes
  z.object({ op: z.literal('process'), host: id, name }),
  z.object({ op: z.literal('sysctl'), host: id, name: z.string().max(64), value: sysctl.optional() }),
  z.object({ op: z.literal('counters'), host: id }),
  z.object({ op: z.literal('connections'), host: id }),
  z.object({ op: z.literal('call'), process: id, call, stack }),
  z.object({ op: z.literal('observe'), process: id, fd, what: z.enum(['state', 'history', 'queues', 'tcpInfo']) }),
  // time and chance
  z.object({ op: z.literal('now') }),
  z.object({ op: z.literal('sleep'), seconds, stack }),
  /** Makes something happen then, so that whoever waits looks again. */
  z.object({ op: z.literal('alarm'), seconds }),
  /** Waits for the next thing that happens. */
  z.object({ op: z.literal('next'), what: z.string().max(200), stack }),
  z.object({ op: z.literal('random') }),
  z.object({ op: z.literal('parameter'), name }),
  // UTF-8
  z.object({ op: z.literal('decode'), octets }),
  z.object({ op: z.literal('encode'), text }),
  // what the reader of the run is told
  z.object({ op: z.literal('log'), level: z.enum(['info', 'note', 'warn']), text, stack }),
  z.object({ op: z.literal('check'), ok: z.boolean(), hard: z.boolean(), description: text, expected: text, actual: text, stack }),
  /** How many conditions the library wants looked at after everything that happens. */
  z.object({ op: z.literal('watching'), count: id }),
  /** A program that runs beside the script has failed. */
  z.object({ op: z.literal('crash'), program: z.string().max(200), message: text, stack }),
]);
export type LabRequest = z.infer<typeof labRequest>;

/** What a request is answered with at once. */
export type LabReply =
  | { readonly value: unknown }
  /** The answer comes later, as a `settle` message of this number. */
  | { readonly wait: number }
  | { readonly error: LabFailure };

/** `errno` and `syscall` make it a SystemError; without them the script asked for something that cannot be. */
export interface LabFailure {
  readonly message: string;
  readonly errno?: string;
  readonly syscall?: string;
}

/** What the laboratory tells the library. */
export type LabMessage =
  | { readonly kind: 'settle'; readonly id: number; readonly value?: unknown; readonly error?: LabFailure }
  /** Does the rule of that number (counted over the run from 0) apply to this segment? Answered with "true" or "false". */
  | { readonly kind: 'judge'; readonly rule: number; readonly segment: unknown }
  /** Something happened: look at the watched conditions. */
  | { readonly kind: 'watch' }
  /** The script is through: settle what has been watched to the end. */
  | { readonly kind: 'finish' };
