import type { OptionValue, SettableValue } from '../../engine/sockets/options.ts';
import { type Call, differ, gave, nothing } from './call.ts';
import type { Expression } from './script.ts';
import { Arguments, numberField, numberIn } from './values.ts';

/** Calls that set and tell options. */
export const OPTION_CALLS = {
  setsockopt(call, context, back) {
    const args = new Arguments(call, 5);
    const name = args.word(2, 'the option');
    context.program.setsockopt(context.live(args.number(0, 'the descriptor')), name, settable(args.at(3), name), gave(back, nothing));
  },
  getsockopt(call, context, back) {
    const args = new Arguments(call, 5);
    const fd = context.live(args.number(0, 'the descriptor'));
    const name = args.word(2, 'the option');
    if (name === 'SO_ERROR') {
      const expected = writeExpected(args.at(3));
      context.program.socketError(
        fd,
        gave(back, nothing, (errno) => differ(name, expected, errno ?? '0')),
      );
      return;
    }
    context.program.getsockopt(
      fd,
      name,
      gave(back, nothing, (value) => differ(name, writeExpected(args.at(3)), writeOptionValue(value))),
    );
  },
} satisfies Readonly<Record<string, Call>>;

function settable(expression: Expression, name: string): SettableValue {
  if (expression.kind === 'string') {
    if (name === 'TCP_CONGESTION') return expression.text as unknown as SettableValue;
    return Uint8Array.from(expression.text, (letter) => letter.charCodeAt(0));
  }
  if (expression.kind === 'struct')
    return { on: numberField(expression, 'onoff', 'linger') !== 0, seconds: numberField(expression, 'linger', 'linger') };
  if (expression.kind === 'list') return numberIn(expression.items[0] ?? expression, 'the value of the option');
  return numberIn(expression, 'the value of the option');
}

const writeExpected = (expression: Expression): string => {
  const item = expression.kind === 'list' ? expression.items[0] : expression;
  if (item === undefined) return '';
  if (item.kind === 'word' && !/^[A-Z]+_/.test(item.text)) return item.text;
  if (item.kind === 'struct') return `onoff ${numberField(item, 'onoff', 'linger')}, linger ${numberField(item, 'linger', 'linger')}`;
  return item.kind === 'string' ? item.text : `${numberIn(item, 'the value of the option')}`;
};

const writeOptionValue = (value: OptionValue): string =>
  typeof value === 'object' ? `onoff ${value.on ? 1 : 0}, linger ${value.seconds}` : `${Number(value)}`;
