import { ok, type Result } from '../../../wire/result.ts';
import { type Errno, fail } from '../../sockets/errno.ts';
import { tellQueues } from '../arrival/text.ts';
import { EMPTY } from '../output.ts';
import type { Tcb } from '../tcb.ts';

/** RECEIVE (RFC 9293 §3.10.3): what is there, up to `most` octets; empty at the end of the stream; undefined to wait. */
export function receive(tcb: Tcb, most: number, peek: boolean): Result<Uint8Array, Errno> | undefined {
  if (tcb.receiveQueue.length > 0 && most > 0) {
    const octets = tcb.receiveQueue.read(most, peek);
    if (!peek) {
      if (isOpen(tcb)) tcb.acks.afterRead(octets.length);
      tellQueues(tcb);
    }
    return ok(octets);
  }
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

const isOpen = (tcb: Tcb): boolean => tcb.state === 'ESTABLISHED' || tcb.state === 'FIN-WAIT-1' || tcb.state === 'FIN-WAIT-2';
