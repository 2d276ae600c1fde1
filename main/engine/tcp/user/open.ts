import { Flag } from '../../../wire/segment.ts';
import { seqAdd } from '../../../wire/seq.ts';
import { isTcb } from '../../connection-table.ts';
import type { Host } from '../../host.ts';
import type { Ends } from '../../probes.ts';
import type { Wakeable } from '../../sockets/socket.ts';
import { prepareFastOpen, trackSynData } from '../fast-open-client.ts';
import { initialSequenceNumber, timestampOffset } from '../isn.ts';
import { offerOptions } from '../options.ts';
import { EMPTY } from '../output.ts';
import { initialWindow } from '../receive-window.ts';
import type { SocketSettings } from '../settings.ts';
import { setState } from '../state.ts';
import { Tcb } from '../tcb.ts';
import type { TimeWait } from '../time-wait.ts';
import { put, track } from '../transmit.ts';

/** The former incarnation, which the new one takes over from (tcp_tw_reuse). */
function timeWaitOf(host: Host, ends: Ends): TimeWait | undefined {
  const connection = host.connections.find(ends);
  if (!connection || isTcb(connection)) return undefined;
  connection.remove();
  host.counters.add('TWRecycled');
  return connection;
}

/** Active OPEN (RFC 9293 §3.10.1): a SYN goes out and its retransmission timer starts. */
export function openActively(host: Host, ends: Ends, settings: SocketSettings, holder: Wakeable, data?: Uint8Array): Tcb {
  const former = timeWaitOf(host, ends);
  const tcb = new Tcb(host, ends, settings, former ? 'TIME-WAIT' : 'CLOSED');
  tcb.holder = holder;
  tcb.iss = former?.nextIss ?? initialSequenceNumber(host, ends);
  tcb.tsRecent = former?.tsRecent ?? 0;
  tcb.sndUna = tcb.iss;
  tcb.sndNxt = seqAdd(tcb.iss, 1);
  tcb.sndSml = tcb.iss;
  tcb.tsOffset = timestampOffset(host, ends);
  offerOptions(tcb);
  initialWindow(tcb, tcb.advertisedMss);
  if (settings.opensInteractive) tcb.acks.enterInteractive();
  host.connections.add(tcb);
  host.counters.add('ActiveOpens');
  setState(tcb, 'SYN-SENT', 'active-open');
  if (data || settings.fastOpenConnect) prepareFastOpen(tcb, data);
  put(tcb, track(tcb, tcb.iss, tcb.sndNxt, EMPTY, Flag.SYN), 'syn');
  trackSynData(tcb);
  return tcb;
}
