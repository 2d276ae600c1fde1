import { WORDS as CONNECTION_WORDS } from '../connection-words.ts';
import * as at from './layout.ts';

/** Big-endian reads, the byte order of every header. */
export function be16(address: i32): i32 {
  return bswap<u16>(load<u16>(address)) as i32;
}
export function be32(address: i32): i32 {
  return bswap<i32>(load<i32>(address));
}

/** The word number `word` of what lies at `address`. */
export function get(address: i32, word: i32): i32 {
  return load<i32>(address + (word << 2));
}
export function set(address: i32, word: i32, value: i32): void {
  store<i32>(address + (word << 2), value);
}
/** The number of 64 bits that begins with word number `word`. */
export function getFloat(address: i32, word: i32): f64 {
  return load<f64>(address + (word << 2));
}
export function setFloat(address: i32, word: i32, value: f64): void {
  store<f64>(address + (word << 2), value);
}

// Where pages have their things. So many lie in a page, as powers of two: `codes.test.ts` compares them.
export const ROWS_SHIFT = 12;
export const CONNECTIONS_SHIFT = 9;
export const RECORDS_SHIFT = 12;
const ROW_SIZE_SHIFT = 6;
const RECORD_SIZE_SHIFT = 4;
const MORE_ADDRESSES_SIZE = 24;

function page(pages: i32, number: i32): i32 {
  return load<i32>(pages + (number << 2));
}

export function rowAt(row: i32): i32 {
  return page(at.ROW_PAGES, row >>> ROWS_SHIFT) + ((row & ((1 << ROWS_SHIFT) - 1)) << ROW_SIZE_SHIFT);
}

export function connectionAt(id: i32): i32 {
  return page(at.CONNECTION_PAGES, id >>> CONNECTIONS_SHIFT) + (id & ((1 << CONNECTIONS_SHIFT) - 1)) * (4 * CONNECTION_WORDS);
}

/** The words that the IPv6 addresses of a connection have beyond the first, the first endpoint's and then the second's; 0 where its page has none. */
export function moreAddressesAt(id: i32): i32 {
  const more = get(page(at.CONNECTION_PAGES, id >>> CONNECTIONS_SHIFT), CONNECTION_WORDS << CONNECTIONS_SHIFT);
  return more === 0 ? 0 : more + (id & ((1 << CONNECTIONS_SHIFT) - 1)) * MORE_ADDRESSES_SIZE;
}

/** A record of one of the logs, changes or events. */
export function recordAt(pages: i32, place: i32): i32 {
  return page(pages, place >>> RECORDS_SHIFT) + ((place & ((1 << RECORDS_SHIFT) - 1)) << RECORD_SIZE_SHIFT);
}
