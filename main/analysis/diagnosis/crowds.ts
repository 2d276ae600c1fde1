import type { Connection } from '../connection-store.ts';

/** From so many of a kind on it is worth a word. */
export const PILE = 20;

/** Room for a capture of few connections, and at most: four octets each. */
const FEWEST = 1 << 10;
const MOST = 1 << 22;

/**
 * How many connections share what makes them alike, by a number made of that. Some may fall together by chance, so a crowd may turn
 * out to be none; what is no crowd surely is none.
 */
export class Crowds {
  private readonly counts: Uint32Array;

  /** For so many connections. */
  constructor(connections: number) {
    let size = FEWEST;
    while (size < connections && size < MOST) size *= 2;
    this.counts = new Uint32Array(size);
  }

  add(likeness: number): void {
    this.counts[likeness & (this.counts.length - 1)]!++;
  }

  has(likeness: number): boolean {
    return this.counts[likeness & (this.counts.length - 1)]! >= PILE;
  }
}

const CLIENT = 1;
const SERVER = 2;
const PAIR = 3;

/** All connections of a client. `second`: the client is the connection's second endpoint. */
export const clientOf = (connection: Connection, second: boolean): number => mixAddress(CLIENT, connection, second);

/** All connections to a port of a server. */
export const serverOf = (connection: Connection, second: boolean): number =>
  mix(mixAddress(SERVER, connection, !second), connection.port(!second));

/** All connections of a client to a port of a server. */
export const pairOf = (connection: Connection, second: boolean): number =>
  mix(mixAddress(mixAddress(PAIR, connection, second), connection, !second), connection.port(!second));

function mixAddress(likeness: number, connection: Connection, second: boolean): number {
  let mixed = likeness;
  for (let word = 0; word < 4; word++) mixed = mix(mixed, connection.address(second, word));
  return mixed;
}

/** Spreads what is added over all bits (the finish of MurmurHash3). */
function mix(likeness: number, word: number): number {
  let h = Math.imul(likeness ^ word, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
