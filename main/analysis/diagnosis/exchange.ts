import type { Side } from '../record.ts';
import { Evidence } from './evidence.ts';
import type { Account, Examiner, Facts } from './examiner.ts';
import type { Notebook } from './notebook.ts';
import type { RoundTrips } from './round-trip.ts';
import { ofPeer, ofSender, type Seen } from './seen.ts';
import { Spread } from './spread.ts';
import { counted, octets, span, The, the } from './words.ts';

/** An answer that takes so long is felt. */
const SLOW_NANOSECONDS = 1e9;
/** Less than this is not worth a rate. */
const TRANSFER_OCTETS = 64 * 1024;

class Speaker {
  /** From the last data of the peer to this side's first after it. */
  readonly answers = new Spread();
  readonly slow = new Evidence();
  slowestFrom = -1;
  slowestTo = -1;
  firstData = -1;
  lastData = -1;
  firstAt = 0;
  lastAt = 0;
}

/** Questions and answers: how long the server took for each, and how fast each side's data came. */
export class Exchanges implements Examiner {
  private readonly speakers = { client: new Speaker(), server: new Speaker() };
  private turn: Side | undefined;
  private readonly trips: RoundTrips;

  constructor(trips: RoundTrips) {
    this.trips = trips;
  }

  see(s: Seen, account: Account): void {
    const ledger = ofSender(account, s);
    // Only what is new is said; a repetition says nothing.
    if (s.length === 0 || (ledger.known && ((ledger.nxt - s.end) | 0) >= 0)) return;
    const own = ofSender(this.speakers, s);
    const peer = ofPeer(this.speakers, s);
    if (own.firstData < 0) {
      own.firstData = s.row;
      own.firstAt = s.time;
    }
    if (this.turn !== s.from && peer.lastData >= 0) this.answer(s, own, peer);
    this.turn = s.from;
    own.lastData = s.row;
    own.lastAt = s.time;
  }

  private answer(s: Seen, own: Speaker, peer: Speaker): void {
    const took = s.time - peer.lastAt;
    if (took > own.answers.max || own.answers.count === 0) {
      own.slowestFrom = peer.lastData;
      own.slowestTo = s.row;
    }
    own.answers.add(took);
    if (took >= SLOW_NANOSECONDS) own.slow.add(s.row);
  }

  report(_facts: Facts, account: Account, book: Notebook): void {
    this.answers(book);
    for (const side of ['client', 'server'] as const) this.transfer(side, account, book);
  }

  private answers(book: Notebook): void {
    const { answers, slow, slowestFrom, slowestTo } = this.speakers.server;
    if (answers.count === 0) return;
    const path = this.trips.shortest('server');
    const net = path === undefined ? '' : `; ${span(Math.min(path, answers.min))} of each is the way there and back`;
    const often =
      answers.count === 1
        ? `after ${span(answers.max)}`
        : `${answers.count} times, half of them within ${span(answers.median)}, at worst after ${span(answers.max)}`;
    book.add({
      kind: 'response-time',
      severity: slow.count > 0 ? 'warning' : 'note',
      ambiguous: slow.count > 0,
      side: 'server',
      rows: [slowestFrom, slowestTo, ...slow.rows],
      count: answers.count,
      text: `The server answered data of the client ${often}${net}.${slow.count > 0 ? ` ${counted(slow.count, 'answer')} took longer than a second: the server’s program thought so long, or it had nothing to say until then.` : ''}`,
      confirm: 'The server’s own log of the request; where the client asked nothing, this is no answer but news.',
      values: { count: answers.count, min: answers.min / 1e9, median: answers.median / 1e9, max: answers.max / 1e9, slow: slow.count },
    });
  }

  private transfer(side: Side, account: Account, book: Notebook): void {
    const { firstData, lastData, firstAt, lastAt } = this.speakers[side];
    const sent = account[side].octets;
    if (sent < TRANSFER_OCTETS || lastAt <= firstAt) return;
    const seconds = (lastAt - firstAt) / 1e9;
    book.add({
      kind: 'transfer',
      severity: 'note',
      side,
      rows: [firstData, lastData],
      text: `${The(side)} sent ${octets(sent)} in ${span(lastAt - firstAt)}, ${rate((sent * 8) / seconds)} on average, pauses included.`,
      confirm: `What holds it back, if anything, is told by the finding on what ${the(side)} was limited by.`,
      values: { octets: sent, seconds, bitsPerSecond: (sent * 8) / seconds },
    });
  }
}

const rate = (bits: number): string =>
  bits >= 1e9
    ? `${(bits / 1e9).toFixed(1)} Gbit/s`
    : bits >= 1e6
      ? `${(bits / 1e6).toFixed(1)} Mbit/s`
      : `${Math.round(bits / 1e3)} kbit/s`;
