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

/** By the Gregorian calendar; undefined where there is no such day. */
function daysSince1970(year: number, month: number, day: number): number | undefined {
  const length = (LENGTHS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);
  if (day < 1 || day > length) return undefined;
  const before = year - 1;
  const untilYear = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const inYear = LENGTHS.slice(0, month - 1).reduce((sum, days) => sum + days, 0) + (month > 2 && isLeap(year) ? 1 : 0);
  return untilYear + inYear + day - 1 - 719_162;
}
