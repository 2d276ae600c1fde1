import type { Clock } from '../clock.ts';
import type { Connection } from '../connection-store.ts';
import { type Flow, SCALE_UNKNOWN } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';
import { Closing } from './closing.ts';
import { Copies } from './copies.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import { Exchanges } from './exchange.ts';
import { type Finding, SEVERITIES } from './finding.ts';
import { Fragments } from './fragments.ts';
import { Keepalives } from './keepalive.ts';
import { Ledger } from './ledger.ts';
import { Limits } from './limits.ts';
import { Losses } from './losses.ts';
import { Notebook } from './notebook.ts';
import { Offloads } from './offload.ts';
import { Opening } from './opening.ts';
import { PathMtu } from './path-mtu.ts';
import { Resets } from './reset.ts';
import { RoundTrips } from './round-trip.ts';
import { emptySeen, readSeen } from './seen.ts';
import { Stalls } from './stalls.ts';
import { Strangers } from './strangers.ts';
import { ZeroWindows } from './zero-window.ts';

type Flows = { readonly client: Flow; readonly server: Flow };

/**
 * One connection under examination: its segments are read once, in order, and what every question needs to know is kept in
 * bounded memory. Asked again later, it reads only what came since.
 */
export class Examination {
  /** The last row read, or -1. */
  private last = -1;
  private readonly seen = emptySeen();
  private readonly account: Account = {
    client: new Ledger(),
    server: new Ledger(),
    acknowledged: undefined,
    scaled: { client: false, server: false },
    mss: { client: 0, server: 0 },
  };
  private readonly copies = new Copies();
  private readonly examiners: readonly Examiner[];

  constructor() {
    const trips = new RoundTrips();
    this.examiners = [
      new Opening(trips),
      new Closing(),
      new Resets(),
      trips,
      new Exchanges(trips),
      new Limits(trips),
      new Losses(trips),
      new ZeroWindows(),
      new Stalls(trips),
      new PathMtu(),
      new Keepalives(),
      new Strangers(),
      new Offloads(),
      new Fragments(),
    ];
  }

  /** Reads what has come since the last time. */
  advance(columns: PacketColumns, clock: Clock, connection: Connection, flows: Flows): void {
    const { seen, account } = this;
    account.scaled.client = flows.client.scale !== SCALE_UNKNOWN;
    account.scaled.server = flows.server.scale !== SCALE_UNKNOWN;
    account.mss.client = flows.client.mss;
    account.mss.server = flows.server.mss;
    for (let row = this.last < 0 ? connection.firstPacket : columns.next(this.last); row >= 0; row = columns.next(row)) {
      readSeen(columns, clock, connection, flows, row, seen);
      this.last = row;
      if (this.copies.isCopy(seen)) continue;
      const peer = seen.from === 'client' ? account.server : account.client;
      account.acknowledged = peer.hear(seen);
      for (const examiner of this.examiners) examiner.see(seen, account);
      account[seen.from].send(seen);
    }
  }

  /** The gravest first; of the same weight in the order of time. */
  findings(columns: PacketColumns, id: number, facts: Facts): Finding[] {
    const book = new Notebook(columns, id);
    this.copies.report(facts, this.account, book);
    for (const examiner of this.examiners) examiner.report(facts, this.account, book);
    return book.findings.sort(byWeight);
  }
}

export const byWeight = (a: Finding, b: Finding): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  a.from.seconds - b.from.seconds ||
  a.from.nanoseconds - b.from.nanoseconds;
