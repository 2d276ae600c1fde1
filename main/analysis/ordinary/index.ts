// The ordinary way of a segment, past the rules. This folder is AssemblyScript, TypeScript's syntax with the types of a machine: it is compiled ahead,
// to WebAssembly. `docs/analysis.md` says why, `../ordinary.test.ts` holds what it leaves against what the rules leave.
import { PACKETS } from '../flow-words.ts';
import { closes } from './closing.ts';
import * as code from './codes.ts';
import { goesOn } from './established.ts';
import { flowAt } from './flow.ts';
import { changed, keepRow, tell } from './keeping.ts';
import * as at from './layout.ts';
import { be16, be32, connectionAt, get } from './memory.ts';
import { answers, begins, COMPLETES_MARKS, completes } from './opening.ts';
import * as segment from './segment.ts';
import * as table from './table.ts';

const ETHERNET = 1;
const RAW = 101;
const IPV4 = 0x0800;
const TCP = 6;
const IPV4_HEADER = 20;
const LARGEST_FRAME = 1 << 24;

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

/** A frame of Ethernet or bare IP, with IPv4 and TCP and nothing between. */
function takeFrame(i: i32): bool {
  const now = since(i);
  if (max(now, load<f64>(at.PASSED)) >= load<f64>(at.DUE)) return false; // time alone changes something first
  const start = load<i32>(at.OFFSET + (i << 2)) + load<i32>(at.BEGIN);
  const captured = load<i32>(at.CAPTURED_LENGTH + (i << 2));
  const original = load<i32>(at.ORIGINAL_LENGTH + (i << 2));
  const link: i32 = load<u16>(at.LINK_TYPE + (i << 1));
  if (load<u16>(at.INTERFACE_ID + (i << 1)) !== 0 || original < captured || original > LARGEST_FRAME) return false;
  if (link === ETHERNET ? captured < 14 || be16(start + 12) !== IPV4 : link !== RAW) return false;
  const ip = link === ETHERNET ? start + 14 : start;
  const end = start + captured;
  if (end - ip < IPV4_HEADER) return false;
  const versionAndLengths = be32(ip);
  if (versionAndLengths >>> 24 !== 0x45 || (be16(ip + 6) & 0x3fff) !== 0 || load<u8>(ip + 9) !== TCP) return false;
  const total = versionAndLengths & 0xffff;
  if (total <= IPV4_HEADER) return false;
  const tcp = ip + IPV4_HEADER;
  const tcpLength = total - IPV4_HEADER;
  if (!segment.read(i, ip, 4, tcp, tcpLength, min(tcpLength, end - tcp), start + original)) return false;
  const id = table.find(ip, tcp);
  return !table.toItself && takeSegment(id, now, ip, tcp, tcpLength);
}

/** The segment at hand, of connection `id` or of none yet. */
function takeSegment(id: i32, now: f64, ip: i32, tcp: i32, tcpLength: i32): bool {
  let number = id;
  let packets = 1;
  if (id < 0) {
    number = begins(now);
    if (number < 0) return false;
    const partial = isPartial(ip, tcp, tcpLength) ? code.PARTIAL_CHECKSUM : 0;
    keepRow(number, connectionAt(number), partial | (table.fromSecond ? code.FROM_SECOND : 0), 0);
  } else {
    const sent = get(flowAt(connectionAt(id), table.fromSecond), PACKETS);
    const partial = sent < CHECKSUMS_LOOKED_AT && isPartial(ip, tcp, tcpLength) ? code.PARTIAL_CHECKSUM : 0;
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
    if (completes(connection, sender, receiver, now)) marks = COMPLETES_MARKS;
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

/** The checksum of an IPv4 segment was left to the network card, as in `../../wire/tcp-checksum.ts`. */
function isPartial(ip: i32, tcp: i32, tcpLength: i32): bool {
  const field = be16(tcp + 16);
  if (field === 0) return true;
  const addresses = TCP + be16(ip + 12) + be16(ip + 14) + be16(ip + 16) + be16(ip + 18);
  return field === folded(addresses + tcpLength) || field === folded(addresses);
}

function folded(sum: i32): i32 {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}
