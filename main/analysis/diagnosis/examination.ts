import type { Clock } from '../clock.ts';
import type { Connection } from '../connection-store.ts';
import { type Flow, SCALE_UNKNOWN } from '../flow.ts';
import type { PacketColumns } from '../packet-columns.ts';
import { Closing } from './closing.ts';
import { Copies } from './copies.ts';
import type { Account, Facts } from './examiner.ts';
import { Exchanges } from './exchange.ts';
import type { Finding } from './finding.ts';
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
import { emptySeen, ofPeer, ofSender, readSeen, type Seen } from './seen.ts';
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
  private readonly trips = new RoundTrips();
  private readonly opening = new Opening(this.trips);
  private readonly closing = new Closing();
  private readonly resets = new Resets();
  private readonly exchanges = new Exchanges(this.trips);
  private readonly limits = new Limits(this.trips);
  private readonly losses = new Losses(this.trips);
  private readonly zeroWindows = new ZeroWindows();
  private readonly stalls = new Stalls(this.trips);
  private readonly pathMtu = new PathMtu();
  private readonly keepalives = new Keepalives();
  private readonly strangers = new Strangers();
  private readonly offloads = new Offloads();
  private readonly fragments = new Fragments();

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
      account.acknowledged = ofPeer(account, seen).hear(seen);
      this.see(seen, account);
      ofSender(account, seen).send(seen);
    }
  }

  /** Each examiner by its name: calls of whatever a list holds take V8 far longer. */
  private see(s: Seen, account: Account): void {
    this.opening.see(s);
    this.closing.see(s);
    this.resets.see(s, account);
    this.trips.see(s, account);
    this.exchanges.see(s, account);
    this.limits.see(s, account);
    this.losses.see(s, account);
    this.zeroWindows.see(s);
    this.stalls.see(s, account);
    this.pathMtu.see(s, account);
    this.keepalives.see(s, account);
    this.strangers.see(s, account);
    this.offloads.see(s, account);
    this.fragments.see(s);
  }

  private report(facts: Facts, account: Account, book: Notebook): void {
    this.copies.report(facts, account, book);
    this.opening.report(facts, account, book);
    this.closing.report(facts, account, book);
    this.resets.report(facts, account, book);
    this.trips.report(facts, account, book);
    this.exchanges.report(facts, account, book);
    this.limits.report(facts, account, book);
    this.losses.report(facts, account, book);
    this.zeroWindows.report(facts, account, book);
    this.stalls.report(facts, account, book);
    this.pathMtu.report(facts, account, book);
    this.keepalives.report(facts, account, book);
    this.strangers.report(facts, account, book);
    this.offloads.report(facts, account, book);
    this.fragments.report(facts, account, book);
  }

  /** The gravest first; of the same weight in the order of time. */
  findings(columns: PacketColumns, id: number, facts: Facts): Finding[] {
    const book = new Notebook(columns, id);
    this.report(facts, this.account, book);
    return book.findings;
  }
}
