/**
 * MIB counters with the kernel's names, as in /proc/net/snmp (Tcp, Ip, Icmp, Udp) and /proc/net/netstat (TcpExt). A counter appears
 * here once something counts it.
 */
export const COUNTER_NAMES = [
  // Tcp
  'ActiveOpens',
  'PassiveOpens',
  'AttemptFails',
  'EstabResets',
  'CurrEstab',
  'InSegs',
  'InErrs',
  'InCsumErrors',
  'OutSegs',
  'RetransSegs',
  'OutRsts',
  // Ip
  'InHdrErrors',
  'ForwDatagrams',
  'ReasmReqds',
  'ReasmOKs',
  'ReasmFails',
  'ReasmTimeout',
  'FragOKs',
  'FragFails',
  'FragCreates',
  // Icmp
  'IcmpInMsgs',
  'IcmpInErrors',
  'IcmpInCsumErrors',
  'IcmpOutMsgs',
  // Udp
  'InDatagrams',
  'NoPorts',
  'InErrors',
  'UdpInCsumErrors',
  'OutDatagrams',
  'RcvbufErrors',
  // TcpExt
  'EmbryonicRsts',
  'ListenOverflows',
  'ListenDrops',
  'TCPReqQFullDrop',
  'TCPReqQFullDoCookies',
  'SyncookiesSent',
  'SyncookiesRecv',
  'SyncookiesFailed',
  'TCPDeferAcceptDrop',
  'TCPFastOpenActive',
  'TCPFastOpenActiveFail',
  'TCPFastOpenPassive',
  'TCPFastOpenPassiveFail',
  'TCPFastOpenPassiveAltKey',
  'TCPFastOpenListenOverflow',
  'TCPFastOpenCookieReqd',
  'TCPFastOpenBlackhole',
  'TW',
  'PAWSActive',
  'PAWSEstab',
  'DelayedACKs',
  'TCPTimeouts',
  'TCPFastRetrans',
  'TCPSlowStartRetrans',
  'TCPRenoRecovery',
  'TCPSackRecovery',
  'TCPRenoRecoveryFail',
  'TCPSackRecoveryFail',
  'TCPRenoFailures',
  'TCPSackFailures',
  'TCPLossFailures',
  'TCPSACKReneging',
  'TCPSACKReorder',
  'TCPRenoReorder',
  'TCPTSReorder',
  'TCPFullUndo',
  'TCPPartialUndo',
  'TCPDSACKUndo',
  'TCPLossUndo',
  'TCPLostRetransmit',
  'TCPLossProbes',
  'TCPLossProbeRecovery',
  'TCPSpuriousRTOs',
  'TCPDSACKRecv',
  'TCPDSACKOfoRecv',
  'TCPSACKDiscard',
  'TCPHystartTrainDetect',
  'TCPHystartTrainCwnd',
  'TCPHystartDelayDetect',
  'TCPHystartDelayCwnd',
  'TCPOFOQueue',
  'TCPOFODrop',
  'TCPDSACKOldSent',
  'TCPDSACKOfoSent',
  'TCPChallengeACK',
  'TCPSYNChallenge',
  'TCPACKSkippedChallenge',
  'TCPACKSkippedSeq',
  'TCPACKSkippedTimeWait',
  'TCPAbortOnData',
  'TCPAbortOnClose',
  'TCPAbortOnTimeout',
  'TCPAbortOnMemory',
  'TCPAbortOnLinger',
  'TCPKeepAlive',
  'TWRecycled',
  'TCPTimeWaitOverflow',
  'TCPFromZeroWindowAdv',
  'TCPToZeroWindowAdv',
  'TCPWantZeroWindowAdv',
  'TCPZeroWindowDrop',
  'TCPWinProbe',
  'TCPSynRetrans',
  'OutOfWindowIcmps',
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];

const INDEX: ReadonlyMap<CounterName, number> = new Map(COUNTER_NAMES.map((name, i) => [name, i]));
const IN_SEGS = COUNTER_NAMES.indexOf('InSegs');
const OUT_SEGS = COUNTER_NAMES.indexOf('OutSegs');

export class Counters {
  private readonly values = new Float64Array(COUNTER_NAMES.length);
  /** Told of every counter that moves, while somebody keeps a record. */
  onChange: ((name: CounterName) => void) | undefined;

  add(name: CounterName, amount = 1): void {
    this.values[INDEX.get(name)!]! += amount;
    this.onChange?.(name);
  }

  /** Every segment is counted twice, so these two need no lookup. */
  segmentIn(): void {
    this.values[IN_SEGS]!++;
    this.onChange?.('InSegs');
  }

  segmentsOut(segments: number): void {
    this.values[OUT_SEGS]! += segments;
    this.onChange?.('OutSegs');
  }

  get(name: CounterName): number {
    return this.values[INDEX.get(name)!]!;
  }

  all(): Readonly<Record<CounterName, number>> {
    return Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, this.values[i]!])) as Record<CounterName, number>;
  }
}
