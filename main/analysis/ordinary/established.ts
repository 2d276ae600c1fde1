import * as flow from '../flow-words.ts';
import * as code from './codes.ts';
import { acknowledge, addLife, advance, control, isExpected, remember, scaleOf, stateOf } from './flow.ts';
import { get, getFloat, set, setFloat } from './memory.ts';
import * as segment from './segment.ts';

/** Of what must not be known: who closed is told by the states. */
const OF_NEITHER = code.KNOWN_RST | code.KNOWN_MAYBE_FIN;

/** A segment that both endpoints of an established connection expected next. False, and nothing touched, where it is another. */
export function goesOn(connection: i32, sender: i32, receiver: i32): bool {
  if (control() !== code.ACK || segment.window === 0) return false;
  if (stateOf(sender) !== code.ESTABLISHED || stateOf(receiver) !== code.ESTABLISHED) return false;
  if (!isExpected(connection, sender, receiver, OF_NEITHER)) return false;
  const known = get(sender, flow.BITS);
  if (segment.length === 0) {
    if (segment.ack === get(sender, flow.LAST_ACK)) return false; // it repeats itself
    addLife(connection, code.LIFE_ANSWERED | code.COMPLETE_ACK);
    set(sender, flow.BITS, spoken(known));
  } else {
    const end = segment.seq + segment.length;
    if (!isPlainData(known, receiver, end)) return false;
    addLife(connection, code.LIFE_ANSWERED | code.COMPLETE_DATA);
    set(sender, flow.BITS, spoken(known) | code.KNOWN_DATA);
    advance(sender, end);
    setFloat(sender, flow.BYTES, getFloat(sender, flow.BYTES) + (segment.length as f64));
  }
  acknowledge(sender);
  remember(sender, false);
  return true;
}

/** With the first segment after its SYN an endpoint is past its handshake, and scales its windows. */
export function spoken(known: i32): i32 {
  return (known | code.KNOWN_SPOKE) & ~code.KNOWN_UNSCALED;
}

/** Data up to `end` that was not acknowledged before, neither probes the window nor fills it, and settles nothing that was assumed. */
function isPlainData(known: i32, receiver: i32, end: i32): bool {
  const peerKnown = get(receiver, flow.BITS);
  const acked = get(receiver, flow.LAST_ACK);
  if (end - acked <= 0) return false;
  const shift = (peerKnown & code.KNOWN_UNSCALED) !== 0 ? 0 : max(scaleOf(receiver), 0);
  const offered = get(receiver, flow.WINDOW) << shift;
  if (offered === 0 || acked + offered === end) return false;
  return ((known | peerKnown) & code.KNOWN_ASSUMED) === 0 || (peerKnown & code.KNOWN_DATA) === 0;
}
