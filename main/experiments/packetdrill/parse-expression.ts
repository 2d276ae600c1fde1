import type { Expression, Field } from './script.ts';
import type { TokenReader } from './token-reader.ts';

/** The structures a script can write, by their fields. Those in brackets may be left out. */
const STRUCTS: readonly (readonly string[])[] = [
  ['sa_family', 'sin_port', 'sin_addr'],
  ['msg_name', 'msg_iov', 'msg_flags', '[msg_control]'],
  ['cmsg_level', 'cmsg_type', 'cmsg_data'],
  ['scm_sec', 'scm_nsec'],
  ['ee_errno', 'ee_origin', 'ee_type', 'ee_code', 'ee_info', 'ee_data'],
  ['fd', 'events', '[revents]'],
  ['events', 'fd'],
  ['events', 'ptr'],
  ['events', 'u32'],
  ['events', 'u64'],
  ['onoff', 'linger'],
];
const FUNCTIONS = ['htons', 'inet_addr', 'inet6_addr'];

export function readExpressions(reader: TokenReader): Expression[] {
  const list = [readExpression(reader)];
  while (reader.takeMark(',')) list.push(readExpression(reader));
  return list;
}

export function readExpression(reader: TokenReader): Expression {
  return reader.nested(() => {
    let left = readTerm(reader);
    while (reader.isMark('|')) {
      const { line, column } = reader.next();
      left = { kind: 'or', left, right: readTerm(reader), line, column };
    }
    return left;
  });
}

function readTerm(reader: TokenReader): Expression {
  const { kind, text, line, column } = reader.peek();
  switch (kind) {
    case 'integer':
    case 'hex':
      reader.next();
      return { kind: 'integer', value: Number(text), line, column };
    case 'string':
      return readString(reader);
    case 'word':
      return readWord(reader);
    default:
  }
  if (reader.takeMark('...')) return { kind: 'ellipsis', line, column };
  if (reader.isMark('[')) return readList(reader);
  if (reader.isMark('{')) return readStruct(reader);
  return reader.expected('a value: a number, a word, a string, `...`, a list in `[ ]` or a structure in `{ }`');
}

/** Strings beside each other are one. */
function readString(reader: TokenReader): Expression {
  const { line, column } = reader.peek();
  let text = '';
  while (reader.peek().kind === 'string') text += unescaped(reader.next().text);
  return { kind: 'string', text, open: reader.takeMark('...'), line, column };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (_all, hex: string | undefined, letter: string | undefined) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[letter!] ?? letter!),
  );

function readWord(reader: TokenReader): Expression {
  const { text, line, column } = reader.next();
  if (reader.takeMark('=')) return { kind: 'assign', name: text, value: readExpression(reader), line, column };
  if (!reader.isMark('(')) return { kind: 'word', text, line, column };
  if (!FUNCTIONS.includes(text)) reader.expected(`a value; of functions there are ${FUNCTIONS.join(', ')}`);
  reader.mark('(');
  const argument = readExpression(reader);
  reader.mark(')');
  return { kind: 'apply', name: text, argument, line, column };
}

function readList(reader: TokenReader): Expression {
  const { line, column } = reader.next();
  const items = reader.isMark(']') ? [] : readExpressions(reader);
  reader.mark(']');
  return { kind: 'list', items, line, column };
}

function readStruct(reader: TokenReader): Expression {
  const { line, column } = reader.next();
  const fields: Field[] = [];
  do fields.push(readField(reader));
  while (reader.takeMark(',') || reader.isMark('('));
  const names = fields.map(({ name }) => name);
  if (names.some((name) => name !== undefined) && !STRUCTS.some((struct) => isStruct(struct, names)))
    reader.fail(
      `no structure has the fields ${names.map((name) => name ?? '(a value)').join(', ')}; there are ${STRUCTS.map((s) => `{${s.join(', ')}}`).join(' ')}`,
    );
  reader.mark('}');
  return { kind: 'struct', fields, line, column };
}

function isStruct(struct: readonly string[], names: readonly (string | undefined)[]): boolean {
  const needed = struct.filter((field) => !field.startsWith('['));
  const all = struct.map((field) => field.replace(/[[\]]/g, ''));
  return names.length >= needed.length && names.length <= all.length && names.every((name, i) => name === all[i]);
}

/** `fd=3`, `msg_iov(1)=[...]`, a value, or a label of MPLS. */
function readField(reader: TokenReader): Field {
  if (reader.isMark('(')) return readLabel(reader);
  const { kind, text } = reader.raw();
  const isField = kind === 'word' && STRUCTS.some((struct) => struct.some((field) => field.replace(/[[\]]/g, '') === text));
  if (!isField) return { name: undefined, argument: undefined, value: readExpression(reader) };
  reader.nextRaw();
  let argument: Expression | undefined;
  if (reader.takeMark('(')) {
    argument = readExpression(reader);
    reader.mark(')');
  }
  reader.mark('=');
  return { name: text, argument, value: readExpression(reader) };
}

/** `(label 100, tc 0, [S], ttl 64)` */
function readLabel(reader: TokenReader): Field {
  const { line, column } = reader.raw();
  const [label, tc, ttl] = readMplsLabel(reader).map((value): Expression => ({ kind: 'integer', value, line, column }));
  return { name: undefined, argument: undefined, value: { kind: 'list', items: [label!, tc!, ttl!], line, column } };
}

export function readMplsLabel(reader: TokenReader): readonly [label: number, trafficClass: number, ttl: number] {
  reader.mark('(');
  reader.keyword('label');
  const label = reader.integer('a label', 0, 0xf_ffff);
  reader.mark(',');
  reader.keyword('tc');
  const trafficClass = reader.integer('a traffic class', 0, 7);
  reader.mark(',');
  if (reader.takeMark('[')) {
    reader.keyword('S');
    reader.mark(']');
    reader.mark(',');
  }
  reader.keyword('ttl');
  const ttl = reader.integer('a time to live', 0, 255);
  reader.mark(')');
  return [label, trafficClass, ttl];
}
