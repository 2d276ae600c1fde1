import type { Packet } from '../../engine/network/packet.ts';
import { Flag, type Segment } from '../../wire/segment.ts';
import { type Nanos, seconds } from '../../wire/units.ts';
import { compareTcp } from './compare.ts';
import { compareOther, writeBody, writeOther } from './compare-other.ts';
import type { ScriptSocket } from './connection.ts';
import { inOneLine, writeTcp } from './notation.ts';
import type { PacketAction, TcpSpec } from './script.ts';
import { toSpec } from './segments.ts';
import type { Sent, TestBed } from './test-bed.ts';
import { Miss } from './verdict.ts';

/** How long after its time a packet is waited for, to tell late from never. */
export const PATIENCE = seconds(2);
const NO_END = seconds(3600);

/** `>`: the next packet of the connection is this one. Gives when it left; `to` is the latest it should, undefined for any time. */
export function expectPacket(bed: TestBed, { body, ip: marks }: PacketAction, to: Nanos | undefined): Nanos {
  const socket = bed.socket();
  const isSyn = body.kind === 'tcp' && (body.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN;
  if (isSyn && socket.stage === 'connecting') socket.stage = 'syn-sent';
  const first = nextFrom(bed, socket, to, writeBody(body));
  if (body.kind === 'tcp') compare(bed, body, marks, socket, first, to);
  else compareOther(body, first.packet);
  return first.at;
}

function compare(
  bed: TestBed,
  body: TcpSpec,
  marks: PacketAction['ip'],
  socket: ScriptSocket,
  { packet }: Sent,
  to: Nanos | undefined,
): void {
  const { segment, trafficClass = 0, hops = 64 } = packet;
  if (!segment) throw new Miss('content', 'a packet of another protocol left', writeBody(body), writeOther(packet));
  if (segment.flags & Flag.SYN && !socket.knowsStart) socket.learnStart(segment.seq, body.seq);
  const parts = [segment, ...restOf(bed, body, socket, segment, to)];
  const stamp = segment.options.find((option) => option.kind === 'timestamps');
  const written = body.options?.find((option) => option.kind === 'timestamps');
  if (stamp && written?.kind === 'timestamps') socket.learnStamp(written.value, stamp.value);
  const actual = toSpec(parts, socket, body.ace !== undefined, body.flags & Flag.PSH);
  compareTcp(body, actual, marks, { trafficClass, hops }, bed.now, bed.settings);
}

/** The segments behind the first one that make up what a kernel would hand to the device as one. */
function restOf(bed: TestBed, body: TcpSpec, socket: ScriptSocket, first: Segment, to: Nanos | undefined): readonly Segment[] {
  const text = writeBody(body);
  const parts = [first];
  for (let length = first.payload.length; length < body.length && !bed.settings.strictSegments; ) {
    const next = nextFrom(bed, socket, to, `${text}, of which ${length} octets came`).packet;
    if (!next.segment) throw new Miss('content', 'a packet of another protocol left', text, writeOther(next));
    parts.push(next.segment);
    length += next.segment.payload.length;
    if (continues(parts)) continue;
    const written = parts.map((part) => inOneLine(writeTcp(toSpec([part], socket, false))));
    throw new Miss('content', 'segments left that do not make up the expected one', text, written.join(', '));
  }
  return parts.slice(1);
}

/** Does the last part go on where the one before ends, as a device would have cut them? */
function continues(parts: readonly Segment[]): boolean {
  const [before, last] = [parts.at(-2)!, parts.at(-1)!];
  return (
    last.seq === (before.seq + before.payload.length) >>> 0 &&
    last.ack === before.ack &&
    last.window === before.window &&
    last.payload.length <= before.payload.length &&
    last.payload.length > 0
  );
}

/** The next packet the host sends on this connection; others' are left aside, as packetdrill does. */
function nextFrom(bed: TestBed, socket: ScriptSocket, to: Nanos | undefined, text: string): Sent {
  const { sent, engine } = bed;
  const limit = (to ?? engine.now + NO_END) + PATIENCE;
  for (;;) {
    for (let next = sent.shift(); next; next = sent.shift()) if (isFrom(socket, next.packet)) return next;
    const due = engine.nextEventAt();
    if (due === undefined || due > limit) throw new Miss('content', 'no packet left', text, 'none');
    bed.step();
  }
}

function isFrom(socket: ScriptSocket, packet: Packet): boolean {
  const { src, dst, segment, datagram } = packet;
  if (segment && socket.stage === 'syn-sent' && socket.localPort === 0) {
    const isOurs =
      (segment.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN && dst === socket.remoteAddress && segment.dstPort === socket.remotePort;
    if (isOurs) Object.assign(socket, { localAddress: src, localPort: segment.srcPort });
    return isOurs;
  }
  if (segment) return socket.sends(src, dst, segment);
  if (datagram && socket.localPort === 0 && socket.protocol === 'udp')
    Object.assign(socket, { localAddress: src, localPort: datagram.srcPort });
  return datagram ? socket.sends(src, dst, datagram) : dst === socket.remoteAddress;
}
