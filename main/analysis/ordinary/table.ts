import { ADDRESS_FIRST, ADDRESS_SECOND, LIFE, PORTS } from '../connection-words.ts';
import { LIFE_IPV6 } from './codes.ts';
import * as at from './layout.ts';
import { be32, connectionAt, get } from './memory.ts';

// The 4-tuple looked up last, and its place in the table; `../flow-table.ts` is the same in its own words.
export let fromSecond: bool = false;
export let toItself: bool = false;
export let first: i32 = 0;
export let second: i32 = 0;
export let ports: i32 = 0;
let slot: i32 = 0;
let hash: i32 = 0;

const EMPTY = -1;

/** The connection of an IPv4 packet, or -1 when its 4-tuple is new. */
export function find(ip: i32, tcp: i32): i32 {
  const source = be32(ip + 12);
  const destination = be32(ip + 16);
  const asSent = be32(tcp);
  const order = source === destination ? (asSent >>> 16) - (asSent & 0xffff) : source < destination ? -1 : 1;
  fromSecond = order > 0;
  toItself = order === 0;
  first = fromSecond ? destination : source;
  second = fromSecond ? source : destination;
  ports = fromSecond ? rotl<i32>(asSent, 16) : asSent;
  hash = mix(ports * load<i32>(at.SECRETS) + first * load<i32>(at.SECRETS + 4) + second * load<i32>(at.SECRETS + 8));
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

/** The slot is its own, or nobody's. */
function isHere(): bool {
  const id = load<i32>(slot);
  return id === EMPTY || (load<i32>(slot + 4) === hash && isNamed(id));
}

function isNamed(id: i32): bool {
  const connection = connectionAt(id);
  return (
    get(connection, PORTS) === ports &&
    get(connection, ADDRESS_FIRST) === first &&
    get(connection, ADDRESS_SECOND) === second &&
    (get(connection, LIFE) & LIFE_IPV6) === 0
  );
}

/** There is room for one more before the table must grow. */
export function hasRoom(): bool {
  return (load<i32>(at.TABLE_USED) + 1) * 4 <= load<i32>(at.TABLE_MASK) + 1;
}

/** Puts a new connection where `find` found nothing. */
export function enter(id: i32): void {
  store<i32>(slot, id);
  store<i32>(slot + 4, hash);
  store<i32>(at.TABLE_USED, load<i32>(at.TABLE_USED) + 1);
}

/** The same finalizer as `../flow-table.ts` has. */
function mix(h: i32): i32 {
  let x = h;
  x = (x ^ (x >>> 16)) * 0x21f0aaad;
  x = (x ^ (x >>> 15)) * 0x735a2d97;
  return x ^ (x >>> 15);
}
