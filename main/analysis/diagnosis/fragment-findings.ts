import type { Clock } from '../clock.ts';
import type { Reassembly } from '../fragments/reassembly.ts';
import type { Unfinished } from '../fragments/unfinished.ts';
import type { Finding } from './finding.ts';
import { counted } from './words.ts';

/** What is to be said of TCP segments in fragments that were never put together, and so belong to no connection. */
export function fragmentFindings(reassembly: Reassembly, clock: Clock): Finding[] {
  const end = clock.span?.end;
  if (!end) return [];
  const { missing, contradicting } = reassembly.unfinished(end.seconds + end.nanoseconds / 1e9);
  return [...(missing.count > 0 ? [missingPieces(missing)] : []), ...(contradicting.count > 0 ? [contradictions(contradicting)] : [])];
}

function missingPieces(missing: Unfinished): Finding {
  const onlyHeads = missing.heads === missing.count;
  return {
    kind: 'fragments-missing',
    ...(onlyHeads && { reason: 'first-only' }),
    severity: 'warning',
    ambiguous: true,
    ...evidence(missing),
    text: `Of ${counted(missing.count, 'segment')} in IP fragments ${onlyHeads ? 'only the first fragment was' : 'some fragments were not'} captured, so no connection here has ${missing.count === 1 ? 'it' : 'them'}. ${onlyHeads ? 'Later fragments have no ports: a capture filter that asks for a port drops them. Or something on the way does.' : 'They were lost on the way, or not captured.'}`,
    confirm: onlyHeads
      ? 'Capture again with `or (ip[6:2] & 0x1fff != 0) or ip6 proto 44` added to the filter.'
      : '`nstat IpReasmFails IpReasmTimeout Ip6ReasmFails` on the receiver counts what it could not put together.',
    values: { datagrams: missing.count },
  };
}

const contradictions = (contradicting: Unfinished): Finding => ({
  kind: 'fragments-contradict',
  severity: 'problem',
  ambiguous: true,
  ...evidence(contradicting),
  text: `The IP fragments of ${counted(contradicting.count, 'segment')} overlap or contradict each other, as no honest sender makes them: an attack on a firewall, which may read something else than the host behind it (RFC 3128, RFC 5722); or the identification came round while a fragment was missing (RFC 4963). So nothing is read from them.`,
  confirm:
    'Do addresses, TTL and interface of these packets agree? `nstat IpReasmFails Ip6ReasmFails` on the receiver counts what it refused.',
  values: { datagrams: contradicting.count },
});

const evidence = ({ frames, count, from, to }: Unfinished): Pick<Finding, 'packets' | 'packetCount' | 'from' | 'to'> => ({
  packets: frames,
  packetCount: count,
  from: instant(from),
  to: instant(to),
});

const instant = (time: number): Finding['from'] => ({ seconds: Math.floor(time), nanoseconds: Math.floor((time % 1) * 1e9) });
