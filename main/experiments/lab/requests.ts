import { z } from 'zod';
import { octets, socketCall } from './calls.ts';

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
const route = z.object({ to: z.string().max(64), via: z.string().max(64) });
const sysctl = z.union([z.number(), z.array(z.number()).max(8), z.string().max(128)]);

const parameter = z.union([z.number(), z.boolean(), z.string().max(1000)]);
const variation = z.union([
  z.object({ among: z.array(parameter).min(1, 'there must be a value to choose').max(1000) }),
  z
    .object({ from: z.number(), to: z.number(), step: z.number().positive().optional() })
    .refine(({ from, to }) => from <= to, 'from must not be larger than to'),
]);

const u16 = z.number().int().min(0).max(0xffff);
const u32 = z.number().int().min(0).max(0xffff_ffff);
const credentials = z.object({ uid: u32, umask: z.number().int().min(0).max(0o777) }).partial();

const linkSettings = z
  .object({
    delay: seconds,
    jitter: seconds,
    loss: share,
    duplication: share,
    corruption: share,
    reordering: share,
    reorderBy: seconds,
    marking: share,
    queue: z.number().int().min(1).max(1_000_000),
    rate: z.number().positive(),
    mtu: z.number().int().min(68).max(65_535),
  })
  .partial();

const ipAddress = z.object({ address: z.string().max(64), port: u16 });
const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];

/** A segment made by hand; numbers on the wire, or counted from the initial ones. */
const injection = z.object({
  from: ipAddress,
  to: ipAddress,
  flags: z
    .string()
    .max(64)
    .refine(
      (names) => names === '' || names.split(',').every((flag) => FLAGS.includes(flag)),
      `flags are ${FLAGS.join(', ')}, joined with commas`,
    ),
  seq: u32.optional(),
  ack: u32.optional(),
  relativeSeq: z.number().int().optional(),
  relativeAck: z.number().int().optional(),
  window: u16,
  urgent: u16,
  payload: octets.refine(({ length }) => length <= 0xffff, 'a segment carries at most 65535 octets'),
  options: z
    .object({
      mss: u16,
      windowScale: z.number().int().min(0).max(255),
      sackPermitted: z.boolean(),
      timestamps: z.object({ value: u32, echo: u32 }),
      sack: z.array(z.object({ left: u32, right: u32 })).max(4),
      fastOpen: z.string().regex(/^(?:[0-9a-f]{2}){0,16}$/, 'a cookie is up to 16 octets in hexadecimal'),
    })
    .partial(),
});
export type Injection = z.infer<typeof injection>;

export const labRequest = z.discriminatedUnion('op', [
  // the network
  z.object({
    op: z.literal('host'),
    name,
    addresses: z.array(z.string().max(64)).max(16),
    routes: z.array(route).max(256),
    sysctls: z.record(z.string().max(64), sysctl),
  }),
  z.object({ op: z.literal('route'), host: id, route }),
  z.object({ op: z.literal('link'), a: id, b: id, settings: linkSettings }),
  z.object({ op: z.literal('set-link'), link: id, settings: linkSettings }),
  z.object({ op: z.literal('rule'), link: id, hold: seconds.optional() }),
  z.object({ op: z.literal('release'), link: id }),
  z.object({ op: z.literal('segments'), link: id }),
  z.object({ op: z.literal('datagrams'), link: id }),
  z.object({ op: z.literal('inject'), link: id, segment: injection, stack }),
  z.object({ op: z.literal('replay'), link: id, number: id, stack }),
  // hosts and processes
  z.object({ op: z.literal('process'), host: id, name, credentials }),
  z.object({ op: z.literal('sysctl'), host: id, name: z.string().max(64), value: sysctl.optional() }),
  z.object({ op: z.literal('counters'), host: id }),
  z.object({ op: z.literal('connections'), host: id }),
  z.object({ op: z.literal('call'), process: id, call: socketCall, stack }),
  z.object({ op: z.literal('observe'), process: id, fd, what: z.enum(['state', 'history', 'queues', 'tcpInfo']) }),
  // time and chance
  z.object({ op: z.literal('now') }),
  z.object({ op: z.literal('sleep'), seconds, stack }),
  /** Makes something happen then, so that whoever waits looks again. */
  z.object({ op: z.literal('alarm'), seconds }),
  /** Lets the next thing happen, as the script asks for. */
  z.object({ op: z.literal('advance'), stack }),
  /** Waits for the next thing that happens, to look at a condition again. */
  z.object({ op: z.literal('next'), what: z.string().max(200), stack }),
  z.object({ op: z.literal('random') }),
  z.object({ op: z.literal('seed') }),
  z.object({ op: z.literal('parameter'), name, otherwise: parameter, variation: variation.optional() }),
  // UTF-8
  z.object({ op: z.literal('decode'), octets }),
  z.object({ op: z.literal('encode'), text }),
  // what the reader of the run is told
  z.object({ op: z.literal('log'), level: z.enum(['info', 'note', 'warn']), text, stack }),
  /** Waits for the reader's answer; the target's clock stands still meanwhile. Its answer names the prediction. */
  z.object({ op: z.literal('predict'), question: z.string().min(1).max(1000), choices: z.array(z.string().max(200)).max(32), stack }),
  z.object({ op: z.literal('turned-out'), number: id, actual: z.string().max(1000) }),
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
