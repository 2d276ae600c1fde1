/** The eleven states of RFC 9293 §3.3.2, spelled as the RFC spells them, in the order a connection may live them. */
export const TCP_STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;

export type TcpState = (typeof TCP_STATES)[number];

/** Both ends know each other's initial sequence number: the checks of RFC 9293 §3.10.7.4 apply. */
export const isSynchronized = (s: TcpState): boolean => s !== 'CLOSED' && s !== 'LISTEN' && s !== 'SYN-SENT' && s !== 'SYN-RECEIVED';

/** The user may still send (RFC 9293 §3.10.2). */
export const maySend = (s: TcpState): boolean => s === 'ESTABLISHED' || s === 'CLOSE-WAIT';

/** The peer's FIN has not been taken, so data can still arrive (RFC 9293 §3.10.7.4, seventh check). */
export const mayReceive = (s: TcpState): boolean => s === 'ESTABLISHED' || s === 'FIN-WAIT-1' || s === 'FIN-WAIT-2';
