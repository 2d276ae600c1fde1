// Captures with the `cap` package and writes pcapng to standard output, until standard input ends. A program of its
// own, started by cap-source.ts; it fails as the capture helper does: one JSON line on standard error.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { BatchBuilder } from './batch-builder.ts';
import type { CapChildOptions } from './cap-source.ts';
import type { CaptureErrorKind } from './capture-error.ts';
import { PcapngEncoder } from './pcapng-encoder.ts';

interface Cap {
  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string;
  on(event: 'packet', listener: (octets: number, truncated: boolean) => void): void;
  close(): void;
}

/** cap's fixed snapshot length. */
const SNAP_LENGTH = 65_535;
/** A frame waits no longer than this for others to be written with it, even while cap's loop keeps us from the event loop. */
const FLUSH_MS = 20;
/** Octets of frames that are written together, at most. */
const ROOM = 1 << 20;

/** cap's names for what it opened. */
const LINK_TYPES: Readonly<Record<string, number>> = { NULL: 0, ETHERNET: 1, RAW: 101, LINKTYPE_LINUX_SLL: 113, IEEE802_11_RADIO: 127 };

// The native part writes into this memory without holding on to it: were it collected, the process would crash.
const frame = Buffer.alloc(SNAP_LENGTH);
const timeOrigin = BigInt(Math.round(performance.timeOrigin * 1e6));
const clockOrigin = process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6));

function fail(kind: CaptureErrorKind, message: string): never {
  writeSync(2, `${JSON.stringify({ error: kind, message })}\n`);
  process.exit(1);
}

/** Standard output blocks, which is what we want: nothing is gathered in memory while the reader is slow. */
function write(octets: Uint8Array): void {
  try {
    for (let at = 0; at < octets.length; ) at += writeSync(1, octets, at);
  } catch {
    process.exit(0); // nobody reads any more
  }
}

function load(): Cap {
  try {
    const { Cap } = createRequire(import.meta.url)('cap') as { Cap: new () => Cap };
    return new Cap();
  } catch (cause) {
    return fail('no-backend', `The package "cap" cannot be loaded: ${(cause as Error).message.split('\n')[0]}`);
  }
}

function explain(cause: unknown, name: string): never {
  const { message } = cause as Error;
  const kind: CaptureErrorKind = /No such device|SIOCGIFHWADDR|doesn't exist/i.test(message)
    ? 'no-such-interface'
    : /permi/i.test(message)
      ? 'no-permission'
      : /syntax|expression|filter|parse|unknown (host|port|protocol)|illegal/i.test(message)
        ? 'bad-filter'
        : /not up|is down/i.test(message)
          ? 'interface-down'
          : 'internal';
  return fail(kind, `cap on "${name}": ${message || 'it could not be opened'}`);
}

function run(options: CapChildOptions): void {
  const cap = load();
  let opened = '';
  try {
    opened = cap.open(options.interface, options.filter, options.bufferKiB * 1024, frame);
  } catch (cause) {
    explain(cause, options.interface);
  }
  const linkType = LINK_TYPES[opened] ?? Number(/^Unknown linktype (\d+)$/.exec(opened)?.[1] ?? 0);
  const encoder = new PcapngEncoder([{ linkType, name: options.interface, filter: options.filter, snapLength: SNAP_LENGTH }]);
  const frames = new BatchBuilder((batch: FrameBatch) => write(encoder.encode(batch)));
  const room = new Uint8Array(ROOM); // for the frames of one batch after the other: each is written at once
  let used = 0;
  frames.lend(room, 0);
  let flushed = performance.now();
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    flushed = performance.now();
    frames.lend(room, 0);
    used = 0;
  };
  write(encoder.header());
  cap.on('packet', (octets) => {
    const now = timeOrigin + process.hrtime.bigint() - clockOrigin;
    if (frames.isFull || used + octets > ROOM) flush();
    room.set(frame.subarray(0, octets), used);
    frames.add(used, octets, octets, Number(now / 1_000_000_000n), Number(now % 1_000_000_000n), linkType, 0, 0);
    used += octets;
    if (performance.now() - flushed > FLUSH_MS) flush();
    else if (!scheduled) {
      scheduled = true;
      setImmediate(flush);
    }
  });
  const stop = () => {
    cap.close();
    flush();
    process.exit(0);
  };
  process.stdin.on('end', stop).on('error', stop).resume();
}

run(JSON.parse(process.argv[2] ?? '{}') as CapChildOptions);
