import { EVENT_COUNT, LAST_EVENT, LAST_PACKET as LAST_OF_BOTH, LIFE } from '../connection-words.ts';
import { LAST_CHANGE, STATE } from '../flow-words.ts';
import * as row from '../row-words.ts';
import { LIFE_CHANGED } from './codes.ts';
import * as at from './layout.ts';
import { get, recordAt, rowAt, set, setFloat } from './memory.ts';
import * as segment from './segment.ts';

/** Places of the fields of a record: of a change, then of an event. */
const PREVIOUS = 0;
const WHAT = 1;
const PACKET = 2;
const EVIDENCE = 3;
const REFERS_TO = 3;
const AT_EVIDENCE = 1 << 17;

/** Writes the row of the segment at hand, which is its connection's last. `shown` goes with its flags. */
export function keepRow(id: i32, connection: i32, shown: i32, marks: i32): void {
  const address = rowAt(segment.packet);
  const position = load<f64>(at.POSITION + (segment.frame << 3)) as i64;
  setFloat(address, row.SECONDS, load<f64>(at.SECONDS + (segment.frame << 3)));
  set(address, row.NANOSECONDS, load<i32>(at.NANOSECONDS + (segment.frame << 2)));
  set(address, row.FRAME, load<i32>(at.FRAME) + 1);
  set(address, row.CONNECTION, id);
  set(address, row.NEXT, -1);
  set(address, row.SEQ, segment.seq);
  set(address, row.ACK, segment.ack);
  set(address, row.FLAGS_AND_WINDOW, segment.flags | shown | (segment.window << 16));
  set(address, row.LENGTH, segment.length);
  set(address, row.MARKS, marks);
  set(address, row.CAPTURED_LENGTH, load<i32>(at.CAPTURED_LENGTH + (segment.frame << 2)));
  set(address, row.TS_VALUE, segment.tsValue);
  set(address, row.TS_ECHO, segment.tsEcho);
  set(address, row.POSITION_LOW, position as i32);
  set(address, row.POSITION_HIGH_AND_IP_ID, ((position >> 32) as i32 & 0xffff) | (segment.ipId << 16));
  const previous = get(connection, LAST_OF_BOTH);
  if (previous >= 0) set(rowAt(previous), row.NEXT, segment.packet);
  set(connection, LAST_OF_BOTH, segment.packet);
  store<i32>(at.ROWS, segment.packet + 1);
}

/** A change of state caused by `packet` and shown by the segment at hand, dated with the first of the two at which it can have happened. */
export function change(flow: i32, trigger: i32, to: i32, packet: i32): void {
  const last = get(flow, LAST_CHANGE);
  const crossed = last >= 0 && packet < datedBy(recordAt(at.CHANGE_PAGES, last));
  const place = nextChange();
  const record = recordAt(at.CHANGE_PAGES, place);
  set(record, PREVIOUS, last);
  set(record, WHAT, to | (trigger << 8) | (crossed ? AT_EVIDENCE : 0));
  set(record, PACKET, packet);
  set(record, EVIDENCE, segment.packet);
  set(flow, LAST_CHANGE, place);
  set(flow, STATE, (get(flow, STATE) & ~0xff) | to);
}

/** A place for a change: one that is free, or a new one. */
function nextChange(): i32 {
  const spare = load<i32>(at.SPARE_CHANGE);
  if (spare >= 0) {
    store<i32>(at.SPARE_CHANGE, get(recordAt(at.CHANGE_PAGES, spare), PREVIOUS));
    return spare;
  }
  const place = load<i32>(at.CHANGES);
  store<i32>(at.CHANGES, place + 1);
  return place;
}

function datedBy(record: i32): i32 {
  return get(record, (get(record, WHAT) & AT_EVIDENCE) !== 0 ? EVIDENCE : PACKET);
}

/** The segment at hand is an event. */
export function note(connection: i32, kind: i32, refersTo: i32): void {
  const place = load<i32>(at.EVENTS);
  const record = recordAt(at.EVENT_PAGES, place);
  set(record, PREVIOUS, get(connection, LAST_EVENT));
  set(record, WHAT, kind);
  set(record, PACKET, segment.packet);
  set(record, REFERS_TO, refersTo);
  set(connection, LAST_EVENT, place);
  set(connection, EVENT_COUNT, get(connection, EVENT_COUNT) + 1);
  store<i32>(at.EVENTS, place + 1);
}

/** Leaves word of a connection for what is not kept here. */
export function tell(what: i32, id: i32): void {
  const count = load<i32>(at.NOTE_COUNT);
  const address = at.NOTES + count * at.NOTE_SIZE;
  set(address, 0, what);
  set(address, 1, id);
  set(address, 2, segment.packet);
  store<i32>(at.NOTE_COUNT, count + 1);
}

/** The connection changed: it is told of once. */
export function changed(id: i32, connection: i32): void {
  const life = get(connection, LIFE);
  if ((life & LIFE_CHANGED) !== 0) return;
  set(connection, LIFE, life | LIFE_CHANGED);
  tell(at.NOTE_CHANGED, id);
}
