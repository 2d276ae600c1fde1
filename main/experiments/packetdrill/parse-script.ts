import { err, ok, type Result } from '../../wire/result.ts';
import { tokenize } from './lexer.ts';
import { readExpression, readExpressions } from './parse-expression.ts';
import { readPacket } from './parse-packet.ts';
import type { Action, CallAction, Command, EventTime, Script, ScriptError, ScriptEvent, ScriptOption } from './script.ts';
import { Mistake, TokenReader } from './token-reader.ts';

/** Reads a packetdrill script. `defines` are those of the command line (`-D`) and win over the script's own. */
export function parseScript(source: string, defines: ReadonlyMap<string, string> = new Map()): Result<Script, ScriptError> {
  const tokens = tokenize(source);
  if (!tokens.ok) return tokens;
  try {
    return ok(readScript(new TokenReader(tokens.value, defines)));
  } catch (mistake) {
    if (mistake instanceof Mistake) return err(mistake.error);
    throw mistake;
  }
}

function readScript(reader: TokenReader): Script {
  const options: ScriptOption[] = [];
  while (reader.raw().kind === 'option') options.push(readOption(reader));
  const before = readCommand(reader);
  const events: ScriptEvent[] = [];
  while (reader.peek().kind !== 'end' && reader.peek().kind !== 'command') events.push(readEvent(reader));
  if (events.length === 0) reader.expected('an event, such as `+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3`');
  const after = readCommand(reader);
  if (reader.peek().kind !== 'end')
    reader.expected('the end of the script: shell commands without a time stand before the first event or after the last');
  return { options, before, events, after };
}

/** `--name`, `--name=value`, `--define=NAME=value`. */
function readOption(reader: TokenReader): ScriptOption {
  const { text: name, line, column } = reader.nextRaw();
  if (!reader.takeMark('=')) {
    if (name === 'define') reader.expected('`=NAME=value`');
    return { name, value: undefined, line, column };
  }
  let value = optionValue(reader);
  if (reader.takeMark('=')) value += `=${optionValue(reader)}`;
  if (name === 'define') {
    const [symbol, ...rest] = value.split('=');
    if (rest.length === 0) reader.fail(`--define takes NAME=value, not ${value}`);
    reader.define(symbol!, rest.join('='));
  }
  return { name, value, line, column };
}

function optionValue(reader: TokenReader): string {
  const { kind, text } = reader.raw();
  switch (kind) {
    case 'string':
    case 'command': {
      reader.nextRaw();
      const mark = kind === 'string' ? '"' : '`';
      return `${mark}${text}${mark}`;
    }
    case 'word':
    case 'integer':
    case 'hex':
    case 'float':
    case 'address':
      return reader.nextRaw().text;
    default:
      return reader.expected('a value');
  }
}

function readCommand(reader: TokenReader): Command | undefined {
  if (reader.peek().kind !== 'command') return undefined;
  const { text, line, column } = reader.next();
  return { kind: 'command', text, line, column };
}

function readEvent(reader: TokenReader): ScriptEvent {
  const { line, column } = reader.raw();
  const time = readTime(reader);
  const action = readAction(reader, time);
  const mayVary = action.kind === 'packet' && action.direction === 'out';
  if (!mayVary && (time.kind === 'any' || time.kind === 'absolute-range' || time.kind === 'relative-range'))
    throw new Mistake({ line, column }, 'only a packet that is expected (`>`) can have a range of times or `*`');
  return { time, action, line, column };
}

/** `0.1`, `+.1`, `*`, `+*`, `0.1~0.2`, `+.1~+.2`. */
function readTime(reader: TokenReader): EventTime {
  if (reader.takeMark('*')) return { kind: 'any' };
  const isRelative = reader.takeMark('+');
  if (isRelative && reader.takeMark('*')) return { kind: 'any' };
  const from = reader.time(isRelative ? 'a time in seconds' : 'the time of an event, such as `+0` or `1.5`');
  if (!reader.takeMark('~')) return { kind: isRelative ? 'relative' : 'absolute', time: from };
  if (isRelative) reader.mark('+');
  const end = reader.raw();
  const to = reader.time('the end of the range of times');
  if (to < from) throw new Mistake(end, 'the range of times ends before it begins');
  return { kind: isRelative ? 'relative-range' : 'absolute-range', from, to };
}

function readAction(reader: TokenReader, time: EventTime): Action {
  const { kind, text, line, column } = reader.peek();
  if (kind === 'command' || kind === 'code') {
    reader.next();
    return { kind, text, line, column };
  }
  if (reader.isMark('<') || reader.isMark('>')) return readPacket(reader);
  if (kind === 'word' || reader.isMark('...')) return readCall(reader, time);
  return reader.expected('a packet (`<` or `>`), a system call, a shell command in backquotes, or `%{ code }%`');
}

/** `connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)`, `...0.5 read(4, ..., 100) = 100` */
function readCall(reader: TokenReader, time: EventTime): CallAction {
  const end = reader.takeMark('...') ? reader.time('when the call comes back') : undefined;
  if (end !== undefined && (time.kind === 'absolute' || time.kind === 'relative') && end < time.time && time.kind === 'absolute')
    reader.fail('the call comes back before it is made');
  const { line, column } = reader.raw();
  const name = reader.word('the name of a system call');
  reader.mark('(');
  const args = reader.isMark(')') ? [] : readExpressions(reader);
  reader.mark(')');
  reader.mark('=');
  const result = readExpression(reader);
  let errno: string | undefined;
  if (reader.peek().kind === 'word') {
    errno = reader.word('an errno');
    if (!reader.isMark('(')) reader.expected(`what ${errno} means, in parentheses`);
  }
  if (reader.isMark('(')) readNote(reader);
  return { kind: 'call', name, args, end, result, errno, line, column };
}

/** For people only: `(Operation now in progress)`. */
function readNote(reader: TokenReader): void {
  const { line } = reader.raw();
  reader.mark('(');
  while (!reader.isMark(')')) {
    if (reader.peek().kind === 'end' || reader.raw().line !== line) reader.expected('`)`');
    reader.next();
  }
  reader.mark(')');
}
