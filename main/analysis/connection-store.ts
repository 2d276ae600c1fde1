import { type Arena, floatsOf, HEAP, type Paged } from './arena.ts';
import { COMPLETENESS_SHIFT } from './completeness.ts';
import {
  ADDRESS_FIRST,
  ADDRESS_SECOND,
  DUE,
  EVENT_COUNT,
  FIRST_PACKET,
  FLOWS,
  INITIAL_RTT,
  LAST_EVENT,
  LAST_PACKET,
  LIFE,
  PORTS,
  SYN_INTERVAL,
  SYN_TIME,
  WORDS,
} from './connection-words.ts';
import type { Flow } from './flow.ts';
import { FLOW_STRIDE } from './flow-words.ts';

/** Of the four words of an IPv6 address the first lies where an IPv4 address does, the others apart, first and second endpoint's. */
export const MORE_ADDRESS_WORDS = 3;

const SHIFT = 9;
const PER_PAGE = 1 << SHIFT;
/** Behind a page's connections stands where `moreAddressWords` begin, for who reads their memory; and the line of the cache is filled up. */
const MORE_ADDRESSES = PER_PAGE * WORDS;
const LINE = 16;

/** What is known of a connection, as bits; its completeness mask lies above them. */
export const Life = {
  IPV6: 1 << 0,
  /** The second endpoint is the client. */
  CLIENT_SECOND: 1 << 1,
  /** It waits in the list of changed connections. */
  CHANGED: 1 << 2,
  /** Its handshake was marked. */
  HANDSHAKE: 1 << 3,
  /** Its half-close was marked. */
  HALF_CLOSE: 1 << 4,
  /** A newer connection has its 4-tuple. */
  SUPERSEDED: 1 << 5,
  /** More was captured than one side's SYN, sent again and again. */
  ANSWERED: 1 << 6,
} as const;

/** No SYN, no two of them, or no round trip has been timed. */
export const UNTIMED = -1;
/** Nothing of a connection will change by time alone. */
export const NEVER = Number.POSITIVE_INFINITY;

class Page {
  readonly words: Int32Array;
  readonly floats: Float64Array;
  /** What IPv6 addresses have more than IPv4 addresses; there once the page has one. */
  moreAddressWords: Int32Array = new Int32Array(0);
  private readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = arena.words(MORE_ADDRESSES + LINE);
    this.floats = floatsOf(this.words);
  }

  addMoreAddresses(): void {
    this.moreAddressWords = this.arena.words(PER_PAGE * 2 * MORE_ADDRESS_WORDS);
    this.words[MORE_ADDRESSES] = this.moreAddressWords.byteOffset;
  }

  get memory(): number {
    return this.words.byteLength + this.moreAddressWords.byteLength;
  }
}

/** A cursor over one connection of the store. */
export class Connection {
  id = -1;
  /** What is known of it: the words from `at` on (`connection-words.ts`), and the same as floats. */
  words: Int32Array = new Int32Array(0);
  floats: Float64Array = new Float64Array(0);
  at = 0;
  private page: Page | undefined;

  moveTo(id: number, page: Page, at: number): void {
    this.id = id;
    if (this.page !== page) {
      this.page = page;
      this.words = page.words;
      this.floats = page.floats;
    }
    this.at = at;
  }

  /** Points `flow` at what the first or second endpoint sends. */
  flow(second: boolean, flow: Flow): void {
    flow.moveTo(this.words, this.floats, this.flowAt(second));
  }
  /** Where the words of what the first or second endpoint sends begin. */
  flowAt(second: boolean): number {
    return second === true ? this.at + (FLOWS + FLOW_STRIDE) : this.at + FLOWS;
  }

  /** The four address words of an endpoint; an IPv4 address fills the first. */
  address(second: boolean, word: number): number {
    if (word === 0) return this.words[this.at + (second ? ADDRESS_SECOND : ADDRESS_FIRST)]!;
    return this.has(Life.IPV6) ? this.page!.moreAddressWords[this.moreWords(second) + word - 1]! : 0;
  }
  private moreWords(second: boolean): number {
    return MORE_ADDRESS_WORDS * (2 * (this.id & (PER_PAGE - 1)) + (second ? 1 : 0));
  }
  /** These are its endpoints; of IPv6 addresses, as far as the first words tell. */
  isNamed(first: number, second: number, ports: number, ipv6: boolean): boolean {
    const { words, at } = this;
    return (
      words[at + PORTS] === ports &&
      words[at + ADDRESS_FIRST] === first &&
      words[at + ADDRESS_SECOND] === second &&
      ((words[at + LIFE]! & Life.IPV6) !== 0) === ipv6
    );
  }
  name(first: number, second: number, ports: number): void {
    this.words[this.at + ADDRESS_FIRST] = first;
    this.words[this.at + ADDRESS_SECOND] = second;
    this.words[this.at + PORTS] = ports;
  }
  /** Its addresses are IPv6, and these their other words. */
  nameMore(first: Int32Array, second: Int32Array): void {
    const page = this.page!;
    this.set(Life.IPV6);
    if (page.moreAddressWords.length === 0) page.addMoreAddresses();
    page.moreAddressWords.set(first, this.moreWords(false));
    page.moreAddressWords.set(second, this.moreWords(true));
  }

