import { z } from 'zod';
import type { RequestInput, RequestName, RunCommand } from '../../preload/contract.ts';
import { UNITS } from '../experiments/stepping/position.ts';
import { TCP_STATES } from '../tcp-model/states.ts';

/** What arrives from a window is unknown until it has passed here: its shape, its lengths and its ranges. */
type Guards = { readonly [K in RequestName]: z.ZodType<RequestInput<K>> };

const nothing = z.strictObject({}) as z.ZodType<Record<string, never>>;
const sessionId = z.string().min(1).max(40);
const interfaceName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\0/\s]+$/, 'an interface name has no spaces or slashes');

/** Octets of a capture file that one answer brings. */
const MAX_PIECE = 1 << 20;
const MAX_CAPTURE_OCTETS = 256 * 1024 * 1024;
const MAX_SCRIPT_CHARACTERS = 1024 * 1024;
/** Read while a person types, so it has to be quick. */
const MAX_READ_CHARACTERS = 128 * 1024;
const MAX_ROWS = 10_000;

/** One more than a filter may have: what is wrong with it is for the filter to say. */
const MAX_FILTER_CHARACTERS = 32_768;
const displayFilter = z.string().max(MAX_FILTER_CHARACTERS);
const MAX_SAID_OCTETS = 4 * 1024 * 1024;
/** Listeners told of at a time. */
const MAX_LISTENERS = 1000;

/** Sockets of the kernel told of at a time. */
const MAX_SOCKETS = 1000;
const MAX_SEARCH_CHARACTERS = 1000;

const endpoint = z.strictObject({ address: z.string().max(64), port: z.int().min(0).max(0xffff) });
const page = { from: z.int().min(0), count: z.int().min(0).max(MAX_ROWS) };

const lines = z.array(z.int().min(1).max(MAX_SCRIPT_CHARACTERS)).max(1000);
const unit = z.enum(UNITS);
const runCommand = z.union([
  z.strictObject({ kind: z.literal('run') }),
  z.strictObject({ kind: z.literal('pause') }),
  z.strictObject({ kind: z.literal('step'), unit }),
  z.strictObject({ kind: z.literal('back'), unit }),
  z.strictObject({
    kind: z.literal('look'),
    at: z.union([z.strictObject({ step: z.int().min(0) }), z.strictObject({ time: z.number().min(0).max(Number.MAX_SAFE_INTEGER) })]),
  }),
  z.strictObject({ kind: z.literal('breakpoints'), lines }),
  z.union([
    z.strictObject({ kind: z.literal('run-to'), filter: displayFilter }),
    z.strictObject({ kind: z.literal('run-to'), state: z.enum(TCP_STATES), host: z.string().max(64).optional() }),
  ]),
  z.strictObject({ kind: z.literal('answer'), number: z.int().min(1), answer: z.string().max(1000).optional() }),
]) as z.ZodType<RunCommand>;

