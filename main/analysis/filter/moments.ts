const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/;
const LEGACY = /^([A-Z][a-z]{2}) +(\d{1,2}), (\d{4}) +(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC)?$/;

/**
 * "2026-03-01 12:00:00.5", "2026-03-01T12:00:00+01:00" or "Mar 1, 2026 12:00:00", in nanoseconds since 1970; undefined where the
 * text is none of these. Without a zone it is UTC: a filter means the same wherever it is read.
 */
export function readMoment(text: string): bigint | undefined {
  const legacy = LEGACY.exec(text);
  if (legacy) {
    const [, month, day, year, hour, minute, second, fraction] = legacy;
    return moment([Number(year), MONTHS.indexOf(month!) + 1, Number(day)], [hour, minute, second], fraction, 'Z');
  }
  const iso = ISO.exec(text);
  if (!iso) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = iso;
  return moment([Number(year), Number(month), Number(day)], [hour, minute, second], fraction, zone ?? 'Z');
}

/** As `readMoment` reads it: "2026-03-01 12:00:00.500000000", in UTC. */
export function momentText(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const fraction = ((nanoseconds % second) + second) % second;
  const seconds = Number((nanoseconds - fraction) / second);
  const days = Math.floor(seconds / 86_400);
  const inDay = seconds - days * 86_400;
  const two = (n: number) => String(n).padStart(2, '0');
  const time = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60].map(two).join(':');
  return `${dateText(days)} ${time}.${fraction.toString().padStart(9, '0')}`;
}

/** The Gregorian date so many days after the first of January 1970. */
function dateText(days: number): string {
  // A guess by the mean length of a year is off by one at most.
  let year = 1970 + Math.floor(days / 365.2425);
  if (daysUntil(year) > days) year--;
  if (daysUntil(year + 1) <= days) year++;
  let month = 0;
  let left = days - daysUntil(year);
  for (; left >= lengthOf(year, month + 1); month++) left -= lengthOf(year, month + 1);
  return `${String(year).padStart(4, '0')}-${String(month + 1).padStart(2, '0')}-${String(left + 1).padStart(2, '0')}`;
}

type Text = string | undefined;

function moment([year, month, day]: [number, number, number], time: readonly Text[], fraction: Text, zone: string): bigint | undefined {
  const [hour, minute, second] = time.map((part) => Number(part ?? 0)) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const days = daysSince1970(year, month, day);
  if (days === undefined) return undefined;
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offsetOf(zone);
  return BigInt(seconds) * 1_000_000_000n + BigInt((fraction ?? '').padEnd(9, '0'));
}

/** Seconds that a zone's clock is ahead of UTC. */
function offsetOf(zone: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!found) return 0;
  const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60;
  return found[1] === '-' ? -seconds : seconds;
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lengthOf = (year: number, month: number): number => (LENGTHS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);

/** Days from 1970 to the first of January of a year. */
function daysUntil(year: number): number {
  const before = year - 1;
  return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162;
}

/** By the Gregorian calendar; undefined where there is no such day. */
function daysSince1970(year: number, month: number, day: number): number | undefined {
  if (day < 1 || day > lengthOf(year, month)) return undefined;
  let inYear = day - 1;
  for (let passed = 1; passed < month; passed++) inYear += lengthOf(year, passed);
  return daysUntil(year) + inYear;
}
