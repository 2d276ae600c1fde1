/** Seconds as people read them, with the unit that keeps three or four digits: 0 s, 42 µs, 1.204 ms, 61.204 s, 5:02 min. */
export function formatDuration(seconds: number): string {
  const s = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (s === 0) return '0 s';
  if (s < 0.5e-6) return `${sign}${Math.round(s * 1e9)} ns`;
  if (s < 0.9995e-3) return `${sign}${trim(s * 1e6)} µs`;
  if (s < 0.9995) return `${sign}${trim(s * 1e3)} ms`;
  if (s < 120) return `${sign}${trim(s)} s`;
  if (s < 7200) return `${sign}${Math.floor(s / 60)}:${pad(Math.floor(s % 60))} min`;
  return `${sign}${Math.floor(s / 3600)}:${pad(Math.floor((s % 3600) / 60))} h`;
}

/** A moment on the session's own clock, to the microsecond, as tables show it. */
export const formatMoment = (seconds: number): string => `${seconds.toFixed(6)}`;

/** A tick of an axis whose ticks lie `step` seconds apart: no more digits than the step needs. */
export function formatTick(seconds: number, step: number): string {
  if (Math.abs(seconds) < step / 1e6) return '0';
  if (step >= 60) return `${Math.floor(seconds / 60)}:${pad(Math.round(seconds % 60))}`;
  if (step >= 1) return `${Math.round(seconds)} s`;
  if (step >= 1e-3) return seconds < 1 ? `${fixed(seconds * 1e3, step * 1e3)} ms` : `${fixed(seconds, step)} s`;
  if (step >= 1e-6) return seconds < 1e-3 ? `${fixed(seconds * 1e6, step * 1e6)} µs` : `${fixed(seconds * 1e3, step * 1e3)} ms`;
  return `${fixed(seconds * 1e6, step * 1e6)} µs`;
}

const fixed = (value: number, step: number): string => value.toFixed(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
const trim = (value: number): string =>
  (value < 10 ? value.toFixed(3) : value < 100 ? value.toFixed(2) : value.toFixed(1)).replace(/\.?0+$/, '');
const pad = (n: number): string => String(n).padStart(2, '0');
