import type { FrameBatch } from '../../wire/frame-batch.ts';
import { Flag } from '../../wire/segment.ts';
import { Analysis } from '../analysis.ts';
import type { ConnectionRecord, StateSpan } from '../record.ts';

const LINKTYPE_RAW = 101;
const LETTERS: Readonly<Record<string, number>> = { F: Flag.FIN, S: Flag.SYN, R: Flag.RST, P: Flag.PSH, A: Flag.ACK, U: Flag.URG };

export interface Numbers {
  readonly client?: number;
  readonly server?: number;
}

/**
 * A conversation as a script, a segment a line: `TIME > FLAGS SEQ ACK [LENGTH] [win=N] [scale=N] [options=HEX] [port=N]`. `>` is sent by
 * 10.0.0.1, `<` by 10.0.0.2 port 9502; TIME is in seconds; SEQ and ACK count from each side's first number, as tools
 * show them. A line after `#` is a remark.
 */
export function frames(script: string, isn: Numbers = {}): FrameBatch {
  const lines = script
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  const packets = lines.map((line) => packet(line, isn));
  return batchOf(packets);
}

export interface Timed {
  readonly seconds: number;
  readonly octets: Uint8Array;
}

function packet(line: string, isn: Numbers): Timed {
  const [time, arrow, letters, ...rest] = line.split(/\s+/);
  const numbers = rest.filter((word) => /^-?\d+$/.test(word)).map(Number);
  const named = new Map(rest.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]));
  const option = (name: string, otherwise: number) => Number(named.get(name) ?? otherwise);
  const forth = arrow === '>';
  if (time === undefined || letters === undefined || (!forth && arrow !== '<')) throw new Error(`not a segment: ${line}`);
  const flags = letters === '-' ? 0 : [...letters].reduce((all, letter) => all | (LETTERS[letter] ?? fail(line)), 0);
  const own = (forth ? isn.client : isn.server) ?? (forth ? 1000 : 5000);
  const other = (forth ? isn.server : isn.client) ?? (forth ? 5000 : 1000);
  const client = option('port', 40000);
  return {
    seconds: Number(time),
    octets: ipv4Segment({
      forth,
      ports: forth ? [client, 9502] : [9502, client],
      seq: own + (numbers[0] ?? 0),
      ack: (flags & Flag.ACK) !== 0 ? other + (numbers[1] ?? 0) : 0,
      flags,
      window: option('win', 65535),
      options: octetsOf(named.get('options') ?? (named.has('scale') ? `0303${hex(option('scale', 0))}01` : '')),
      length: numbers[2] ?? 0,
    }),
  };
}

const fail = (line: string): never => {
  throw new Error(`unknown flag in: ${line}`);
};

const hex = (octet: number): string => octet.toString(16).padStart(2, '0');
/** Whole words, as a header has. */
const octetsOf = (digits: string): Uint8Array => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

interface Fields {
  readonly forth: boolean;
  readonly ports: readonly [number, number];
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly options: Uint8Array;
  readonly length: number;
}

function ipv4Segment({ forth, ports, seq, ack, flags, window, options, length }: Fields): Uint8Array {
  const header = 20 + options.length;
  const octets = new Uint8Array(20 + header + length);
  const view = new DataView(octets.buffer);
  octets[0] = 0x45;
  view.setUint16(2, octets.length);
  octets[8] = 64;
  octets[9] = 6;
  octets.set([10, 0, 0, forth ? 1 : 2], 12);
  octets.set([10, 0, 0, forth ? 2 : 1], 16);
  view.setUint16(20, ports[0]);
  view.setUint16(22, ports[1]);
  view.setUint32(24, seq >>> 0);
  view.setUint32(28, ack >>> 0);
  octets[32] = (header / 4) << 4;
  octets[33] = flags;
  view.setUint16(34, window);
  octets.set(options, 40);
  return octets;
}

/** Raw IP packets as one batch. */
export function batchOf(packets: readonly Timed[]): FrameBatch {
  const count = packets.length;
  const lengths = packets.map((p) => p.octets.length);
  const data = new Uint8Array(lengths.reduce((sum, n) => sum + n, 0));
  const offset = new Uint32Array(count);
  let at = 0;
  packets.forEach(({ octets }, i) => {
    offset[i] = at;
    data.set(octets, at);
    at += octets.length;
  });
  return {
    count,
    data,
    offset,
    capturedLength: Uint32Array.from(lengths),
    originalLength: Uint32Array.from(lengths),
    seconds: Float64Array.from(packets, (p) => Math.floor(p.seconds)),
    nanoseconds: Uint32Array.from(packets, (p) => Math.round((p.seconds - Math.floor(p.seconds)) * 1e9)),
    linkType: new Uint16Array(count).fill(LINKTYPE_RAW),
    interfaceId: new Uint16Array(count),
    position: Float64Array.from(offset),
  };
}

export function analyse(script: string, isn: Numbers = {}): Analysis {
  const analysis = new Analysis();
  analysis.add(frames(script, isn));
  return analysis;
}

/** The first connection of a script. */
export const connection = (script: string, isn: Numbers = {}): ConnectionRecord => analyse(script, isn).record(0);

/** A history as words: `STATE@FRAME`, with `?` for assumed and `~` for computed. */
export const life = (spans: readonly StateSpan[]): string =>
  spans
    .map(({ state, packet, certainty }) => `${state}@${packet}${certainty === 'assumed' ? '?' : certainty === 'computed' ? '~' : ''}`)
    .join(' ');

/** A connection's events as words: `KIND@FRAME`. */
export const events = (record: ConnectionRecord): string => record.events.map(({ kind, packet }) => `${kind}@${packet}`).join(' ');
