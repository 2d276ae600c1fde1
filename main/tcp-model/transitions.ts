import type { TcpState } from './states.ts';

/** What makes an endpoint move. A segment trigger names what arrived, in this endpoint's eyes. */
export type Trigger =
  // user calls (RFC 9293 §3.10.1 - §3.10.5)
  | 'passive-open'
  | 'active-open'
  | 'close'
  | 'abort'
  // arriving segments (RFC 9293 §3.10.7)
  | 'syn' // a SYN without an acceptable ACK
  | 'syn-ack' // a SYN that acknowledges our SYN
  | 'ack-of-syn'
  | 'fin' // the peer's FIN, in order
  | 'ack-of-fin'
  | 'rst'
  // time (RFC 9293 §3.10.8)
  | 'time-wait-timeout'
  | 'user-timeout' // retransmissions or the user's patience ran out
  | 'fin-wait-2-timeout'; // Linux: an orphan does not wait for ever (tcp_fin_timeout)

export type Party = 'user' | 'segment' | 'time';

export interface Transition {
  readonly from: TcpState;
  readonly trigger: Trigger;
  readonly to: TcpState;
  /** What else must hold, in words; empty when the trigger alone decides. */
  readonly condition: string;
  /** What the endpoint does on the way. */
  readonly action: string;
  /** Where it stands: an RFC section, or Linux where Linux departs from the RFC. */
  readonly source: string;
}

const row = (from: TcpState, trigger: Trigger, to: TcpState, condition: string, action: string, source: string): Transition => ({
  from,
  trigger,
  to,
  condition,
  action,
  source,
});

/**
 * Every change of state TCP knows, as data. The engine refuses a change that is not here, the analysis infers with it,
 * the window draws it. One segment may take two rows, because its ACK is judged before its FIN (RFC 9293 §3.10.7.4): a
 * FIN that rides with the ACK of ours leads FIN-WAIT-1 > FIN-WAIT-2 > TIME-WAIT, as it does on Linux.
 */
