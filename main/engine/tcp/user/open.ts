import { Flag } from '../../../wire/segment.ts';
import { seqAdd } from '../../../wire/seq.ts';
import type { Host } from '../../host.ts';
import type { Ends } from '../../probes.ts';
import { initialSequenceNumber, timestampOffset } from '../isn.ts';
import { offerOptions } from '../options.ts';
import { EMPTY } from '../output.ts';
import { initialWindow } from '../receive-window.ts';
import type { SocketSettings } from '../settings.ts';
import { setState } from '../state.ts';
import { Tcb } from '../tcb.ts';
import { put, track } from '../transmit.ts';

/** Active OPEN (RFC 9293 §3.10.1): a SYN goes out and its retransmission timer starts. */
export function openActively(host: Host, ends: Ends, settings: SocketSettings, wake: () => void): Tcb {
  const tcb = new Tcb(host, ends, settings, 'CLOSED');
  tcb.wake = wake;
  tcb.iss = initialSequenceNumber(host, ends);
  tcb.sndUna = tcb.iss;
  tcb.sndNxt = seqAdd(tcb.iss, 1);
  tcb.sndSml = tcb.iss;
  tcb.tsOffset = timestampOffset(host, ends);
  offerOptions(tcb);
  initialWindow(tcb, tcb.advertisedMss);
  host.connections.add(tcb);
  host.counters.add('ActiveOpens');
  setState(tcb, 'SYN-SENT', 'active-open');
  put(tcb, track(tcb, tcb.iss, tcb.sndNxt, EMPTY, Flag.SYN), 'syn');
  return tcb;
}
