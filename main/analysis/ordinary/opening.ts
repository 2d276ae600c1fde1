import { DUE, FIRST_PACKET, INITIAL_RTT, LAST_EVENT, LAST_PACKET, SYN_INTERVAL, SYN_TIME } from '../connection-words.ts';
import * as flow from '../flow-words.ts';
import * as code from './codes.ts';
import {
  acknowledge,
  acknowledgesCaptured,
  addLife,
  control,
  flowAt,
  hopsOf,
  isNext,
  knows,
  remember,
  scaleOf,
  setScale,
  stateOf,
  UNTIMED,
} from './flow.ts';
import { change, note } from './keeping.ts';
import * as at from './layout.ts';
import { connectionAt, get, getFloat, set, setFloat } from './memory.ts';
import { mss, sackPermitted, windowScale } from './options.ts';
import * as segment from './segment.ts';
import * as table from './table.ts';

/** RFC 7323 §2.3: a larger shift counts as 14. */
const LARGEST_SCALE = 14;
/** All that is known, but for hops, scale and what a SYN permits. */
const ALL = 0xffff & ~code.KNOWN_SACK_PERMITTED;
const OF_SYN = code.KNOWN_BASE | code.KNOWN_NEXT | code.KNOWN_SYN | code.KNOWN_SENT | code.KNOWN_UNSCALED;
export const HANDSHAKE_MARK = 1 << code.HANDSHAKE_KIND;

/** The SYN at hand begins a connection on the 4-tuple looked up last. Gives its number, or -1 where it is no plain SYN. */
export function begins(now: f64): i32 {
  if (control() !== code.SYN || segment.length > 0 || !table.hasRoom(load<i32>(at.CONNECTIONS))) return -1;
  const id = load<i32>(at.CONNECTIONS);
  store<i32>(at.CONNECTIONS, id + 1);
  table.enter(id);
  const connection = connectionAt(id);
  addLife(connection, code.COMPLETE_SYN | (table.fromSecond ? code.LIFE_CLIENT_SECOND : 0));
  set(connection, FIRST_PACKET, segment.packet);
  set(connection, LAST_PACKET, -1);
  setFloat(connection, INITIAL_RTT, UNTIMED);
  setFloat(connection, SYN_TIME, now);
  setFloat(connection, SYN_INTERVAL, UNTIMED);
  setFloat(connection, DUE, Infinity);
  set(connection, LAST_EVENT, -1);
  const sender = flowAt(connection, table.fromSecond);
  const receiver = flowAt(connection, !table.fromSecond);
  open(sender);
  open(receiver);
  start(sender, code.CLOSED);
  set(sender, flow.SYN_PACKET, segment.packet);
  change(sender, code.ON_ACTIVE_OPEN, code.SYN_SENT, segment.packet);
  rememberSyn(sender, receiver, code.KNOWN_ACTIVE);
  return id;
}

/** The first SYN,ACK, of an end of which nothing was captured before. */
export function answers(connection: i32, sender: i32, receiver: i32): bool {
  if (control() !== (code.SYN | code.ACK) || segment.length > 0) return false;
  if (!knows(sender, ALL, 0) || !knows(receiver, ALL, OF_SYN | code.KNOWN_ACTIVE)) return false;
  if (stateOf(sender) !== 0 || stateOf(receiver) !== code.SYN_SENT) return false;
  if (!acknowledgesSyn(receiver)) return false;
  addLife(connection, code.LIFE_ANSWERED | code.COMPLETE_SYN_ACK);
  start(sender, code.LISTEN);
  set(sender, flow.SYN_ACK_PACKET, segment.packet);
  change(sender, code.ON_SYN, code.SYN_RECEIVED, get(receiver, flow.SYN_PACKET));
  acknowledge(sender);
  rememberSyn(sender, receiver, 0);
  return true;
}

