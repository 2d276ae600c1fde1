import type { Result } from '../../wire/result.ts';
import { ms } from '../../wire/units.ts';
import type { Engine } from '../engine.ts';
import type { Errno, ErrnoName } from '../sockets/errno.ts';
import type { MessageFlag } from '../sockets/message-flag.ts';
import { Epoll, Poll } from '../sockets/poll-events.ts';
import type { Process } from '../sockets/processes.ts';

/** How a program waits: in blocking calls, a thread for each direction, or without blocking in one loop for all its sockets. */
export type Waiting = 'blocking' | 'poll' | 'select' | 'epoll' | 'epoll-edge';

/** What a program does with a connection, one step after the other; it reads all the while. */
export type Step =
  | { readonly does: 'send'; readonly octets: number; readonly flag: 'none' | 'more' | 'record' | 'urgent' }
  | { readonly does: 'cork'; readonly on: boolean }
  | { readonly does: 'pause'; readonly ms: number }
  | { readonly does: 'shutdown' }
  | { readonly does: 'abort' };

/** The n-th octet of a stream, so that a wrong octet anywhere shows. */
export const octetAt = (n: number, salt: number): number => (n * 31 + (n >> 8) * 7 + salt) & 0xff;

/** A round of the loop takes time, as it does in life. */
const WORK = ms(1);
const IGNORED = (): void => {};
const FLAGS: Readonly<Record<'none' | 'more' | 'record' | 'urgent', readonly MessageFlag[]>> = {
  none: ['MSG_NOSIGNAL'],
  more: ['MSG_NOSIGNAL', 'MSG_MORE'],
  record: ['MSG_NOSIGNAL', 'MSG_EOR'],
  urgent: ['MSG_NOSIGNAL', 'MSG_OOB'],
};

/** One end of one connection. */
export interface Stream {
  readonly fd: number;
  readonly sendSalt: number;
  readonly receiveSalt: number;
  readonly readSize: number;
  steps: readonly Step[];
  sent: number;
  /** Octets given to calls, some of which may not have come back yet: as much as the peer can have got. */
  offered: number;
  got: number;
  /** Offset of the first octet that was not what the peer wrote. */
  wrongAt: number | undefined;
  sentLast: boolean;
  gotLast: boolean;
  paused: boolean;
  /** 'end of stream', 'aborted', or the errno. */
  ended: string | undefined;
}

/** A process with several streams. */
export class StreamProgram {
  readonly streams: Stream[] = [];
  private readonly engine: Engine;
  private readonly process: Process;
  private readonly waiting: Waiting;
  private epfd = -1;
  private isLooping = false;

  constructor(engine: Engine, process: Process, waiting: Waiting) {
    this.engine = engine;
    this.process = process;
    this.waiting = waiting;
    if (waiting.startsWith('epoll'))
      process.epoll_create((made) => {
        if (made.ok) this.epfd = made.value;
      });
  }

  /** Takes over a connected socket. `sent` octets of it have gone already. */
  take(about: Pick<Stream, 'fd' | 'sendSalt' | 'receiveSalt' | 'readSize' | 'steps' | 'sent'>): void {
    const stream: Stream = {
      ...about,
      offered: about.sent,
      got: 0,
      wrongAt: undefined,
      sentLast: false,
      gotLast: false,
      paused: false,
      ended: undefined,
    };
    this.streams.push(stream);
    if (this.waiting === 'blocking') {
      this.process.setNonBlocking(stream.fd, false, IGNORED);
      this.write(stream);
      this.readBlocking(stream);
      return;
    }
    this.process.setNonBlocking(stream.fd, true, IGNORED);
    if (this.waiting.startsWith('epoll')) this.watch('EPOLL_CTL_ADD', stream);
    this.write(stream);
    this.loop();
  }

  private wanted({ sentLast, gotLast, paused }: Stream): number {
    return (gotLast ? 0 : Poll.IN) | (sentLast || paused ? 0 : Poll.OUT);
  }

  private watch(op: 'EPOLL_CTL_ADD' | 'EPOLL_CTL_MOD', stream: Stream): void {
    const events = this.waiting === 'epoll-edge' ? Poll.IN | Poll.OUT | Poll.RDHUP | Epoll.ET : this.wanted(stream);
    this.process.epoll_ctl(this.epfd, op, stream.fd, { events, data: stream.fd }, IGNORED);
  }

