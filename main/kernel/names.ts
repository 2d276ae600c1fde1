import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** The names of this machine's own users by number (passwd(5)); a directory service's are not among them. */
export const userNames = (): ReadonlyMap<number, string> =>
  new Map(
    read('/etc/passwd')
      .split('\n')
      .map((line) => line.split(':'))
      .flatMap(([name, , uid]): [number, string][] => (name && uid ? [[Number(uid), name]] : [])),
  );

/** The names of the interfaces by index. */
export function interfaceNames(): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  try {
    for (const name of readdirSync('/sys/class/net')) names.set(Number(read(`/sys/class/net/${name}/ifindex`)), name);
  } catch {
    // Without sysfs they stay numbers.
  }
  return names;
}
