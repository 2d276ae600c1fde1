import type { Located } from '../wire/locate.ts';
import { dataViewOf } from '../wire/octets.ts';
import { type Arena, HEAP } from './arena.ts';
import { type Connection, type ConnectionStore, MORE_ADDRESS_WORDS } from './connection-store.ts';

const EMPTY = -1;

/**
 * Finds the newest connection of a 4-tuple: open addressing over connection numbers, the keys themselves lying in the
 * connection store. The two endpoints are put in order first, so both directions meet in one slot.
 */
export class FlowTable {
  /** The last packet looked up was sent by the second endpoint. */
  fromSecond = false;
  /** Its source and destination are the same. */
  toItself = false;

  // What was looked up last. Of IPv4 addresses the words below are all; of IPv6 addresses they are the first of four.
  private first = 0;
  private second = 0;
  private ports = 0;
  private ipv6 = false;
  private readonly moreOfFirst = new Int32Array(MORE_ADDRESS_WORDS);
  private readonly moreOfSecond = new Int32Array(MORE_ADDRESS_WORDS);
  private slot = 0;
  private hash = 0;

  /** Pairs: a connection's number, and the hash of its 4-tuple, so that only a true find is looked up in the store. */
  slots: Int32Array;
  used = 0;
  private readonly arena: Arena;
  private readonly found: Connection;
  private readonly store: ConnectionStore;
  readonly secrets: Int32Array;
  // The secrets of what every 4-tuple has.
  private readonly secretOfPorts: number;
  private readonly secretOfFirst: number;
  private readonly secretOfSecond: number;

  /** `found` is pointed at what is found. `seed` changes the hash, so that nobody can write a capture in which everything collides. */
  constructor(store: ConnectionStore, found: Connection, seed: number, arena: Arena = HEAP) {
    this.store = store;
    this.arena = arena;
    this.slots = arena.words(2 * 1024).fill(EMPTY);
    this.found = found;
    this.secrets = Int32Array.from({ length: 3 + 2 * MORE_ADDRESS_WORDS }, (_, i) => mix(mix(seed) + i) | 1);
    this.secretOfPorts = this.secrets[0]!;
    this.secretOfFirst = this.secrets[1]!;
    this.secretOfSecond = this.secrets[2]!;
  }

  /** The packet's connection, or -1 when its 4-tuple is new. */
  find(data: Uint8Array, { ip, ipVersion, tcp }: Located): number {
    const octets = dataViewOf(data);
    const ports = octets.getInt32(tcp);
    const hash = ipVersion === 4 ? this.readIpv4(octets, ip, ports) : this.readIpv6(octets, ip, ports);
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (;;) {
      const id = slots[slot]!;
      if (id === EMPTY || (slots[slot + 1] === hash && this.isNamed(id))) {
        this.slot = slot;
        this.hash = hash;
        return id;
      }
      slot = (slot + 2) & mask;
    }
  }

  /** Puts a new connection where the last `find` looked, before an older one of the same 4-tuple, and gives it its name. */
  enter(connection: Connection): void {
    const { slots, slot } = this;
    connection.name(this.first, this.second, this.ports);
    if (this.ipv6) connection.nameMore(this.moreOfFirst, this.moreOfSecond);
    if (slots[slot] === EMPTY) this.used++;
    slots[slot] = connection.id;
    slots[slot + 1] = this.hash;
    if (this.used * 4 > slots.length) this.grow();
  }

  get memory(): number {
    return this.slots.length * 4;
  }

  /** Puts the endpoints in order, and gives the hash of the 4-tuple. */
  private readIpv4(octets: DataView, ip: number, ports: number): number {
    const source = octets.getInt32(ip + 12);
    const destination = octets.getInt32(ip + 16);
    this.ipv6 = false;
    return this.order(
      source === destination ? (ports >>> 16) - (ports & 0xffff) : source < destination ? -1 : 1,
      source,
      destination,
      ports,
    );
  }

  private readIpv6(octets: DataView, ip: number, ports: number): number {
    const { moreOfFirst, moreOfSecond, secrets } = this;
    const source = ip + 8;
    const destination = ip + 24;
    let order = 0;
    for (let i = 0; order === 0 && i < 16; i += 4) order = compare(octets.getInt32(source + i), octets.getInt32(destination + i));
    if (order === 0) order = (ports >>> 16) - (ports & 0xffff);
    this.ipv6 = true;
    let hash = this.order(order, octets.getInt32(source), octets.getInt32(destination), ports);
    const [first, second] = order > 0 ? [destination, source] : [source, destination];
    for (let i = 0; i < MORE_ADDRESS_WORDS; i++) {
      moreOfFirst[i] = octets.getInt32(first + 4 + 4 * i);
      moreOfSecond[i] = octets.getInt32(second + 4 + 4 * i);
      hash = (hash + Math.imul(moreOfFirst[i]!, secrets[3 + 2 * i]!) + Math.imul(moreOfSecond[i]!, secrets[4 + 2 * i]!)) | 0;
    }
    return mix(hash);
  }

  /** Every word times a secret odd number: who does not know those can make no two keys collide but by chance. */
  private order(order: number, source: number, destination: number, portsAsSent: number): number {
    const fromSecond = order > 0;
    const first = fromSecond ? destination : source;
    const second = fromSecond ? source : destination;
    const ports = fromSecond ? (portsAsSent << 16) | (portsAsSent >>> 16) : portsAsSent;
    this.fromSecond = fromSecond;
    this.toItself = order === 0;
    this.first = first;
    this.second = second;
    this.ports = ports;
    return mix((Math.imul(ports, this.secretOfPorts) + Math.imul(first, this.secretOfFirst) + Math.imul(second, this.secretOfSecond)) | 0);
  }

  private isNamed(id: number): boolean {
    const { found, moreOfFirst, moreOfSecond } = this;
    this.store.seek(id, found);
    if (!found.isNamed(this.first, this.second, this.ports, this.ipv6)) return false;
    if (!this.ipv6) return true;
    for (let i = 0; i < MORE_ADDRESS_WORDS; i++)
      if (found.address(false, i + 1) !== moreOfFirst[i] || found.address(true, i + 1) !== moreOfSecond[i]) return false;
    return true;
  }

  private grow(): void {
    const old = this.slots;
    const larger = this.arena.words(old.length * 2).fill(EMPTY);
    const mask = larger.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === EMPTY) continue;
      let to = (old[from + 1]! << 1) & mask;
      while (larger[to] !== EMPTY) to = (to + 2) & mask;
      larger[to] = old[from]!;
      larger[to + 1] = old[from + 1]!;
    }
    this.slots = larger;
    this.arena.free(old);
  }
}

/** Which comes first is of no meaning, as long as it is the same for both directions. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Spreads every bit of a word over all 32 (a xorshift-multiply finalizer). */
function mix(h: number): number {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
