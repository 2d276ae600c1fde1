import type { Located } from '../wire/locate.ts';
import { dataViewOf } from '../wire/octets.ts';
import { type Connection, type ConnectionStore, Life } from './connection-store.ts';

const EMPTY = -1;

/**
 * Finds the newest connection of a 4-tuple: open addressing over connection numbers, the keys themselves lying in the
 * connection store. The two endpoints are put in order first, so both directions meet in one slot.
 */
export class FlowTable {
  /** The endpoints of the last packet looked up, in order. */
  readonly first = new Int32Array(4);
  readonly second = new Int32Array(4);
  ports = 0;
  ipv6 = false;
  /** That packet was sent by the second endpoint. */
  fromSecond = false;
  /** Its source and destination are the same. */
  toItself = false;

  /** Pairs: a connection's number, and the hash of its 4-tuple, so that only a true find is looked up in the store. */
  private slots = new Int32Array(2 * 1024).fill(EMPTY);
  private used = 0;
  private slot = 0;
  private hash = 0;
  private readonly found: Connection;
  private readonly store: ConnectionStore;
  private readonly secrets: Int32Array;

  /** `found` is pointed at what is found. `seed` changes the hash, so that nobody can write a capture in which everything collides. */
  constructor(store: ConnectionStore, found: Connection, seed: number) {
    this.store = store;
    this.found = found;
    this.secrets = Int32Array.from({ length: 9 }, (_, i) => mix(mix(seed) + i) | 1);
  }

  /** The packet's connection, or -1 when its 4-tuple is new. Leaves the endpoints in this table's fields. */
  find(data: Uint8Array, at: Located, srcPort: number, dstPort: number): number {
    this.readEndpoints(data, at, srcPort, dstPort);
    const { slots } = this;
    const mask = slots.length - 1;
    const hash = this.digest();
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

  /** Puts a new connection where the last `find` looked, before an older one of the same 4-tuple. */
  enter(id: number): void {
    const { slots, slot } = this;
    if (slots[slot] === EMPTY) this.used++;
    slots[slot] = id;
    slots[slot + 1] = this.hash;
    if (this.used * 4 > slots.length) this.grow();
  }

  get memory(): number {
    return this.slots.length * 4;
  }

  /** Of IPv4 addresses, only the first words are written and read. */
  private readEndpoints(data: Uint8Array, at: Located, srcPort: number, dstPort: number): void {
    const octets = dataViewOf(data);
    this.ipv6 = at.ipVersion === 6;
    const words = this.ipv6 ? 4 : 1;
    const source = at.ip + (this.ipv6 ? 8 : 12);
    const destination = source + 4 * words;
    let order = 0;
    for (let i = 0; order === 0 && i < words; i++) order = compare(octets.getInt32(source + 4 * i), octets.getInt32(destination + 4 * i));
    if (order === 0) order = compare(srcPort, dstPort);
    this.fromSecond = order > 0;
    this.toItself = order === 0;
    const from = this.fromSecond ? this.second : this.first;
    const to = this.fromSecond ? this.first : this.second;
    for (let i = 0; i < words; i++) {
      from[i] = octets.getInt32(source + 4 * i);
      to[i] = octets.getInt32(destination + 4 * i);
    }
    this.ports = this.fromSecond ? (dstPort << 16) | srcPort : (srcPort << 16) | dstPort;
  }

  private isNamed(id: number): boolean {
    const c = this.found;
    this.store.seek(id, c);
    if (c.ports !== this.ports || c.has(Life.IPV6) !== this.ipv6) return false;
    if (c.address(false, 0) !== this.first[0] || c.address(true, 0) !== this.second[0]) return false;
    if (!this.ipv6) return true;
    for (let i = 1; i < 4; i++) if (c.address(false, i) !== this.first[i] || c.address(true, i) !== this.second[i]) return false;
    return true;
  }

  /** Every word times a secret odd number: who does not know those can make no two keys collide but by chance. */
  private digest(): number {
    const { first, second, secrets } = this;
    let h = (Math.imul(this.ports, secrets[0]!) + Math.imul(first[0]!, secrets[1]!) + Math.imul(second[0]!, secrets[2]!)) | 0;
    if (this.ipv6)
      for (let i = 1; i < 4; i++) h = (h + Math.imul(first[i]!, secrets[2 * i + 1]!) + Math.imul(second[i]!, secrets[2 * i + 2]!)) | 0;
    return mix(h);
  }

  private grow(): void {
    const old = this.slots;
    const larger = new Int32Array(old.length * 2).fill(EMPTY);
    const mask = larger.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === EMPTY) continue;
      let to = (old[from + 1]! << 1) & mask;
      while (larger[to] !== EMPTY) to = (to + 2) & mask;
      larger[to] = old[from]!;
      larger[to + 1] = old[from + 1]!;
    }
    this.slots = larger;
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
