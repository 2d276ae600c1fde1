import { constants } from 'node:os';
import { parseScript } from './parse-script.ts';
import { Places } from './places.ts';
import { OPTION_REFERENCE, type ScriptProblem } from './reference.ts';
import { type ArgumentKind, CALL_REFERENCE } from './reference-calls.ts';
import { TCP_INFO_REFERENCE } from './reference-tcp-info.ts';
import type { CallAction, Code, Expression, Place } from './script.ts';
import { settingsOf, usualDefines } from './settings.ts';
import { TCP_INFO_CONSTANTS } from './tcp-info.ts';
import { numberIn } from './values.ts';
import { Miss } from './verdict.ts';

/** A script may be wrong everywhere; so many are enough to begin with. */
const MOST = 100;

/**
 * What is wrong with a script, as far as that shows before it runs: the first place where it is not packetdrill's language, or else
 * unknown calls, options and errnos, and arguments that can never do.
 */
export function problemsIn(source: string): readonly ScriptProblem[] {
  const script = parseScript(source, usualDefines('4'));
  if (!script.ok) return [script.error];
  const problems: ScriptProblem[] = [];
  const found = ({ line, column }: Place, message: string): void => {
    if (problems.length < MOST) problems.push({ line, column, message });
  };
  told(script.value.options[0] ?? START, found, () => settingsOf(script.value, '4'));
  for (const { action } of script.value.events) {
    if (action.kind === 'call') checkCall(action, found);
    else if (action.kind === 'code') checkCode(action, found);
  }
  return problems;
}

const START: Place = { line: 1, column: 1 };

type Found = (at: Place, message: string) => void;

/** A miss that `read` throws is a problem where it says, or else at `at`. */
function told(at: Place, found: Found, read: () => void): void {
  try {
    read();
  } catch (thrown) {
    if (!(thrown instanceof Miss)) throw thrown;
    found(thrown.place ?? at, thrown.message);
  }
}

function checkCall(call: CallAction, found: Found): void {
  const { name, args, result, errno } = call;
  if (!Object.hasOwn(CALL_REFERENCE, name)) {
    found(call, `there is no system call ${name} here; there are ${Object.keys(CALL_REFERENCE).join(', ')}`);
    return;
  }
  const { parameters } = CALL_REFERENCE[name as keyof typeof CALL_REFERENCE];
  const least = parameters.filter(([parameter]) => !parameter.endsWith('?')).length;
  if (args.length < least || args.length > parameters.length) {
    const names = parameters.map(([parameter]) => parameter).join(', ');
    found(
      call,
      `${name} takes ${least === parameters.length ? least : `${least} to ${parameters.length}`} arguments (${names}), not ${args.length}`,
    );
    return;
  }
  for (const [i, argument] of args.entries()) checkArgument(argument, ...parameters[i]!, name, found);
  if (result.kind !== 'ellipsis') told(result, found, () => numberIn(result, `the result of ${name}`));
  if (errno !== undefined && !Object.hasOwn(constants.errno, errno)) found(result, `there is no errno ${errno}`);
}

function checkArgument(argument: Expression, parameter: string, kind: ArgumentKind, call: string, found: Found): void {
  const what = `the ${parameter.replace('?', '')} of ${call}`;
  if (kind === 'any') return;
  if (kind === 'number') told(argument, found, () => numberIn(argument, what));
  else if (kind === 'list') {
    if (argument.kind !== 'list') found(argument, `${what} is a list in [ ]`);
  } else if (argument.kind !== 'word') found(argument, `${what} is ${kind === 'option' ? 'a word, such as TCP_NODELAY' : oneOf(kind)}`);
  else if (kind !== 'option' && !kind.includes(argument.text)) found(argument, `${what} is ${oneOf(kind)}, not ${argument.text}`);
  else if (kind === 'option' && !Object.hasOwn(OPTION_REFERENCE, argument.text))
    found(argument, `sockets here have no option ${argument.text}`);
}

const oneOf = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

const KNOWN: Readonly<Record<string, unknown>> = { ...TCP_INFO_REFERENCE, ...TCP_INFO_CONSTANTS };

/** Fields of tcp_info that there are none of. Other names the code may have made itself. */
function checkCode({ text, line, column }: Code, found: Found): void {
  const places = new Places(text);
  for (const { 0: name, index } of text.matchAll(/\btcpi_\w+/g)) {
    if (Object.hasOwn(KNOWN, name)) continue;
    const place = places.of(index);
    found(
      { line: line + place.line - 1, column: place.line === 1 ? column + '%{'.length + place.column - 1 : place.column },
      `there is no ${name} in tcp_info here`,
    );
  }
}
