import { readFileSync } from 'node:fs';

/** The counters of this machine's TCP and UDP by name, from /proc/net/netstat and /proc/net/snmp (proc(5)); TCP's where a name stands twice. */
export function readCounters(): Readonly<Record<string, number>> {
  const counters: Record<string, number> = {};
  for (const path of ['/proc/net/netstat', '/proc/net/snmp']) {
    // Two lines for each protocol: its names, then its numbers.
    const lines = read(path).split('\n');
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const [protocol, ...names] = lines[i]!.split(' ');
      const numbers = lines[i + 1]!.split(' ').slice(1).map(Number);
      names.forEach((name, n) => {
        if (protocol === 'Tcp:' || !(name in counters)) counters[name] = numbers[n] ?? 0;
      });
    }
  }
  return counters;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
