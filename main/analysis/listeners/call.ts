import { Flag } from '../../wire/segment.ts';
import { type ChangeLog, State } from '../change-log.ts';
import type { Clock } from '../clock.ts';
import { type Connection, Life } from '../connection-store.ts';
import { type Flow, Known } from '../flow.ts';
import { MARK } from '../marks.ts';
import { type PacketColumns, Shown, slot } from '../packet-columns.ts';

/** The timer of a SYN,ACK starts at a second and doubles (RFC 6298 §2.1, §5.5). */
const FIRST_TIMEOUT = 1e9;
const BACKOFF = 2;
/** One may come late by this part of its interval. */
const LATENESS = 1 / 8;
/** Segments looked at for the first word of the server's program: no receive buffer holds the payload of more. */
const MOST_SEGMENTS = 4096;
/** Segments of a connection without such a word in which its handshake is looked for. */
const MOST_OF_SILENT = 64;
/** SYNs of a connection that are kept. */
const MOST_SYNS = 16;
/** So many answers of a client are not all lost. */
const SURE_ANSWERS = 2;

/**
 * What the segments of one connection show of the listener it was opened to. One record is filled again for each connection;
 * times are nanoseconds of the analysis clock, rows those of the packet columns, -1 where there is none.
 */
export class Call {
  /** The first SYN,ACK, or the RST that refuses. */
  answerRow = -1;
  refusalRow = -1;
  /** Rows of the SYNs before the first answer, as far as they are kept. */
  readonly syns: number[] = [];
  /** The first payload or FIN of the server: a program has the connection. */
  programAt = Number.POSITIVE_INFINITY;
  /** The first RST of either side. */
  resetAt = Number.POSITIVE_INFINITY;
  /** The SYN,ACK was sent again though the client had surely answered. */
  ackIgnored = false;
  private synAcks = 0;
  private lastSynAck = 0;
  private longestInterval = FIRST_TIMEOUT;
  /** When each of the client's first answers was captured. */
  private readonly answers: number[] = [];
  /** From the first SYN to its answer: what it takes to the server and back at most. */
  private firstSyn = Number.NaN;
  private away = 0;

  /** Reads a connection's segments, as far as they can tell. */
  read(columns: PacketColumns, clock: Clock, connection: Connection, client: Flow, server: Flow): void {
    this.clear();
    const silent = !server.has(Known.DATA | Known.FIN | Known.RST) && !client.has(Known.RST);
    const most = silent ? MOST_OF_SILENT : MOST_SEGMENTS;
    const clientSecond = connection.has(Life.CLIENT_SECOND);
    let row = connection.firstPacket;
    for (let read = 0; row >= 0 && read < most && !this.isOver; row = columns.next(row), read++) {
      const page = columns.page(row);
      const i = slot(row);
      if ((page.marks(i) & MARK['duplicate-capture']) !== 0) continue;
      const flags = page.flags(i);
      const time = columns.time(row, clock);
      if (((flags & Shown.FROM_SECOND) !== 0) === clientSecond) this.hearClient(row, flags, time);
      else this.hearServer(row, flags, page.length(i), time);
    }
    if (row >= 0 && !silent && !this.isOver) this.programAt = columns.time(row, clock);
  }

  private get isOver(): boolean {
    return this.programAt < Number.POSITIVE_INFINITY || this.resetAt < Number.POSITIVE_INFINITY;
  }

  private clear(): void {
    this.answerRow = this.refusalRow = -1;
    this.synAcks = this.lastSynAck = this.away = this.syns.length = this.answers.length = 0;
    this.firstSyn = Number.NaN;
    this.programAt = this.resetAt = Number.POSITIVE_INFINITY;
    this.ackIgnored = false;
    this.longestInterval = FIRST_TIMEOUT;
  }

  private hearClient(row: number, flags: number, time: number): void {
    if ((flags & Flag.RST) !== 0) this.resetAt = time;
    else if ((flags & Flag.SYN) === 0) {
      if (this.answers.length < SURE_ANSWERS) this.answers.push(time);
    } else if (this.answerRow < 0 && this.syns.length < MOST_SYNS) {
      if (this.syns.length === 0) this.firstSyn = time;
      this.syns.push(row);
    }
  }

  private hearServer(row: number, flags: number, length: number, time: number): void {
    if ((flags & Flag.RST) !== 0) {
      this.resetAt = time;
      if (this.answerRow < 0) this.refusalRow = row;
    } else if ((flags & Flag.SYN) !== 0) this.hearSynAck(row, time);
    else if (length > 0 || (flags & Flag.FIN) !== 0) this.programAt = time;
  }

  private hearSynAck(row: number, time: number): void {
    if (this.answerRow < 0) {
      this.answerRow = row;
      this.away = Number.isNaN(this.firstSyn) ? 0 : time - this.firstSyn;
    } else this.longestInterval = Math.max(this.longestInterval, time - this.lastSynAck);
    this.synAcks++;
    this.lastSynAck = time;
    const sure = this.answers[SURE_ANSWERS - 1];
    if (sure !== undefined && sure < time - this.away) this.ackIgnored = true;
  }

  /** When the next SYN,ACK was due of one that is still kept. */
  private get due(): number {
    return this.lastSynAck + (this.synAcks === 1 ? FIRST_TIMEOUT : BACKOFF * this.longestInterval);
  }

  /** When a connection that nobody completed was given up: infinite while it is waited for. */
  givenUpAt(now: number): number {
    const { due } = this;
    return now > due + (due - this.lastSynAck) * LATENESS ? due : Number.POSITIVE_INFINITY;
  }

  /** Answered once, and never again though it was due: it was never kept. */
  isUnrepeated(now: number): boolean {
    return this.synAcks === 1 && this.givenUpAt(now) < Number.POSITIVE_INFINITY;
  }
}

/** Tells `each` from when to when (infinite: now) the server's end was in each state; rows of the change log, dated. */
export function spansOf(
  columns: PacketColumns,
  log: ChangeLog,
  clock: Clock,
  connection: Connection,
  server: Flow,
  each: (state: number, from: number, to: number) => void,
): void {
  let state = server.initialState;
  let from = columns.time(connection.firstPacket, clock);
  for (const change of log.list(server.lastChange)) {
    const at = columns.time(change.at, clock);
    each(state, from, at);
    [state, from] = [change.state, at];
  }
  each(state, from, Number.POSITIVE_INFINITY);
}

/** The server's end has completed its handshake, and not ended. */
export const isComplete = (state: number): boolean => state === State.ESTABLISHED || state === State['CLOSE-WAIT'];
