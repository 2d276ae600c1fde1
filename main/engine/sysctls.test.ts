import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { expect, test } from 'vitest';
import { SYSCTL_DEFAULTS, type SysctlName, Sysctls } from './sysctls.ts';

/** Never changed between kernels 5 and 6, and seldom tuned by anybody. */
const EVERYWHERE: readonly SysctlName[] = [
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_orphan_retries',
  'net.ipv4.tcp_retries2',
  'net.ipv4.tcp_sack',
  'net.ipv4.tcp_stdurg',
  'net.ipv4.tcp_synack_retries',
  'net.ipv4.tcp_window_scaling',
];
/** What the kernel computes from its memory, and what its builder chooses. */
const PER_MACHINE: readonly string[] = [
  'net.ipv4.tcp_allowed_congestion_control',
  'net.ipv4.tcp_congestion_control',
  'net.ipv4.tcp_fastopen_key',
  'net.ipv4.tcp_max_orphans',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_mem',
];

/** What this machine's kernel shows; undefined where it is no Linux or does not know the name. */
function kernelShows(name: string): string | undefined {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim().replaceAll('\t', ' ') : undefined;
}

const ours = (name: SysctlName): string => [SYSCTL_DEFAULTS[name]].flat().join(' ');

test('defaults are those of Linux 6.18, as a running kernel shows them', () => {
  const is618 = release().startsWith('6.18.');
  const names = is618 ? (Object.keys(SYSCTL_DEFAULTS) as SysctlName[]).filter((name) => !PER_MACHINE.includes(name)) : EVERYWHERE;
  for (const name of names) {
    const theirs = kernelShows(name);
    if (theirs !== undefined) expect(`${name} = ${ours(name)}`).toBe(`${name} = ${theirs}`);
  }
});

test('a name that does not exist and a value of the wrong shape are refused with what would be right', () => {
  const sysctls = new Sysctls();
  expect(() => sysctls.set('net.ipv4.tcp_magic', 1)).toThrow('no sysctl "net.ipv4.tcp_magic"; there are net.core.somaxconn,');
  expect(() => sysctls.set('net.ipv4.tcp_rmem', 1)).toThrow('takes 3 whole number(s) from 0 up, such as [4096,131072,33554432]');
  expect(() => sysctls.set('net.ipv4.tcp_sack', -1)).toThrow('takes 1 whole number(s)');
});
