import type { Segment } from '../../../wire/segment.ts';
import { isTcb } from '../../connection-table.ts';
import type { Host } from '../../host.ts';
import type { TcpPacket } from '../../network/packet.ts';
import type { Ends } from '../../probes.ts';
import { takeMark } from '../ecn.ts';
import { restSending } from '../queues.ts';
import { checkSpace } from '../send-memory.ts';
import type { Tcb } from '../tcb.ts';
import type { TimeWait } from '../time-wait.ts';
import { transmit } from '../transmit.ts';
import { checkAck } from './ack.ts';
import type { Check } from './check.ts';
import { arriveClosed } from './closed.ts';
import { acceptFin } from './fin.ts';
import { arriveListen } from './listen.ts';
import { checkReset } from './reset.ts';
import { checkSequence } from './sequence.ts';
import { checkSyn } from './syn.ts';
import { arriveSynSent } from './syn-sent.ts';
import { acceptText } from './text.ts';
import { checkUrgent } from './urgent.ts';

/** SEGMENT ARRIVES (RFC 9293 §3.10.7): who is it for, and in what state is that? */
export function arrive(host: Host, packet: TcpPacket): void {
  const { src, dst, segment } = packet;
  const ends = { localAddress: dst, localPort: segment.dstPort, remoteAddress: src, remotePort: segment.srcPort };
  const connection = host.connections.find(ends);
  if (!connection) {
    arriveUnconnected(host, packet, ends);
    return;
  }
  host.recorder?.touched(connection);
  if (!isTcb(connection)) {
    arriveInTimeWait(connection, packet);
    return;
  }
  if (connection.state === 'SYN-SENT') arriveSynSent(connection, segment);
  else {
    if (connection.ecn.agreed) takeMark(connection, segment, packet.trafficClass ?? 0);
    arriveConnected(connection, segment);
  }
  restSending(connection);
}

function arriveUnconnected(host: Host, packet: TcpPacket, ends: Ends): void {
  const listener = host.connections.listenerFor(ends);
  if (!listener) {
    arriveClosed(host, packet);
    return;
  }
  host.recorder?.touched(listener);
  const fromCookie = arriveListen(listener, packet);
  if (fromCookie) arriveConnected(fromCookie, packet.segment);
}

function arriveInTimeWait(timeWait: TimeWait, packet: TcpPacket): void {
  if (timeWait.arrive(packet.segment) === 'handled') return;
  const listener = timeWait.host.connections.listenerFor(timeWait);
  if (!listener || listener.isFull) {
    timeWait.acknowledge();
    return;
  }
  timeWait.remove();
  arriveListen(listener, packet, { iss: timeWait.nextIss });
}

/**
 * RFC 9293 §3.10.7.4: the order matters, and the first check that settles the segment ends the walk. (Its third check,
 * security, has no life today.)
 */
const SYNCHRONIZED_CHECKS: readonly Check[] = [checkSequence, checkReset, checkSyn, checkAck, checkUrgent, acceptText, acceptFin];

function arriveConnected(tcb: Tcb, segment: Segment): void {
  for (let i = 0; i < SYNCHRONIZED_CHECKS.length; i++) if (SYNCHRONIZED_CHECKS[i]!(tcb, segment) === 'done') break;
  if (tcb.state === 'CLOSED' || tcb.state === 'LISTEN' || tcb.state === 'TIME-WAIT' || (tcb.state === 'SYN-RECEIVED' && !tcb.fastOpen))
    return;
  transmit(tcb); // an ACK may have made room; data takes the acknowledgment along
  checkSpace(tcb);
  tcb.acks.decide();
}
