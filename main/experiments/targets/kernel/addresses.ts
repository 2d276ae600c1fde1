import { type IpAddress, parseIpAddress } from '../../../wire/ip-address.ts';
import { err, ok, type Result } from '../../../wire/result.ts';
import type { Refusal } from '../target.ts';

const MAPPED = '::ffff:';
/** Of the 254 addresses of the run's block; the last one is for the marks of `Observation`. */
const MOST_ADDRESSES = 253;

export const isLoopback = (address: IpAddress): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith(`${MAPPED}127.`);

/**
 * The addresses of a script's hosts on this machine. One that is not of loopback stands for one of 127.0.0.0/8, in a /24 that
 * the run has to itself; the script sees its own addresses everywhere. Nothing outside loopback has a place here.
 */
export class Addresses {
  /** The first three octets of the run's block. */
  private readonly block: string;
  private readonly real = new Map<IpAddress, IpAddress>();
  private readonly script = new Map<IpAddress, IpAddress>();

  /** `number` chooses the block, 0 to 65535: 127.0.0 itself is left to the machine. */
  constructor(number: number) {
    this.block = `127.${1 + ((number >> 8) % 254)}.${number & 0xff}`;
  }

  get forMarks(): IpAddress {
    return `${this.block}.254` as IpAddress;
  }

  isInBlock(real: IpAddress): boolean {
    return real.startsWith(`${this.block}.`);
  }

  /** Gives a host's address its place. */
  add(address: IpAddress): Result<null, Refusal> {
    if (this.real.has(address) || isLoopback(address)) return ok(null);
    if (address.includes(':'))
      return err({ message: `${address} has no place on loopback: IPv6 has one address there; use ::1, or IPv4, or the engine` });
    if (this.real.size >= MOST_ADDRESSES) return err({ message: `a run on the kernel has room for ${MOST_ADDRESSES} addresses` });
    const real = `${this.block}.${this.real.size + 1}` as IpAddress;
    this.real.set(address, real);
    this.script.set(real, address);
    return ok(null);
  }

  /** Where an address of the script is; undefined when it is outside loopback. */
  toReal(address: IpAddress): IpAddress | undefined {
    if (address.startsWith(MAPPED)) return mapped(address, (inner) => this.toReal(inner));
    return this.real.get(address) ?? (isLoopback(address) ? address : undefined);
  }

  toScript(real: IpAddress): IpAddress {
    if (real.startsWith(MAPPED)) return mapped(real, (inner) => this.toScript(inner)) ?? real;
    return this.script.get(real) ?? real;
  }
}

/** The same for the IPv4 address inside an IPv6 one. */
function mapped(address: IpAddress, change: (inner: IpAddress) => IpAddress | undefined): IpAddress | undefined {
  const inner = parseIpAddress(address.slice(MAPPED.length));
  const changed = inner && change(inner);
  return changed && parseIpAddress(`${MAPPED}${changed}`);
}
