/** Flags of send(2) and recv(2). */
export type MessageFlag =
  | 'MSG_DONTWAIT'
  | 'MSG_PEEK'
  | 'MSG_WAITALL'
  | 'MSG_NOSIGNAL'
  | 'MSG_OOB'
  | 'MSG_MORE'
  | 'MSG_EOR'
  | 'MSG_TRUNC'
  | 'MSG_ERRQUEUE'
  | 'MSG_ZEROCOPY'
  | 'MSG_FASTOPEN';
