import type { Side } from '../record.ts';

/** A span of nanoseconds as people say it. */
export function span(nanoseconds: number): string {
  const seconds = nanoseconds / 1e9;
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  if (seconds >= 10) return `${Math.round(seconds)} s`;
  if (seconds >= 1) return `${seconds.toFixed(1)} s`;
  if (seconds >= 0.01) return `${Math.round(seconds * 1e3)} ms`;
  if (seconds >= 0.001) return `${(seconds * 1e3).toFixed(1)} ms`;
  return `${Math.round(seconds * 1e6)} µs`;
}

export const octets = (n: number): string =>
  n >= 10e6 ? `${Math.round(n / 1e6)} MB` : n >= 10e3 ? `${Math.round(n / 1e3)} kB` : `${n} octets`;

/** "one segment", "3 segments". */
export const counted = (n: number, one: string, many = `${one}s`): string => (n === 1 ? `one ${one}` : `${n} ${many}`);

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** "The client", at the start of a sentence. */
export const The = (side: Side): string => (side === 'client' ? 'The client' : 'The server');
export const the = (side: Side): string => `the ${side}`;
