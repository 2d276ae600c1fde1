// The ordinary way of a segment, past the rules. This folder is AssemblyScript, TypeScript's syntax with the types of a machine: it is compiled ahead,
// to WebAssembly. `docs/analysis.md` says why, `../ordinary.test.ts` holds what it leaves against what the rules leave.
import { PACKETS } from '../flow-words.ts';
import { isPartial } from './checksum.ts';
import { closes } from './closing.ts';
import * as code from './codes.ts';
import { goesOn } from './established.ts';
import { flowAt } from './flow.ts';
import { changed, keepRow, tell } from './keeping.ts';
import * as at from './layout.ts';
import * as found from './locate.ts';
import { connectionAt, get } from './memory.ts';
import { answers, begins, completes, HANDSHAKE_MARK } from './opening.ts';
import * as segment from './segment.ts';
import * as table from './table.ts';

/** So many of a side's first segments tell whether it leaves checksums to its network card, as in `../packet-row.ts`. */
const CHECKSUMS_LOOKED_AT = 2;
/** Every so many packets of a connection one is a milestone, as in `../milestones.ts`. */
const MILESTONES_APART = 256;

/** Takes frames of the batch from number `from` on, up to the first that is not ordinary; gives its number, or `count`. */
export function run(from: i32, count: i32): i32 {
  let i = from;
  while (i < count && takeFrame(i)) i++;
  return i;
}

/**
 * Takes a segment of a connection that is known, wherever its headers were found: frame `i`, its IP header at `ip` and its TCP header at `tcp` in the octets of the
 * batch. Gives how many packets the connection has with it; or 0, and nothing was touched.
 */
export function take(
  i: i32,
  ip: i32,
  version: i32,
  tcp: i32,
  tcpLength: i32,
  captured: i32,
  wireEnd: i32,
  id: i32,
  fromSecond: bool,
  partial: bool,
): i32 {
  const begin = load<i32>(at.BEGIN);
  if (!segment.read(i, begin + ip, version, begin + tcp, tcpLength, captured, begin + wireEnd)) return 0;
  return takeNext(id, fromSecond, partial ? code.PARTIAL_CHECKSUM : 0, load<f64>(at.NOW));
}

/** A frame, where its segment lies where most do. */
function takeFrame(i: i32): bool {
  const now = since(i);
  if (max(now, load<f64>(at.PASSED)) >= load<f64>(at.DUE)) return false; // time alone changes something first
  if (!found.locate(i) || !segment.read(i, found.ip, found.version, found.tcp, found.tcpLength, found.captured, found.wireEnd))
    return false;
  const id = table.find();
  return !table.toItself && takeSegment(id, now);
}

/** The segment at hand, of connection `id` or of none yet. */
function takeSegment(id: i32, now: f64): bool {
  let number = id;
  let packets = 1;
  if (id < 0) {
    number = begins(now);
    if (number < 0) return false;
    const partial = isPartial() ? code.PARTIAL_CHECKSUM : 0;
    keepRow(number, connectionAt(number), partial | (table.fromSecond ? code.FROM_SECOND : 0), 0);
  } else {
    const sent = get(flowAt(connectionAt(id), table.fromSecond), PACKETS);
    const partial = sent < CHECKSUMS_LOOKED_AT && isPartial() ? code.PARTIAL_CHECKSUM : 0;
    packets = takeNext(id, table.fromSecond, partial, now);
    if (packets === 0) return false;
  }
  if (packets > 1 && (packets - 1) % MILESTONES_APART === 0) tell(at.NOTE_MILESTONE, number);
  changed(number, connectionAt(number));
  store<i32>(at.FRAME, load<i32>(at.FRAME) + 1);
  store<f64>(at.NOW, now);
  store<f64>(at.LATEST, max(now, load<f64>(at.LATEST)));
  store<f64>(at.PASSED, max(now, load<f64>(at.PASSED)));
  return true;
}

/** The segment at hand, in a connection that is known. Gives how many packets that has with it, or 0. */
function takeNext(id: i32, fromSecond: bool, partial: i32, now: f64): i32 {
  const connection = connectionAt(id);
  const sender = flowAt(connection, fromSecond);
  const receiver = flowAt(connection, !fromSecond);
  let marks = 0;
  if (!goesOn(connection, sender, receiver)) {
    if (completes(connection, sender, receiver, now)) marks = HANDSHAKE_MARK;
    else if (!answers(connection, sender, receiver) && !closes(id, connection, sender, receiver)) return 0;
  }
  keepRow(id, connection, partial | (fromSecond ? code.FROM_SECOND : 0), marks);
  return get(sender, PACKETS) + get(receiver, PACKETS);
}

/** When frame `i` was captured, on the analysis clock. */
function since(i: i32): f64 {
  return (
    (load<f64>(at.SECONDS + (i << 3)) - load<f64>(at.ORIGIN)) * 1e9 +
    ((load<u32>(at.NANOSECONDS + (i << 2)) as f64) - load<f64>(at.ORIGIN + 8))
  );
}
