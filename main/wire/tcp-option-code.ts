/** Kinds of TCP options (IANA "TCP Option Kind Numbers"). */
export const OptionCode = {
  END: 0,
  NOP: 1,
  MSS: 2,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMPS: 8,
  MD5: 19,
  USER_TIMEOUT: 28,
  MPTCP: 30,
  FAST_OPEN: 34,
  EXPERIMENT_1: 253,
  EXPERIMENT_2: 254,
} as const;

/** The experiment identifier (RFC 6994) under which Fast Open ran before it had a kind of its own. */
export const FAST_OPEN_EXPERIMENT = 0xf989;
