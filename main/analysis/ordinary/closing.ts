import * as flow from '../flow-words.ts';
import * as code from './codes.ts';
import { spoken } from './established.ts';
import { acknowledge, addLife, advance, control, isExpected, remember, stateOf } from './flow.ts';
import { change, tell } from './keeping.ts';
import * as at from './layout.ts';
import { get, set } from './memory.ts';
import * as segment from './segment.ts';

const OF_NEITHER = code.KNOWN_RST | code.KNOWN_MAYBE_FIN | code.KNOWN_ASSUMED;

/**
 * A FIN without data, or the ACK of one, where one end closes after the other and nothing is sent again: the RFC's figure 12. False, and nothing
 * touched, where it is another.
 */
export function closes(id: i32, connection: i32, sender: i32, receiver: i32): bool {
  const isFin = control() === (code.FIN | code.ACK);
  if ((!isFin && control() !== code.ACK) || segment.length > 0 || segment.window === 0) return false;
  if (!isExpected(connection, sender, receiver, OF_NEITHER)) return false;
  if (!(isFin ? sendsFin(sender, receiver) : takesFin(id, sender, receiver))) return false;
  addLife(connection, code.LIFE_ANSWERED | code.COMPLETE_ACK | (isFin ? code.COMPLETE_FIN : 0));
  acknowledge(sender);
  set(sender, flow.BITS, spoken(get(sender, flow.BITS)));
  if (isFin) {
    set(sender, flow.BITS, get(sender, flow.BITS) | code.KNOWN_FIN);
    set(sender, flow.FIN_END, segment.seq + 1);
    set(sender, flow.FIN_PACKET, segment.packet);
    advance(sender, segment.seq + 1);
  }
  remember(sender, false);
  return true;
}

/** The segment at hand acknowledges the FIN of an end that has sent one. */
function acknowledgesFin(receiver: i32): bool {
  return segment.ack === get(receiver, flow.FIN_END);
}

/** A FIN of the end that closes first, or of the other, with the ACK of the first or after it. */
function sendsFin(sender: i32, receiver: i32): bool {
  const state = stateOf(sender);
  const peer = stateOf(receiver);
  if (state === code.ESTABLISHED && peer === code.ESTABLISHED) {
    change(sender, code.ON_CLOSE, code.FIN_WAIT_1, segment.packet);
    return true;
  }
  if (state === code.ESTABLISHED && peer === code.FIN_WAIT_1 && acknowledgesFin(receiver)) passiveClose(sender, receiver);
  else if (state !== code.CLOSE_WAIT || peer !== code.FIN_WAIT_2) return false;
  change(sender, code.ON_CLOSE, code.LAST_ACK, segment.packet);
  return true;
}

/** An ACK of the first FIN, or of the second, which ends the connection. */
function takesFin(id: i32, sender: i32, receiver: i32): bool {
  if (segment.ack === get(sender, flow.LAST_ACK) || !acknowledgesFin(receiver)) return false;
  const state = stateOf(sender);
  const peer = stateOf(receiver);
  if (state === code.ESTABLISHED && peer === code.FIN_WAIT_1) {
    passiveClose(sender, receiver);
    return true;
  }
  if (state !== code.FIN_WAIT_2 || peer !== code.LAST_ACK) return false;
  const fin = get(receiver, flow.FIN_PACKET);
  change(sender, code.ON_FIN, code.TIME_WAIT, fin);
  set(sender, flow.WAITING, fin);
  change(receiver, code.ON_ACK_OF_FIN, code.CLOSED, segment.packet);
  tell(at.NOTE_DUE, id);
  return true;
}

/** The sender has the peer's FIN, and tells the peer so. */
function passiveClose(sender: i32, receiver: i32): void {
  change(sender, code.ON_FIN, code.CLOSE_WAIT, get(receiver, flow.FIN_PACKET));
  change(receiver, code.ON_ACK_OF_FIN, code.FIN_WAIT_2, segment.packet);
}
