/** What poll(2) and epoll(7) can tell, with Linux's numbers. */
export const Poll = {
  IN: 0x001,
  PRI: 0x002,
  OUT: 0x004,
  ERR: 0x008,
  HUP: 0x010,
  NVAL: 0x020,
  RDNORM: 0x040,
  WRNORM: 0x100,
  RDHUP: 0x2000,
} as const;

/** How epoll_ctl(2) wants to be told, beside what. */
export const Epoll = { EXCLUSIVE: 2 ** 28, ONESHOT: 2 ** 30, ET: 2 ** 31 } as const;

export const READABLE = Poll.IN | Poll.RDNORM;
export const WRITABLE = Poll.OUT | Poll.WRNORM;
/** Told whether asked for or not. */
export const ALWAYS = Poll.ERR | Poll.HUP;
