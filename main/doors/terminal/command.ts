import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { WorkbenchError } from '../../../preload/contract.ts';
import type { Output } from './output.ts';

export interface Command {
  readonly synopsis: string;
  readonly does: string;
  /** One line for each option. */
  readonly options: readonly string[];
  run(args: readonly string[], output: Output): Promise<number>;
}

/** Unusable input or arguments: one line for the person, exit status 2. */
export class UsageError extends Error {}

export const unusable = ({ message, help }: WorkbenchError): UsageError => new UsageError(help ? `${message} ${help}` : message);

type Options = NonNullable<ParseArgsConfig['options']>;

/** Arguments by name; an unknown option or a missing value is a `UsageError`. `more`: of the last of `positionals` there may be several. */
export function parse<const O extends Options>(
  args: readonly string[],
  options: O,
  positionals: readonly string[],
  { more = false }: { readonly more?: boolean } = {},
) {
  try {
    const parsed = parseArgs({ args: [...args], options: { ...options, json: { type: 'boolean' } }, allowPositionals: true });
    if (!more && parsed.positionals.length > positionals.length)
      throw new UsageError(`unexpected argument "${parsed.positionals[positionals.length]}"`);
    const absent = positionals[parsed.positionals.length];
    if (absent) throw new UsageError(`${absent} is missing`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'bad arguments');
  }
}

/** A number option within its range. */
export function number(
  name: string,
  given: string | undefined,
  range: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  const fits = given.trim() !== '' && value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value));
  if (!fits)
    throw new UsageError(`${name} takes ${range.whole ? 'a whole number' : 'a number'} from ${range.min} to ${range.max}, not "${given}"`);
  return value;
}

/** `NAME=VALUE`. */
export function assignment(option: string, text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${option} takes NAME=VALUE, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}
