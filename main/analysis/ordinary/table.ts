import { ADDRESS_FIRST, ADDRESS_SECOND, LIFE, PORTS } from '../connection-words.ts';
import { LIFE_IPV6 } from './codes.ts';
import * as at from './layout.ts';
import { ip, tcp, version } from './locate.ts';
import { be32, connectionAt, get, moreAddressesAt, set } from './memory.ts';

// The 4-tuple looked up last, and its place in the table; `../flow-table.ts` is the same in its own words.
export let fromSecond: bool = false;
export let toItself: bool = false;
let ports: i32 = 0;
/** Where the addresses of the first and the second endpoint stand in the packet. */
let first: i32 = 0;
let second: i32 = 0;
let slot: i32 = 0;
let hash: i32 = 0;

const EMPTY = -1;
/** Words that an IPv6 address has beyond the first. */
const MORE = 3;

/** The connection of the segment found last, or -1 when its 4-tuple is new. */
export function find(): i32 {
  const size = version === 4 ? 4 : 16;
  const source = version === 4 ? ip + 12 : ip + 8;
  const asSent = be32(tcp);
  const order = compare(source, source + size, asSent);
  fromSecond = order > 0;
  toItself = order === 0;
  first = fromSecond ? source + size : source;
  second = fromSecond ? source : source + size;
  ports = fromSecond ? rotl<i32>(asSent, 16) : asSent;
  hash = hashOf();
  const table = load<i32>(at.TABLE);
  const mask = load<i32>(at.TABLE_MASK);
  let word = (hash << 1) & mask;
  slot = table + (word << 2);
  while (!isHere()) {
    word = (word + 2) & mask;
    slot = table + (word << 2);
  }
  return load<i32>(slot);
}

/** Which comes first is of no meaning, as long as it is the same for both directions. */
function compare(source: i32, destination: i32, asSent: i32): i32 {
  for (let at = source; at < destination; at += 4) {
    const a = be32(at);
    const b = be32(at - source + destination);
    if (a !== b) return a < b ? -1 : 1;
  }
  return (asSent >>> 16) - (asSent & 0xffff);
}

function secret(i: i32): i32 {
  return load<i32>(at.SECRETS + (i << 2));
}

/** Every word times a secret odd number. */
function hashOf(): i32 {
  let h = mix(ports * secret(0) + be32(first) * secret(1) + be32(second) * secret(2));
  if (version === 4) return h;
  for (let i = 1; i <= MORE; i++) h += be32(first + 4 * i) * secret(1 + 2 * i) + be32(second + 4 * i) * secret(2 + 2 * i);
  return mix(h);
}

/** The slot is its own, or nobody's. */
function isHere(): bool {
  const id = load<i32>(slot);
  return id === EMPTY || (load<i32>(slot + 4) === hash && isNamed(id));
}

function isNamed(id: i32): bool {
  const connection = connectionAt(id);
  if (get(connection, PORTS) !== ports || get(connection, ADDRESS_FIRST) !== be32(first)) return false;
  if (get(connection, ADDRESS_SECOND) !== be32(second)) return false;
  const isIpv6 = (get(connection, LIFE) & LIFE_IPV6) !== 0;
  return isIpv6 ? version === 6 && hasMore(id) : version === 4;
}

function hasMore(id: i32): bool {
  const more = moreAddressesAt(id);
  for (let i = 0; i < MORE; i++)
    if (get(more, i) !== be32(first + 4 + 4 * i) || get(more, MORE + i) !== be32(second + 4 + 4 * i)) return false;
  return true;
}

/** There is room for connection `id` before the table must grow, and for its addresses. */
export function hasRoom(id: i32): bool {
  return (load<i32>(at.TABLE_USED) + 1) * 4 <= load<i32>(at.TABLE_MASK) + 1 && (version === 4 || moreAddressesAt(id) !== 0);
}

/** Puts a new connection where `find` found nothing, and gives it its name. */
export function enter(id: i32): void {
  store<i32>(slot, id);
  store<i32>(slot + 4, hash);
  store<i32>(at.TABLE_USED, load<i32>(at.TABLE_USED) + 1);
  const connection = connectionAt(id);
  set(connection, PORTS, ports);
  set(connection, ADDRESS_FIRST, be32(first));
  set(connection, ADDRESS_SECOND, be32(second));
  if (version === 4) return;
  set(connection, LIFE, get(connection, LIFE) | LIFE_IPV6);
  const more = moreAddressesAt(id);
  for (let i = 0; i < MORE; i++) {
    set(more, i, be32(first + 4 + 4 * i));
    set(more, MORE + i, be32(second + 4 + 4 * i));
  }
}

/** The same finalizer as `../flow-table.ts` has. */
function mix(h: i32): i32 {
  let x = h;
  x = (x ^ (x >>> 16)) * 0x21f0aaad;
  x = (x ^ (x >>> 15)) * 0x735a2d97;
  return x ^ (x >>> 15);
}
