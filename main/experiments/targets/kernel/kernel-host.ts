import { readFileSync } from 'node:fs';
import { SYSCTL_DEFAULTS } from '../../../engine/sysctls.ts';
import { readCounters } from '../../../kernel/counters.ts';
import type { IpAddress } from '../../../wire/ip-address.ts';
import { err, ok, type Result } from '../../../wire/result.ts';
import type { Connection } from '../../lab/values.ts';
import type { Refusal, TargetHost, TargetProcess } from '../target.ts';
import type { KernelLab } from './kernel-lab.ts';
import { KernelProcess } from './kernel-process.ts';
import { same } from './open-socket.ts';
import { onlyOnEngine } from './refusals.ts';

/** A host of the script on this machine: addresses on loopback, and the processes that use them. */
export class KernelHost implements TargetHost {
  readonly name: string;
  readonly addresses: readonly IpAddress[];
  private readonly lab: KernelLab;
  private readonly processes: KernelProcess[] = [];
  private readonly before = readCounters();

  constructor(name: string, addresses: readonly IpAddress[], lab: KernelLab) {
    this.name = name;
    this.addresses = addresses;
    this.lab = lab;
  }

  process(name: string): Result<TargetProcess, Refusal> {
    const process = new KernelProcess(name, this, this.lab);
    this.processes.push(process);
    return ok(process);
  }

  /** As this machine has it. */
  sysctl(name: string): Result<number | readonly number[] | string, Refusal> {
    if (!Object.hasOwn(SYSCTL_DEFAULTS, name) || name.endsWith('_key')) return err({ message: `there is no sysctl "${name}"` });
    try {
      const text = readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
      const numbers = text.split(/\s+/).map(Number);
      if (numbers.some(Number.isNaN)) return ok(text);
      return ok(numbers.length === 1 ? numbers[0]! : numbers);
    } catch {
      return err({ message: `this machine's kernel has no sysctl "${name}"` });
    }
  }

  setSysctl(name: string): Result<null, Refusal> {
    return onlyOnEngine(`sysctl ${name}`, 'it would change the whole machine');
  }

  route(): Result<null, Refusal> {
    return onlyOnEngine('route', 'loopback has no routers');
  }

  /** Counted since the host was made, over the whole machine: the kernel counts for nobody alone. */
  counters(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(readCounters()).map(([name, count]) => [name, count - (this.before[name] ?? 0)]));
  }

  connections(): readonly Connection[] {
    return this.lab.tap.connections().flatMap(({ client, server }) =>
      [
        { local: client, remote: server },
        { local: server, remote: client },
      ].flatMap((ends) => {
        const [local, remote] = [this.lab.named(ends.local), this.lab.named(ends.remote)];
        if (this.lab.hostAt(local) !== this.name) return [];
        const { history } = ends.local;
        const owner = this.ownerOf((socket) => same(socket.local, local) && same(socket.remote, remote));
        return [{ local, remote, state: history.at(-1) ?? 'CLOSED', history, ...(owner && { owner }) }];
      }),
    );
  }

  private ownerOf(holds: Parameters<KernelProcess['descriptorOf']>[0]): Connection['owner'] {
    for (const process of this.processes) {
      const fd = process.descriptorOf(holds);
      if (fd !== undefined) return { process: process.name, fd };
    }
    return undefined;
  }
}