  port(second: boolean): number {
    const ports = this.words[this.at + PORTS]!;
    return second ? ports & 0xffff : ports >>> 16;
  }
  /** Both ports: the first endpoint's in the high half. */
  get ports(): number {
    return this.words[this.at + PORTS]!;
  }

  // LIFE is the first word, and is not added: so these stay as short as V8 inlines without counting, and rules ask them a lot.
  has(bit: number): boolean {
    return (this.words[this.at]! & bit) !== 0;
  }
  set(bit: number): void {
    this.words[this.at]! |= bit;
  }
  clear(bit: number): void {
    this.words[this.at]! &= ~bit;
  }
  /** Wireshark's `tcp.completeness`. */
  get completeness(): number {
    return this.words[this.at + LIFE]! >>> COMPLETENESS_SHIFT;
  }
  complete(bit: number): void {
    this.words[this.at + LIFE]! |= bit << COMPLETENESS_SHIFT;
  }
  get firstPacket(): number {
    return this.words[this.at + FIRST_PACKET]!;
  }
  set firstPacket(v: number) {
    this.words[this.at + FIRST_PACKET] = v;
  }
  get lastPacket(): number {
    return this.words[this.at + LAST_PACKET]!;
  }
  set lastPacket(v: number) {
    this.words[this.at + LAST_PACKET] = v;
  }
  /** When the last SYN without ACK was captured, in nanoseconds of the analysis clock; UNTIMED before. */
  get synTime(): number {
    return this.floats[(this.at + SYN_TIME) >> 1]!;
  }
  set synTime(v: number) {
    this.floats[(this.at + SYN_TIME) >> 1] = v;
  }
  /** From the SYN without ACK before that one; UNTIMED where there was none. */
  get synInterval(): number {
    return this.floats[(this.at + SYN_INTERVAL) >> 1]!;
  }
  set synInterval(v: number) {
    this.floats[(this.at + SYN_INTERVAL) >> 1] = v;
  }
  /** When it will change by time alone, as far as that is waited for; NEVER, or nanoseconds of the analysis clock. */
  get due(): number {
    return this.floats[(this.at + DUE) >> 1]!;
  }
  set due(v: number) {
    this.floats[(this.at + DUE) >> 1] = v;
  }
  /** Its newest event in the log, or -1. */
  get lastEvent(): number {
    return this.words[this.at + LAST_EVENT]!;
  }
  set lastEvent(v: number) {
    this.words[this.at + LAST_EVENT] = v;
  }
  get eventCount(): number {
    return this.words[this.at + EVENT_COUNT]!;
  }
  set eventCount(v: number) {
    this.words[this.at + EVENT_COUNT] = v;
  }
  /** From that SYN to the first ACK without SYN, in nanoseconds; UNTIMED before. */
  get initialRtt(): number {
    return this.floats[(this.at + INITIAL_RTT) >> 1]!;
  }
  set initialRtt(v: number) {
    this.floats[(this.at + INITIAL_RTT) >> 1] = v;
  }
}

/** Every connection, in pages of words. */
export class ConnectionStore implements Paged {
  count = 0;
  private readonly pages: Page[] = [];
  private readonly arena: Arena;

  constructor(arena: Arena = HEAP) {
    this.arena = arena;
  }

  /** Adds a connection, all zero, and points the cursor at it. */
  add(cursor: Connection): void {
    const id = this.count++;
    if (id >>> SHIFT === this.pages.length) this.addPage();
    this.seek(id, cursor);
    cursor.firstPacket = cursor.lastPacket = -1;
    cursor.synTime = cursor.initialRtt = cursor.synInterval = UNTIMED;
    cursor.due = NEVER;
    cursor.lastEvent = -1;
  }

  seek(id: number, cursor: Connection): void {
    const page = this.pages[id >>> SHIFT]!;
    cursor.moveTo(id, page, (id & (PER_PAGE - 1)) * WORDS);
  }

  reserve(more: number): void {
    while (this.count + more > this.pages.length * PER_PAGE) this.addPage();
  }

  get pageCount(): number {
    return this.pages.length;
  }

  pageWords(page: number): Int32Array {
    return this.pages[page]!.words;
  }

  private addPage(): void {
    this.pages.push(new Page(this.arena));
  }

  /** Octets allocated. */
  get memory(): number {
    return this.pages.reduce((sum, { memory }) => sum + memory, 0);
  }
}
