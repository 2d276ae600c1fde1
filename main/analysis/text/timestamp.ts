/** Seconds to add to UTC for the local time at a moment (seconds since 1970); positive east of Greenwich. */
export type UtcOffset = (seconds: number) => number;

export const UTC: UtcOffset = () => 0;

const DAY = 86_400;

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** "12:34:56.123456": time of day with microseconds, as tcpdump prints it by default; finer digits are cut, not rounded. */
export function timestampText(seconds: number, nanoseconds: number, utcOffset: UtcOffset): string {
  const local = seconds + utcOffset(seconds);
  const ofDay = ((local % DAY) + DAY) % DAY;
  const micros = Math.floor(nanoseconds / 1000);
  return `${two(Math.floor(ofDay / 3600))}:${two(Math.floor(ofDay / 60) % 60)}:${two(ofDay % 60)}.${String(micros).padStart(6, '0')}`;
}
