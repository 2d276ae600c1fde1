import { Random } from '../../engine/random.ts';
import { err, ok, type Result } from '../../wire/result.ts';
import { nameHash } from '../name-hash.ts';

export type ParameterValue = string | number | boolean;

/** Values a parameter may take from run to run. */
export type Variation =
  | { readonly among: readonly ParameterValue[] }
  | { readonly from: number; readonly to: number; readonly step?: number | undefined };

/** The run that everybody shares: in it every parameter has its default. */
const SHARED_SEED = 1;

/**
 * The named values of a run. One that whoever started the run has set is that; otherwise one with a variation is drawn by
 * the seed, so that every student's seed gives a task of its own; otherwise, and with seed 1, it is the default.
 */
export class Parameters {
  private readonly given: Readonly<Record<string, ParameterValue>>;
  private readonly seed: number;
  private readonly asked = new Map<string, ParameterValue>();

  constructor(given: Readonly<Record<string, ParameterValue>>, seed: number) {
    this.given = given;
    this.seed = seed;
  }

  value(name: string, otherwise: ParameterValue, variation: Variation | undefined): Result<ParameterValue, string> {
    const chosen = Object.hasOwn(this.given, name)
      ? likeDefault(name, this.given[name]!, otherwise)
      : ok(variation && this.seed !== SHARED_SEED ? this.draw(name, variation) : otherwise);
    if (chosen.ok) this.asked.set(name, chosen.value);
    return chosen;
  }

  /** What the script has asked for, and got. */
  used(): Readonly<Record<string, ParameterValue>> {
    return Object.fromEntries(this.asked);
  }

  /** The same for the same seed and name, whatever else the script draws. */
  private draw(name: string, variation: Variation): ParameterValue {
    const at = new Random((nameHash(name) % 2 ** 21) * 2 ** 32 + this.seed).unit();
    if ('among' in variation) return variation.among[Math.floor(at * variation.among.length)]!;
    const { from, to, step = 1 } = variation;
    const value = from + step * Math.floor(at * (Math.floor((to - from) / step) + 1));
    return Number(value.toPrecision(12)); // 0.1 * 3 is 0.3 to a reader
  }
}

/** A command line knows only text: the default tells what is meant. */
function likeDefault(name: string, given: ParameterValue, otherwise: ParameterValue): Result<ParameterValue, string> {
  if (typeof given === typeof otherwise) return ok(given);
  if (typeof otherwise === 'number' && typeof given === 'string' && given.trim() !== '' && Number.isFinite(Number(given)))
    return ok(Number(given));
  if (typeof otherwise === 'boolean' && (given === 'true' || given === 'false')) return ok(given === 'true');
  if (typeof otherwise === 'string') return ok(String(given));
  return err(`the parameter "${name}" is a ${typeof otherwise}, such as ${otherwise}, not "${given}"`);
}
