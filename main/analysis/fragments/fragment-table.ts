import type { Fragment } from '../../wire/fragment.ts';
import type { Located } from '../../wire/locate.ts';
import { readU32 } from '../../wire/octets.ts';
import { Datagram } from './datagram.ts';
import { UnfinishedSegments } from './unfinished.ts';

/** Seconds after its first fragment that a datagram is waited for: no common receiver is more patient (RFC 1122 §3.3.2, RFC 8200 §4.5). */
const PATIENCE = 60;
/** Where a fragment came twice before its datagram was whole, the others do so within this many seconds after. */
const REPEATED_WITHIN = 0.05;
/** The fragments of a datagram come close together: not so many seconds apart, with fewer than so many others between them. */
const SOON = 0.01;
const CLOSE = 16;
/** Octets kept of all datagrams; beyond, the oldest go (Linux has the same: ipfrag_high_thresh). */
const MOST_KEPT = 4 << 20;

/**
 * Datagrams of which some fragments have come (RFC 791 §3.2, RFC 8200 §4.5). What fragments say twice is taken once. Where two differ on
 * the same octets, or overlap in IPv6 (RFC 5722), the datagram is given up: receivers do, or each takes another one. It is bounded in time and
 * memory whatever is captured, and the same fragments always give the same datagrams.
 */
export class FragmentTable {
  readonly #waiting = new Map<string, Datagram>();
  /** One that was forgotten, for the next: most are whole after a few packets, and then not even their memory is asked for. */
  #spare: Datagram | undefined;
  #kept = 0;
  /** Fragments so far. */
  #taken = 0;
  readonly #unfinished = new UnfinishedSegments();

  /** Octets allocated, roughly. */
  get memory(): number {
    return this.#kept;
  }

  /**
   * Takes a fragment that was captured at `time` (seconds) in frame number `frame`; gives its datagram when that was the piece
   * that was missing. The datagram is valid until the next fragment.
   */
  take(data: Uint8Array, located: Located, fragment: Fragment, time: number, frame: number): Datagram | undefined {
    this.#forgetOld(time);
    this.#taken++;
    const key = keyOf(data, located, fragment);
    let datagram = this.#waiting.get(key);
    if (datagram?.isWhole) {
      if (time - datagram.since <= REPEATED_WITHIN && datagram.has(data, fragment)) return undefined;
      this.#forget(key, datagram);
      datagram = undefined;
    }
    if (datagram?.isGivenUp) return undefined;
    datagram ??= this.#begin(key, time);
    const before = datagram.memory;
    const effect = datagram.take(data, fragment, located.ipVersion === 6);
    if (effect !== 'refused') datagram.frames.push(frame);
    const isNew = effect === 'part' || effect === 'whole';
    if (isNew && (fragment.offset === 0 || datagram.frames.length === 1)) datagram.protocol = fragment.protocol;
    this.#kept += datagram.memory - before;
    if (effect !== 'whole') return undefined;
    this.#finish(key, datagram, time);
    return datagram;
  }

  /** One that came twice is remembered for a while, so that what is left over of its copies begins no other. */
  #finish(key: string, datagram: Datagram, time: number): void {
    if (!datagram.repeated) {
      this.#forget(key, datagram);
      return;
    }
    this.#waiting.delete(key);
    datagram.since = time;
    this.#waiting.set(key, datagram);
  }

  /** TCP segments that were never whole, and at `time` will hardly be. */
  unfinished(time: number): UnfinishedSegments {
    const all = this.#unfinished.copy();
    for (const datagram of this.#waiting.values())
      if (time - datagram.since > SOON || this.#taken - datagram.after >= CLOSE) all.add(datagram);
    return all;
  }

  #begin(key: string, time: number): Datagram {
    const datagram = this.#spare ?? new Datagram();
    this.#spare = undefined;
    datagram.begin(time, this.#taken);
    this.#waiting.set(key, datagram);
    this.#kept += datagram.memory;
    return datagram;
  }

  /** The oldest stand first. */
  #forgetOld(time: number): void {
    for (const [key, datagram] of this.#waiting) {
      if (this.#kept <= MOST_KEPT && time - datagram.since <= PATIENCE) return;
      this.#forget(key, datagram);
    }
  }

  #forget(key: string, datagram: Datagram): void {
    if (!this.#waiting.delete(key)) return;
    this.#kept -= datagram.memory;
    this.#unfinished.add(datagram);
    this.#spare = datagram;
  }
}

/** What the fragments of one datagram have in common: addresses and identification, and with IPv4 the protocol. */
function keyOf(data: Uint8Array, { ip, ipVersion }: Located, { identification, protocol }: Fragment): string {
  const [from, to] = ipVersion === 4 ? [ip + 12, ip + 20] : [ip + 8, ip + 40];
  let key = ipVersion === 4 ? `${identification} ${protocol}` : `${identification}`;
  for (let at = from; at < to; at += 4) key += ` ${readU32(data, at)}`;
  return key;
}
