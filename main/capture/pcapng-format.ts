/** Numbers of the pcapng format (draft-ietf-opsawg-pcapng), shared by its parser and its writer. */

export const Block = {
  sectionHeader: 0x0a0d0d0a,
  interface: 1,
  /** Obsolete (section 4.6's predecessor), still met in old files. */
  packet: 2,
  simplePacket: 3,
  statistics: 5,
  enhancedPacket: 6,
} as const;

/** Read in the section's byte order, this tells the byte order. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const Option = {
  end: 0,
  comment: 1,
  shbUserAppl: 4,
  ifName: 2,
  ifTsResol: 9,
  ifFilter: 11,
  ifTsOffset: 14,
  isbIfRecv: 4,
  isbIfDrop: 5,
  isbOsDrop: 7,
  isbUsrDeliv: 8,
} as const;

/** Every block: type, total length, body, total length again. */
export const MIN_BLOCK = 12;

export const padded = (octets: number): number => (octets + 3) & ~3;
