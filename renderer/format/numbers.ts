const grouped = new Intl.NumberFormat('en-US');

/** Thousands apart, the same in every language of the window: 12,408. */
export const formatCount = (n: number): string => grouped.format(n);

/** Octets with binary prefixes: 512 B, 64 KiB, 1.5 MiB. */
export function formatOctets(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = octets;
  let unit = -1;
  do {
    value /= 1024;
    unit++;
  } while (value >= 1024 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${units[unit]}`;
}