export const GUARDS: Guards = {
  about: nothing,
  sessions: nothing,
  listInterfaces: nothing,
  startCapture: z.strictObject({
    interface: interfaceName,
    filter: z.string().max(4096).optional(),
    backend: z.enum(['helper', 'cap', 'dumpcap']).optional(),
    host: z.string().min(1).max(255).optional(),
    promiscuous: z.boolean().optional(),
    snapshotLength: z.int().min(64).max(262_144).optional(),
  }) as z.ZodType<RequestInput<'startCapture'>>,
  stopCapture: z.strictObject({ session: sessionId }),
  openCapture: z.strictObject({
    name: z.string().min(1).max(255),
    octets: z
      .instanceof(Uint8Array)
      .refine((octets) => octets.length <= MAX_CAPTURE_OCTETS, 'a capture opened in the window holds at most 256 MiB'),
  }),
  captureOctets: z.strictObject({ session: sessionId, from: z.int().min(0), most: z.int().min(1).max(MAX_PIECE) }),
  leftCaptures: nothing,
  openLeft: z.strictObject({ id: z.string().max(255) }),
  discardLeft: z.strictObject({ id: z.string().max(255) }),
  closeSession: z.strictObject({ session: sessionId }),
  connections: z.strictObject({ session: sessionId, ...page }),
  segments: z.strictObject({ session: sessionId, connection: z.int().min(0), ...page, filter: displayFilter.optional() }) as z.ZodType<
    RequestInput<'segments'>
  >,
  readFilter: z.strictObject({ text: displayFilter, cursor: z.int().min(0).max(MAX_FILTER_CHARACTERS) }),
  filter: z.strictObject({ session: sessionId, text: displayFilter, known: z.int().min(0) }),
  packet: z.strictObject({ session: sessionId, frame: z.int().min(1) }),
  follow: z.strictObject({
    session: sessionId,
    connection: z.int().min(0),
    skip: z.int().min(0),
    most: z.int().min(1).max(MAX_SAID_OCTETS),
  }),
  compareCaptures: z.strictObject({ session: sessionId, with: sessionId }),
  comparedConnections: z.strictObject({ session: sessionId, known: z.int().min(0) }),
  comparedSegments: z.strictObject({
    session: sessionId,
    connection: z.int().min(0),
    ...page,
    filter: displayFilter.optional(),
  }) as z.ZodType<RequestInput<'comparedSegments'>>,
  endComparison: z.strictObject({ session: sessionId }),
  findings: z.strictObject({ session: sessionId, connection: z.int().min(0) }),
  listeners: z.strictObject({ session: sessionId, most: z.int().min(1).max(MAX_LISTENERS) }),
  captureFindings: z.strictObject({ session: sessionId }),
  kernelSockets: z.strictObject({
    states: z.array(z.enum(TCP_STATES)).max(TCP_STATES.length).optional(),
    search: z.string().max(MAX_SEARCH_CHARACTERS).optional(),
    between: z.tuple([endpoint, endpoint]).optional(),
    most: z.int().min(1).max(MAX_SOCKETS),
  }) as z.ZodType<RequestInput<'kernelSockets'>>,
  lessons: nothing,
  templates: nothing,
  readPacketdrill: z.strictObject({ source: z.string().max(MAX_READ_CHARACTERS) }),
  packetdrillWords: nothing,
  runExperiment: z.strictObject({
    name: z.string().min(1).max(255),
    source: z.string().max(MAX_SCRIPT_CHARACTERS),
    language: z.enum(['typescript', 'packetdrill']).optional(),
    target: z.enum(['engine', 'kernel']),
    seed: z.int().min(0).max(0xffff_ffff),
    paused: z.boolean().optional(),
    breakpoints: lines.optional(),
    ask: z.boolean().optional(),
  }) as z.ZodType<RequestInput<'runExperiment'>>,
  controlRun: z.strictObject({ session: sessionId, command: runCommand }),
  runHistory: z.strictObject({
    session: sessionId,
    ends: z.array(endpoint).max(2),
    most: z.int().min(1).max(2000),
  }),
  compareRuns: z.strictObject({ first: sessionId, second: sessionId }),
  stopExperiment: z.strictObject({ run: z.string().min(1).max(40) }),
  engine: z.strictObject({
    action: z.enum(['show', 'play', 'pause', 'step', 'restart']),
    speed: z.number().min(0.001).max(1000).optional(),
  }) as z.ZodType<RequestInput<'engine'>>,
};

export const isRequestName = (name: unknown): name is RequestName => typeof name === 'string' && Object.hasOwn(GUARDS, name);

/** One line that names the field and what is wrong with it. */
export function describeRefusal(name: RequestName, error: z.ZodError): string {
  const first = error.issues[0];
  const where = first && first.path.length > 0 ? `${name}.${first.path.join('.')}` : name;
  return `${where}: ${first?.message ?? 'invalid'}`;
}