/** The ACK that ends a handshake. */
export function completes(connection: i32, sender: i32, receiver: i32, now: f64): bool {
  if (control() !== code.ACK || segment.length > 0 || segment.window === 0) return false;
  if (!knows(sender, ALL, OF_SYN | code.KNOWN_ACTIVE) || !knows(receiver, ALL, OF_SYN | code.KNOWN_ACKED)) return false;
  if (stateOf(sender) !== code.SYN_SENT || stateOf(receiver) !== code.SYN_RECEIVED || hopsOf(sender) !== segment.hops) return false;
  if (!isNext(sender) || !acknowledgesSyn(receiver)) return false;
  if (segment.ack === get(sender, flow.LAST_ACK)) return false; // it repeats what stood in its SYN
  addLife(connection, code.LIFE_ANSWERED | code.LIFE_HANDSHAKE | code.COMPLETE_ACK);
  setFloat(connection, INITIAL_RTT, now - getFloat(connection, SYN_TIME));
  change(sender, code.ON_SYN_ACK, code.ESTABLISHED, get(receiver, flow.SYN_ACK_PACKET));
  change(receiver, code.ON_ACK_OF_SYN, code.ESTABLISHED, segment.packet);
  note(connection, code.HANDSHAKE_KIND, get(sender, flow.SYN_PACKET));
  acknowledge(sender);
  set(sender, flow.BITS, (get(sender, flow.BITS) | code.KNOWN_SPOKE) & ~code.KNOWN_UNSCALED);
  remember(sender, false);
  return true;
}

/** The segment at hand acknowledges a SYN, after which its sender was not seen to send. */
function acknowledgesSyn(receiver: i32): bool {
  const next = get(receiver, flow.BASE) + 1;
  return segment.ack === next && next === get(receiver, flow.SENT) && acknowledgesCaptured(receiver);
}

/** A flow of which nothing is known. The words are zero before. */
function open(address: i32): void {
  set(address, flow.WINDOW, -1);
  setScale(address, code.SCALE_UNKNOWN);
  set(address, flow.SYN_PACKET, -1);
  set(address, flow.SYN_ACK_PACKET, -1);
  set(address, flow.FIN_PACKET, -1);
  set(address, flow.ACK_PACKET, -1);
  set(address, flow.WAITING, -1);
  set(address, flow.LAST_CHANGE, -1);
  set(address, flow.LAST_PACKET, -1);
}

/** The state an endpoint was in when its connection's first frame was captured; and what its SYN announces. */
function start(sender: i32, state: i32): void {
  set(sender, flow.STATE, state | (state << 8) | (mss << 16));
}

/** What a SYN, with or without ACK, leaves of its sender. */
function rememberSyn(sender: i32, receiver: i32, role: i32): void {
  const next = segment.seq + 1;
  const agreed = sackPermitted ? code.KNOWN_SACK_PERMITTED : 0;
  set(sender, flow.BITS, get(sender, flow.BITS) | OF_SYN | role | agreed | (segment.hops << code.HOPS_SHIFT));
  set(sender, flow.BASE, segment.seq);
  set(sender, flow.NEXT_SEQ, next);
  set(sender, flow.SENT, next);
  set(sender, flow.CONTIGUOUS, next);
  set(sender, flow.NEXT_SEQ_PACKET, segment.packet);
  remember(sender, true);
  agreeOnScale(sender, receiver, role === 0);
}

/** Windows are scaled only where both SYNs said so (RFC 7323 §2.2). */
function agreeOnScale(sender: i32, receiver: i32, isSynAck: bool): void {
  if (windowScale >= 0) setScale(sender, min(windowScale, LARGEST_SCALE));
  if (scaleOf(sender) === code.SCALE_UNKNOWN) {
    setScale(sender, code.SCALE_NONE);
    setScale(receiver, code.SCALE_NONE);
  } else if (isSynAck && scaleOf(receiver) === code.SCALE_NONE) setScale(sender, code.SCALE_NONE);
}
