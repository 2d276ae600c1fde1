/** LINKTYPE_ numbers of the pcap and pcapng formats (the tcpdump group's registry) that this laboratory reads. */
export const LinkType = {
  NULL: 0,
  ETHERNET: 1,
  PPP: 9,
  FDDI: 10,
  PPP_HDLC: 50,
  PPP_ETHER: 51,
  RAW: 101,
  IEEE802_11: 105,
  LOOP: 108,
  LINUX_SLL: 113,
  IEEE802_11_RADIOTAP: 127,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

const NAMES = new Map<number, string>(Object.entries(LinkType).map(([name, value]) => [value, name]));

/** The registry's name, or the number where we know none. */
export const linkTypeName = (linkType: number): string => NAMES.get(linkType) ?? `LINKTYPE ${linkType}`;

/** DLT_RAW has other numbers on some systems, and old files carry those instead of LINKTYPE_RAW. */
export const isRawIp = (linkType: number): boolean => linkType === LinkType.RAW || linkType === 12 || linkType === 14;
