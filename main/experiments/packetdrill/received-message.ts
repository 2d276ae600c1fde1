import type { ControlMessage } from '../../engine/sockets/control-message.ts';
import type { ReceivedMessage } from '../../engine/sockets/protocol.ts';
import { seconds } from '../../wire/units.ts';
import type { Outcome } from './call.ts';
import type { Expression } from './script.ts';
import { MESSAGE_FLAGS } from './symbols.ts';
import { fieldOf, listIn, numberField } from './values.ts';
import { Miss } from './verdict.ts';

type Written = NonNullable<Outcome['written']>;

/** Numbers of linux/errqueue.h. */
const ORIGINS = {
  SO_EE_ORIGIN_LOCAL: 1,
  SO_EE_ORIGIN_ICMP: 2,
  SO_EE_ORIGIN_ICMP6: 3,
  SO_EE_ORIGIN_TIMESTAMPING: 4,
  SO_EE_ORIGIN_ZEROCOPY: 5,
} as const;

/** msg_flags and the control messages that recvmsg gave, next to what the script says of them. */
export function comparedMessage(message: Expression, { flags, control }: ReceivedMessage): Written {
  const bits = (names: readonly string[]): number => names.reduce((sum, name) => sum | (MESSAGE_FLAGS[name as never] ?? 0), 0);
  const written: { what: string; expected: string; actual: string }[] = [
    { what: 'msg_flags', expected: writeFlags(numberField(message, 'msg_flags', 'the message')), actual: writeFlags(bits(flags)) },
  ];
  const list = fieldOf(message, 'msg_control', 'the message');
  if (!list) return written;
  const expected = listIn(list, 'msg_control');
  for (let i = 0; i < Math.max(expected.length, control.length); i++)
    written.push({
      what: `control message ${i + 1}`,
      expected: expected[i] ? writeExpected(expected[i]!) : 'none',
      actual: control[i] ? writeControl(control[i]!) : 'none',
    });
  return written;
}

const writeFlags = (bits: number): string =>
  Object.entries(MESSAGE_FLAGS)
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([name]) => name)
    .join('|') || '0';

function writeControl(message: ControlMessage): string {
  if (message.level === 'SOL_SOCKET') return `SOL_SOCKET ${message.type} at ${message.at / seconds(1)} s`;
  if (message.level === 'SOL_TCP') return `SOL_TCP ${message.type} ${message.octets}`;
  const { errno, origin, type, code, info, data } = message.error;
  return `${message.level} ${message.type} errno ${errno ?? 0} origin ${ORIGINS[origin]} type ${type} code ${code} info ${info} data ${data}`;
}

function writeExpected(message: Expression): string {
  const [level, type] = [wordField(message, 'cmsg_level'), wordField(message, 'cmsg_type')];
  const data = fieldOf(message, 'cmsg_data', 'cmsghdr');
  if (data?.kind === 'integer') return `${level} ${type} ${data.value}`;
  if (data?.kind !== 'struct') throw new Miss('unsupported', 'cmsg_data is a number, {scm_sec=, scm_nsec=} or {ee_errno=, ...} here');
  const number = (name: string): number => numberField(data, name, 'cmsg_data');
  if (fieldOf(data, 'scm_sec', 'cmsg_data')) return `${level} ${type} at ${number('scm_sec') + number('scm_nsec') / 1e9} s`;
  const errno = fieldOf(data, 'ee_errno', 'cmsg_data');
  const name = errno?.kind === 'word' ? errno.text : number('ee_errno');
  return `${level} ${type} errno ${name} origin ${number('ee_origin')} type ${number('ee_type')} code ${number('ee_code')} info ${number('ee_info')} data ${number('ee_data')}`;
}

function wordField(message: Expression, name: string): string {
  const field = fieldOf(message, name, 'cmsghdr');
  if (field?.kind !== 'word') throw new Miss('mistake', `${name} of cmsghdr is a word`);
  return field.text;
}
