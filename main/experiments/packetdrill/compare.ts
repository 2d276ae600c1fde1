import { Flag, type TcpOption } from '../../wire/segment.ts';
import { type FieldName, inOneLine, writeOption, writeTcp } from './notation.ts';
import type { IpMarks, TcpSpec } from './script.ts';
import type { Settings } from './settings.ts';
import { Miss } from './verdict.ts';

/** What the IP header of a packet says. */
export interface SeenIp {
  readonly trafficClass: number;
  readonly hops: number;
}

const ECN = { noecn: 0, ect1: 1, ect0: 2, ce: 3 } as const;

/** Compares what was sent with what a script expects, field by field; throws a `Miss` that shows both. */
export function compareTcp(expected: TcpSpec, actual: TcpSpec, marks: IpMarks, ip: SeenIp, spent: number, settings: Settings): void {
  const differing: FieldName[] = [];
  const check = (field: FieldName, same: boolean): void => {
    if (!same) differing.push(field);
  };
  const want = writeTcp(expected, writeMarks(marks));
  // What the script does not say is not shown as a difference either.
  const got = writeTcp(expected.window === undefined ? { ...actual, window: undefined } : actual, seenMarks(marks, ip));
  check('ip', marksFit(marks, ip));
  check('flags', expected.ace === undefined ? expected.flags === actual.flags : sameBut(expected, actual));
  check('range', expected.seq === actual.seq && expected.length === actual.length);
  check('ack', !(expected.flags & Flag.ACK) || expected.ack === actual.ack);
  check('win', expected.window === undefined || expected.window === actual.window);
  check('urg', expected.urgent === actual.urgent);
  check('options', expected.options === undefined || optionsFit(expected.options, actual.options ?? [], spent, settings));
  if (differing.length === 0) return;
  const names = differing.map((field) => CALLED[field]).join(', ');
  throw new Miss(
    'content',
    `${names} ${differing.length > 1 || differing[0] === 'flags' || differing[0] === 'options' ? 'differ' : 'differs'}`,
    inOneLine(want, differing),
    inOneLine(got, differing),
  );
}

const CALLED: { readonly [F in FieldName]: string } = {
  ip: 'IP header',
  flags: 'flags',
  range: 'sequence range',
  ack: 'acknowledgment number',
  win: 'window',
  urg: 'urgent pointer',
  options: 'options',
};

const COUNTER = Flag.ECE | Flag.CWR | Flag.AE;
const sameBut = (expected: TcpSpec, actual: TcpSpec): boolean =>
  (expected.flags & ~COUNTER) === (actual.flags & ~COUNTER) && expected.ace === actual.ace;

function optionsFit(expected: readonly TcpOption[], actual: readonly TcpOption[], spent: number, settings: Settings): boolean {
  return expected.length === actual.length && expected.every((option, i) => optionFits(option, actual[i]!, spent, settings));
}

/** Timestamps are compared when the script says how long a tick is: `spent` is the time since it began. */
function optionFits(
  expected: TcpOption,
  actual: TcpOption,
  spent: number,
  { timestampTick, tolerance, tolerancePercent }: Settings,
): boolean {
  if (expected.kind !== 'timestamps' || actual.kind !== 'timestamps') return writeOption(expected) === writeOption(actual);
  const off = Math.abs((expected.value - actual.value) | 0) * timestampTick * 1000;
  return off <= Math.max(tolerance, (spent * tolerancePercent) / 100);
}

function marksFit({ ecn, tos, ttl }: IpMarks, { trafficClass, hops }: SeenIp): boolean {
  const bits = trafficClass & 3;
  if (ecn === 'ect01' && bits !== ECN.ect0 && bits !== ECN.ect1) return false;
  if (ecn !== undefined && ecn !== 'ect01' && bits !== ECN[ecn]) return false;
  return (tos === undefined || tos === trafficClass) && (ttl === undefined || ttl === hops);
}

export const trafficClassOf = ({ ecn, tos }: IpMarks): number => tos ?? (ecn && ecn !== 'ect01' ? ECN[ecn] : 0);

function writeMarks({ ecn, tos, ttl }: IpMarks): string {
  const parts = [ecn, tos === undefined ? undefined : `tos 0x${tos.toString(16)}`, ttl === undefined ? undefined : `ttl ${ttl}`].filter(
    Boolean,
  );
  return parts.length > 0 ? `[${parts.join(', ')}]` : '';
}

const NAMES = ['noecn', 'ect1', 'ect0', 'ce'] as const;

/** The same marks, as they were. */
function seenMarks({ ecn, tos, ttl }: IpMarks, { trafficClass, hops }: SeenIp): string {
  return writeMarks({
    ...(ecn !== undefined && { ecn: NAMES[trafficClass & 3]! }),
    ...(tos !== undefined && { tos: trafficClass }),
    ...(ttl !== undefined && { ttl: hops }),
  });
}
