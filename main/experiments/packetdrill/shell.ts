import type { Sysctls, SysctlValue } from '../../engine/sysctls.ts';
import { Miss } from './verdict.ts';

/** Reads a shell script named in a command, relative to the packetdrill script; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

/**
 * Tunables of Linux without a counterpart here, because what they tune is not in the engine (or no longer in Linux):
 * setting them is taken and changes nothing.
 */
const WITHOUT_EFFECT = new Set(['tcp_fack', 'tcp_dsack', 'tcp_recovery', 'tcp_ecn_option'].map((name) => `net.ipv4.${name}`));

/** Commands that change nothing a run depends on: each script has a host of its own, without a queueing discipline or a device that cuts up segments. */
const HARMLESS = [
  /^tc qdisc (del|delete) dev tun\d+ root$/,
  /^nstat\b/,
  /^ethtool -K tun\d+( (tso|gso|gro) off)+$/,
  /sysctl_restore_\S+\.sh$/,
  /^true$/,
  /^exit 0$/,
];

/** Settings of the kernel's modules that are here as they say. */
const USUAL = new Set(['echo 3 > /sys/module/tcp_cubic/parameters/hystart_detect']);

/** Runs the shell commands of a script: what sets tunables is done, what could not matter is left out, all else is refused by name. */
export class Shell {
  private readonly sysctls: Sysctls;
  private readonly readFile: ReadFile;
  private readonly forget: () => void;
  private readonly pace: (on: boolean) => void;

  /** `forget`: what the host remembers of others is gone (ip tcp_metrics flush all). `pace`: the interface spaces packets out (tc's fq), or no more. */
  constructor(sysctls: Sysctls, readFile: ReadFile, forget: () => void, pace: (on: boolean) => void) {
    this.sysctls = sysctls;
    this.readFile = readFile;
    this.forget = forget;
    this.pace = pace;
  }

  run(text: string, depth = 0): void {
    if (depth > 5) throw new Miss('unsupported', 'shell scripts call each other more than 5 deep');
    for (const line of commandsOf(text)) this.alternatives(line.split('||'), depth);
  }

  /** `one || other`: the other where the first cannot be done. */
  private alternatives([first, ...others]: readonly string[], depth: number): void {
    try {
      this.command(first!.trim(), depth);
    } catch (miss) {
      if (others.length === 0 || !(miss instanceof Miss)) throw miss;
      this.alternatives(others, depth);
    }
  }

  private command(line: string, depth: number): void {
    const command = line.replace(/\s*(\d|&)?>\s*(&\d|\S+)/g, '').trim();
    if (line.startsWith('echo') && USUAL.has(line.replaceAll(/\s+/g, ' '))) return;
    if (command === '' || HARMLESS.some((pattern) => pattern.test(command))) return;
    const discipline = /^tc qdisc (?:add|replace) dev tun\d+ root(?: (pfifo|fq))?$/.exec(command);
    if (discipline) {
      this.pace(discipline[1] === 'fq');
      return;
    }
    if (command === 'ip tcp_metrics flush all') {
      this.forget();
      return;
    }
    const [name, ...args] = wordsOf(command);
    const called = name!.split('/').at(-1)!;
    if (called === 'sysctl')
      this.assign(
        args.filter((arg) => !arg.startsWith('-')),
        line,
      );
    else if (called === 'set_sysctls.py') this.assign(args, line);
    else if (called.endsWith('.sh')) this.script(name!, depth);
    else
      throw new Miss(
        'unsupported',
        `the shell command \`${called}\` cannot be run here; sysctl, set_sysctls.py and shell scripts made of them can: ${line}`,
      );
  }

  private script(path: string, depth: number): void {
    const text = this.readFile(path);
    if (text === undefined) throw new Miss('unsupported', `the shell script ${path} cannot be read`);
    this.run(text, depth + 1);
  }

  /** `net.ipv4.tcp_sack=1`, `net.ipv4.tcp_rmem="4096 540000 15728640"`, `/proc/sys/net/ipv4/tcp_sack=1` */
  private assign(words: readonly string[], line: string): void {
    for (const word of words) {
      const [key, ...rest] = word.split('=');
      if (rest.length === 0) throw new Miss('unsupported', `sysctl sets tunables here (NAME=VALUE), and does nothing else: ${line}`);
      const name = key!.replace(/^\/proc\/sys\//, '').replaceAll('/', '.');
      if (!WITHOUT_EFFECT.has(name)) this.set(name, rest.join('='));
    }
  }

  private set(name: string, text: string): void {
    try {
      this.sysctls.set(name, readValue(text));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Miss('unsupported', error.message.split(';')[0]!);
    }
  }
}

/** Each command of a text, comments left out. */
function commandsOf(text: string): string[] {
  const joined = text
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/\$\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)/g, (_all, sum: string) => String(reckon(sum)));
  const lines = joined.split('\n').map((line) => line.replace(/(^|\s)#.*$/, ''));
  return lines.flatMap((line) => line.split(/;|&&/)).map((line) => line.trim());
}

/** Products of whole numbers, as `$((15*1024*1024))`. */
function reckon(sum: string): number {
  const factors = sum.split('*').map((factor) => Number(factor.trim()));
  if (!factors.every((factor) => Number.isSafeInteger(factor)))
    throw new Miss('unsupported', `the shell's arithmetic is only multiplied here: $((${sum}))`);
  return factors.reduce((product, factor) => product * factor, 1);
}

/** Splits at blanks, quotes taken off. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, ''));

function readValue(text: string): SysctlValue {
  const parts = text.trim().split(/[\s,]+/);
  const numbers = parts.map(Number);
  if (!numbers.every((n) => Number.isInteger(n))) return text.trim();
  return numbers.length === 1 ? numbers[0]! : numbers;
}
