import { STATE_NUMBERS } from '../../engine/tcp/info.ts';
import { TCP_STATES, type TcpState } from '../../tcp-model/states.ts';

/** Linux's TCP_NEW_SYN_RECV, a half-open connection at a listener, and TCP_BOUND_INACTIVE, a socket that is bound only. */
const NEW_SYN_RECV = 12;
const BOUND_INACTIVE = 13;

const STATES = new Map<number, TcpState>([
  ...TCP_STATES.map((state): [number, TcpState] => [STATE_NUMBERS[state], state]),
  [NEW_SYN_RECV, 'SYN-RECEIVED'],
  [BOUND_INACTIVE, 'CLOSED'],
]);

/** A state of Linux's by its name in RFC 9293; CLOSED for a number that is none. */
export const stateOf = (number: number): TcpState => STATES.get(number) ?? 'CLOSED';

/** Every state, a bit for each of Linux's numbers. */
export const ALL_STATES = [...STATES.keys()].reduce((bits, number) => bits | (1 << number), 0);

/** Listeners and half-open connections. */
export const LISTENER_STATES = (1 << STATE_NUMBERS.LISTEN) | (1 << STATE_NUMBERS['SYN-RECEIVED']) | (1 << NEW_SYN_RECV);

const except = (...without: readonly TcpState[]): readonly TcpState[] => TCP_STATES.filter((state) => !without.includes(state));

/** What ss(8) calls states, and groups of them. */
const OF_SS: Readonly<Record<string, readonly TcpState[]>> = {
  all: TCP_STATES,
  connected: except('LISTEN', 'CLOSED'),
  synchronized: except('LISTEN', 'CLOSED', 'SYN-SENT'),
  bucket: ['SYN-RECEIVED', 'TIME-WAIT'],
  big: except('SYN-RECEIVED', 'TIME-WAIT'),
  'syn-recv': ['SYN-RECEIVED'],
  listening: ['LISTEN'],
  unconnected: ['CLOSED'],
  unconn: ['CLOSED'],
  estab: ['ESTABLISHED'],
  'bound-inactive': ['CLOSED'],
  'fin-wait1': ['FIN-WAIT-1'],
  'fin-wait2': ['FIN-WAIT-2'],
};

/** The states that a word means, RFC 9293's, ss's or the kernel's (SYN_RECV); undefined for a word that is none of them. */
export function statesNamed(word: string): readonly TcpState[] | undefined {
  const name = word.trim().toLowerCase().replaceAll('_', '-').replace(/^tcp-/, '');
  const own = TCP_STATES.find((state) => state.toLowerCase() === name);
  if (own) return [own];
  return Object.hasOwn(OF_SS, name) ? OF_SS[name] : undefined;
}

export const STATE_GROUPS = ['all', 'connected', 'synchronized', 'bucket', 'big'] as const;
