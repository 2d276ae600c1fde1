import type { Fact } from './journal.ts';

/** What happened, in a line. Numbers that only chance decides (ports, first sequence numbers) are left out: two runs shall be comparable. */
export function describe(fact: Fact): string {
  switch (fact.kind) {
    case 'segment': {
      const { from, to, flags, relativeSeq, relativeAck, length, window } = fact.segment;
      const numbers = length > 0 ? `${relativeSeq}:${relativeSeq + length}` : `${relativeSeq}`;
      const ack = flags.includes('ACK') ? ` ack ${relativeAck}` : '';
      return `${from} > ${to}: ${flags || 'no flags'} seq ${numbers}${ack} win ${window}${length > 0 ? ` len ${length}` : ''}`;
    }
    case 'drop':
      return `${fact.host}'s segment went no further: ${fact.reason}`;
    case 'state':
      return `${fact.host}: ${fact.from} > ${fact.to}`;
    case 'timer':
      return `${fact.host}: the ${fact.timer} timer fired`;
    case 'call':
      return `${fact.process} calls ${fact.text}`;
    case 'result':
      return `${fact.process}: ${fact.text}`;
    case 'script':
      return `the script: ${fact.text}`;
  }
}
