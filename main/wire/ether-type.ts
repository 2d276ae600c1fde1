/** EtherType numbers (IANA "IEEE 802 Numbers") that lead to IP, or wrap something that does. */
export const EtherType = {
  IPV4: 0x0800,
  ARP: 0x0806,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  PPP: 0x880b,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  PPPOE_DISCOVERY: 0x8863,
  PPPOE_SESSION: 0x8864,
  SERVICE_VLAN: 0x88a8,
  FABRIC_PATH: 0x8903,
  QINQ_OLD: 0x9100,
  QINQ_OLDER: 0x9200,
} as const;

/** Tags of four octets that stand before another EtherType (IEEE 802.1Q, 802.1ad and the numbers used before 802.1ad). */
export const isVlanTag = (etherType: number): boolean =>
  etherType === EtherType.VLAN ||
  etherType === EtherType.SERVICE_VLAN ||
  etherType === EtherType.QINQ_OLD ||
  etherType === EtherType.QINQ_OLDER;
