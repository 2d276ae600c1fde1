import { ok, type Result } from '../../../wire/result.ts';
import { type Errno, fail } from '../../sockets/errno.ts';
import { tellQueues } from '../arrival/text.ts';
import { EMPTY } from '../output.ts';
import { restReceiving } from '../queues.ts';
import { adjustReceiveBuffer } from '../receive-autotune.ts';
import type { Tcb } from '../tcb.ts';
import { octetsBeforeMark, passMark, skipUrgentOctet } from '../urgent.ts';

/** Octets up to the urgent mark, which ends a read; the urgent octet itself only where it belongs to the stream. */
function read(tcb: Tcb, most: number, peek: boolean): Uint8Array {
  const atMark = octetsBeforeMark(tcb) === 0;
  if (atMark && !tcb.settings.oobInline && peek) return tcb.receiveQueue.read(most + 1, true).subarray(1);
  if (!peek) skipUrgentOctet(tcb);
  const octets = tcb.receiveQueue.read(Math.min(most, octetsBeforeMark(tcb) || most), peek);
  if (!peek) passMark(tcb);
  return octets;
}

/** Something to read; an urgent octet alone, kept out of the stream, is nothing. */
const hasText = (tcb: Tcb): boolean => tcb.receiveQueue.length > (!tcb.settings.oobInline && octetsBeforeMark(tcb) === 0 ? 1 : 0);

/** RECEIVE (RFC 9293 §3.10.3): what is there, up to `most` octets; empty at the end of the stream; undefined to wait. */
export function receive(tcb: Tcb, most: number, peek: boolean): Result<Uint8Array, Errno> | undefined {
  if (hasText(tcb) && most > 0) {
    const octets = read(tcb, most, peek);
    if (!peek) {
      adjustReceiveBuffer(tcb);
      if (tcb.state !== 'CLOSED' && tcb.state !== 'TIME-WAIT') tcb.acks.afterRead(octets.length);
      tellQueues(tcb);
      restReceiving(tcb);
    }
    return ok(octets);
  }
  if (!peek && most > 0 && skipUrgentOctet(tcb)) passMark(tcb); // who reads on passes it by, also where nothing follows
  if (tcb.endOfStream && tcb.error === undefined) return ok(EMPTY);
  if (tcb.error) {
    const { error } = tcb;
    tcb.error = undefined;
    return fail(error);
  }
  if (tcb.readClosed || most === 0) return ok(EMPTY);
  switch (tcb.state) {
    case 'CLOSED':
    case 'TIME-WAIT':
      return ok(EMPTY); // the error was told before
    default:
      return undefined;
  }
}

/** Fewer octets than `least` are here, and more can come: SO_RCVLOWAT would have it wait. */
export const isBelow = (tcb: Tcb, least: number): boolean =>
  isOpen(tcb) && !tcb.endOfStream && !tcb.readClosed && !tcb.error && tcb.receiveQueue.length < least;

const isOpen = (tcb: Tcb): boolean => tcb.state === 'ESTABLISHED' || tcb.state === 'FIN-WAIT-1' || tcb.state === 'FIN-WAIT-2';