  /** One loop for all streams; it ends when none is left. */
  private loop(): void {
    if (this.isLooping) return;
    const open = this.streams.filter(({ ended }) => ended === undefined);
    if (open.length === 0) return;
    this.isLooping = true;
    const ready = (fds: readonly number[]): void => {
      this.isLooping = false;
      for (const stream of this.streams)
        if (fds.includes(stream.fd) && stream.ended === undefined) {
          this.readAvailable(stream);
          this.write(stream);
        }
      this.engine.clock.after(WORK, () => this.loop());
    };
    const patience = 200; // a pause that ended, or a stream that came meanwhile, changes what is waited for
    switch (this.waiting) {
      case 'poll': {
        const entries = open.map((stream) => ({ fd: stream.fd, events: this.wanted(stream) }));
        this.process.poll(entries, patience, (result) => ready(result.ok ? result.value.map(({ fd }) => fd) : []));
        break;
      }
      case 'select': {
        const write = open.filter((stream) => this.wanted(stream) & Poll.OUT).map(({ fd }) => fd);
        const read = open.filter((stream) => this.wanted(stream) & Poll.IN).map(({ fd }) => fd);
        const sets = { read, write, except: [] };
        this.process.select(sets, patience, (result) => ready(result.ok ? [...result.value.read, ...result.value.write] : []));
        break;
      }
      case 'epoll':
        for (const stream of open) this.watch('EPOLL_CTL_MOD', stream);
        this.process.epoll_wait(this.epfd, 2, patience, (result) => ready(result.ok ? result.value.map(({ data }) => data) : []));
        break;
      default:
        this.process.epoll_wait(this.epfd, 2, -1, (result) => ready(result.ok ? result.value.map(({ data }) => data) : []));
    }
  }

  /** Goes on with the steps as far as the socket takes them. */
  private write(stream: Stream): void {
    const [step, ...rest] = stream.steps;
    if (stream.ended !== undefined || stream.sentLast || stream.paused) return;
    const next = (): void => {
      stream.steps = rest;
      this.write(stream);
    };
    switch (step?.does) {
      case 'send':
        this.send(stream, step, rest);
        break;
      case 'cork':
        this.process.setsockopt(stream.fd, 'TCP_CORK', step.on ? 1 : 0, next);
        break;
      case 'pause':
        stream.paused = true;
        this.engine.clock.after(ms(step.ms), () => {
          stream.paused = false;
          next();
        });
        break;
      case 'abort':
        this.process.setsockopt(stream.fd, 'SO_LINGER', { on: true, seconds: 0 }, IGNORED);
        this.end(stream, 'aborted');
        break;
      default:
        stream.sentLast = true;
        this.process.shutdown(stream.fd, 'SHUT_WR', IGNORED); // ENOTCONN where a RST was faster: the reader hears of it
        this.closeWhenDone(stream);
    }
  }

  private send(stream: Stream, step: Extract<Step, { does: 'send' }>, rest: readonly Step[]): void {
    const octets = Uint8Array.from({ length: step.octets }, (_, i) => octetAt(stream.sent + i, stream.sendSalt));
    stream.offered = stream.sent + octets.length;
    this.process.send(stream.fd, octets, FLAGS[step.flag], (result) => {
      if (stream.ended !== undefined) return;
      if (!result.ok) {
        if (result.error.errno !== 'EAGAIN') this.end(stream, result.error.errno);
        return;
      }
      stream.sent += result.value;
      const left = step.octets - result.value;
      stream.steps = left > 0 ? [{ ...step, octets: left }, ...rest] : rest;
      this.write(stream);
    });
  }

  private readBlocking(stream: Stream): void {
    this.process.recv(stream.fd, stream.readSize, [], (result) => {
      if (this.took(stream, result)) this.readBlocking(stream);
    });
  }

  /** Edge-triggered, everything must be read, for nobody will tell again. */
  private readAvailable(stream: Stream): void {
    let more = true;
    while (more && !stream.gotLast && stream.ended === undefined) {
      more = false;
      this.process.recv(stream.fd, stream.readSize, [], (result) => {
        more = this.took(stream, result) && this.waiting === 'epoll-edge';
      });
    }
  }

  /** True when there may be more. */
  private took(stream: Stream, result: Result<Uint8Array, Errno>): boolean {
    if (stream.ended !== undefined) return false;
    if (!result.ok) {
      if (result.error.errno !== 'EAGAIN') this.end(stream, result.error.errno);
      return false;
    }
    for (const octet of result.value) {
      if (octet !== octetAt(stream.got, stream.receiveSalt)) stream.wrongAt ??= stream.got;
      stream.got++;
    }
    if (result.value.length > 0) return true;
    stream.gotLast = true;
    this.closeWhenDone(stream);
    return false;
  }

  private closeWhenDone(stream: Stream): void {
    if (stream.sentLast && stream.gotLast) this.end(stream, 'end of stream');
  }

  private end(stream: Stream, how: 'end of stream' | 'aborted' | ErrnoName): void {
    if (stream.ended !== undefined) return;
    stream.ended = how;
    this.process.close(stream.fd, IGNORED);
  }
}