export const TRANSITIONS: readonly Transition[] = [
  row('CLOSED', 'passive-open', 'LISTEN', '', 'create TCB', 'RFC 9293 §3.10.1'),
  row('CLOSED', 'active-open', 'SYN-SENT', '', 'create TCB, send SYN', 'RFC 9293 §3.10.1'),

  row('LISTEN', 'syn', 'SYN-RECEIVED', '', 'send SYN,ACK', 'RFC 9293 §3.10.7.2'),
  row('LISTEN', 'active-open', 'SYN-SENT', 'not offered by the socket API', 'send SYN', 'RFC 9293 §3.10.1'),
  row('LISTEN', 'close', 'CLOSED', '', 'reset what waits in the queues', 'RFC 9293 §3.10.4'),
  row('LISTEN', 'abort', 'CLOSED', '', 'reset what waits in the queues', 'RFC 9293 §3.10.5'),

  row('SYN-SENT', 'syn-ack', 'ESTABLISHED', '', 'send ACK', 'RFC 9293 §3.10.7.3'),
  row('SYN-SENT', 'syn', 'SYN-RECEIVED', 'both ends open at once', 'send SYN,ACK', 'RFC 9293 §3.10.7.3'),
  row('SYN-SENT', 'rst', 'CLOSED', 'the reset acknowledges our SYN', 'report ECONNREFUSED', 'RFC 9293 §3.10.7.3'),
  row('SYN-SENT', 'close', 'CLOSED', '', 'delete TCB', 'RFC 9293 §3.10.4'),
  row('SYN-SENT', 'abort', 'CLOSED', '', 'delete TCB', 'RFC 9293 §3.10.5'),
  row('SYN-SENT', 'user-timeout', 'CLOSED', 'tcp_syn_retries ran out', 'report ETIMEDOUT', 'RFC 9293 §3.10.8'),

  row('SYN-RECEIVED', 'ack-of-syn', 'ESTABLISHED', '', '', 'RFC 9293 §3.10.7.4'),
  row('SYN-RECEIVED', 'close', 'FIN-WAIT-1', 'nothing waits to be sent', 'send FIN', 'RFC 9293 §3.10.4'),
  row(
    'SYN-RECEIVED',
    'rst',
    'LISTEN',
    'the connection came from a passive open',
    'the embryonic connection is forgotten',
    'RFC 9293 §3.10.7.4',
  ),
  row('SYN-RECEIVED', 'rst', 'CLOSED', 'the connection came from an active open', 'report ECONNREFUSED', 'RFC 9293 §3.10.7.4'),
  row('SYN-RECEIVED', 'syn', 'LISTEN', 'a second SYN in the window of a passive open', 'send RST', 'RFC 9293 §3.10.7.4'),
  row('SYN-RECEIVED', 'abort', 'CLOSED', '', 'send RST', 'RFC 9293 §3.10.5'),
  row('SYN-RECEIVED', 'user-timeout', 'CLOSED', 'tcp_synack_retries ran out', 'delete TCB', 'RFC 9293 §3.10.8'),

  row('ESTABLISHED', 'close', 'FIN-WAIT-1', '', 'send FIN after queued data', 'RFC 9293 §3.10.4'),
  row('ESTABLISHED', 'fin', 'CLOSE-WAIT', '', 'send ACK', 'RFC 9293 §3.10.7.4'),
  row('ESTABLISHED', 'rst', 'CLOSED', '', 'report ECONNRESET', 'RFC 9293 §3.10.7.4'),
  row('ESTABLISHED', 'abort', 'CLOSED', '', 'send RST', 'RFC 9293 §3.10.5'),
  row('ESTABLISHED', 'user-timeout', 'CLOSED', '', 'report ETIMEDOUT', 'RFC 9293 §3.10.8'),

  row('FIN-WAIT-1', 'ack-of-fin', 'FIN-WAIT-2', '', '', 'RFC 9293 §3.10.7.4'),
  row('FIN-WAIT-1', 'fin', 'CLOSING', 'both ends close at once', 'send ACK', 'RFC 9293 §3.10.7.4'),
  row('FIN-WAIT-1', 'rst', 'CLOSED', '', 'report ECONNRESET', 'RFC 9293 §3.10.7.4'),
  row('FIN-WAIT-1', 'abort', 'CLOSED', '', 'send RST', 'RFC 9293 §3.10.5'),
  row('FIN-WAIT-1', 'user-timeout', 'CLOSED', '', 'report ETIMEDOUT', 'RFC 9293 §3.10.8'),

  row('FIN-WAIT-2', 'fin', 'TIME-WAIT', '', 'send ACK, start 2MSL', 'RFC 9293 §3.10.7.4'),
  row('FIN-WAIT-2', 'rst', 'CLOSED', '', 'report ECONNRESET', 'RFC 9293 §3.10.7.4'),
  row('FIN-WAIT-2', 'abort', 'CLOSED', '', 'send RST', 'RFC 9293 §3.10.5'),
  row('FIN-WAIT-2', 'fin-wait-2-timeout', 'CLOSED', 'no process holds the socket', 'delete TCB', 'Linux tcp_fin_timeout'),
  row('FIN-WAIT-2', 'user-timeout', 'CLOSED', 'keepalive probes were not answered', 'report ETIMEDOUT', 'RFC 9293 §3.8.4'),

  row('CLOSE-WAIT', 'close', 'LAST-ACK', '', 'send FIN after queued data', 'RFC 9293 §3.10.4'),
  row('CLOSE-WAIT', 'rst', 'CLOSED', '', 'report ECONNRESET', 'RFC 9293 §3.10.7.4'),
  row('CLOSE-WAIT', 'abort', 'CLOSED', '', 'send RST', 'RFC 9293 §3.10.5'),
  row('CLOSE-WAIT', 'user-timeout', 'CLOSED', '', 'report ETIMEDOUT', 'RFC 9293 §3.10.8'),

  row('CLOSING', 'ack-of-fin', 'TIME-WAIT', '', 'start 2MSL', 'RFC 9293 §3.10.7.4'),
  row('CLOSING', 'rst', 'CLOSED', '', '', 'RFC 9293 §3.10.7.4'),
  row('CLOSING', 'abort', 'CLOSED', '', '', 'RFC 9293 §3.10.5'),
  row('CLOSING', 'user-timeout', 'CLOSED', '', 'report ETIMEDOUT', 'RFC 9293 §3.10.8'),

  row('LAST-ACK', 'ack-of-fin', 'CLOSED', '', 'delete TCB', 'RFC 9293 §3.10.7.4'),
  row('LAST-ACK', 'rst', 'CLOSED', '', '', 'RFC 9293 §3.10.7.4'),
  row('LAST-ACK', 'abort', 'CLOSED', '', '', 'RFC 9293 §3.10.5'),
  row('LAST-ACK', 'user-timeout', 'CLOSED', '', 'report ETIMEDOUT', 'RFC 9293 §3.10.8'),

  row('TIME-WAIT', 'time-wait-timeout', 'CLOSED', '2MSL passed (60 s on Linux)', 'delete TCB', 'RFC 9293 §3.10.8'),
  row('TIME-WAIT', 'rst', 'CLOSED', 'unless tcp_rfc1337 is set', 'delete TCB', 'RFC 9293 §3.10.7.4'),
  row('TIME-WAIT', 'active-open', 'SYN-SENT', 'timestamps tell old from new (tcp_tw_reuse)', 'send SYN', 'Linux tcp_twsk_unique'),
  row(
    'TIME-WAIT',
    'syn',
    'SYN-RECEIVED',
    'a new incarnation beyond the old sequence numbers',
    'send SYN,ACK',
    'RFC 9293 §3.10.7.4, RFC 6191',
  ),
];

const NO_ROWS: readonly Transition[] = [];

/** By state and trigger: no text is put together to look something up. */
const index = new Map<TcpState, Map<Trigger, Transition[]>>();
for (const t of TRANSITIONS) {
  const here = index.get(t.from) ?? new Map<Trigger, Transition[]>();
  index.set(t.from, here.set(t.trigger, [...(here.get(t.trigger) ?? []), t]));
}

/** The rows that `trigger` can take from `from`; empty when it changes nothing there. */
export function transitionsOn(from: TcpState, trigger: Trigger): readonly Transition[] {
  return index.get(from)?.get(trigger) ?? NO_ROWS;
}

/** The row that leads from `from` to `to` on `trigger`, or undefined where the table has none. */
export const transition = (from: TcpState, trigger: Trigger, to: TcpState): Transition | undefined =>
  transitionsOn(from, trigger).find((t) => t.to === to);

/** Whose doing a trigger is. */
export function partyOf(trigger: Trigger): Party {
  switch (trigger) {
    case 'passive-open':
    case 'active-open':
    case 'close':
    case 'abort':
      return 'user';
    case 'time-wait-timeout':
    case 'user-timeout':
    case 'fin-wait-2-timeout':
      return 'time';
    default:
      return 'segment';
  }
}
