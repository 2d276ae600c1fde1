import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqDistance } from '../../wire/seq.ts';
import { type Connection, Life } from '../connection-store.ts';
import type { Flow } from '../flow.ts';
import { kindsOf } from '../marks.ts';
import { CONTROL_BITS, type PacketColumns, slot } from '../packet-columns.ts';
import type { SegmentRow, StateChange, StateSpan } from '../record.ts';
import { instantOf, sideOf } from './packets.ts';

/** Changes of state by the frame behind them. Changes that only time made belong to no segment. */
export function changesByFrame(states: { readonly client: readonly StateSpan[]; readonly server: readonly StateSpan[] }) {
  const byFrame = new Map<number, StateChange[]>();
  for (const side of ['client', 'server'] as const) {
    for (const { state, certainty, packet, trigger } of states[side]) {
      if (trigger === 'start' || certainty === 'computed') continue;
      const changes = byFrame.get(packet);
      if (changes) changes.push({ side, state, certainty });
      else byFrame.set(packet, [{ side, state, certainty }]);
    }
  }
  return byFrame;
}

/** One packet as a row for the ladder and the packet table. */
export function segmentRow(
  columns: PacketColumns,
  connection: Connection,
  flows: { readonly client: Flow; readonly server: Flow },
  changes: ReadonlyMap<number, readonly StateChange[]>,
  packet: number,
): SegmentRow {
  const page = columns.page(packet);
  const row = slot(packet);
  const from = sideOf(columns, connection.has(Life.CLIENT_SECOND), packet);
  const sender = flows[from];
  const peer = from === 'client' ? flows.server : flows.client;
  const flags = page.flags(row) & CONTROL_BITS;
  const seq = page.seq(row) as SeqNum;
  const ack = page.ack(row) as SeqNum;
  const rawWindow = page.window(row);
  const frame = page.frame(row);
  return {
    frame,
    at: instantOf(columns, packet),
    from,
    flags,
    seq,
    ack,
    relativeSeq: seqDistance(sender.base, seq) >>> 0,
    relativeAck: (flags & Flag.ACK) !== 0 ? seqDistance(peer.base, ack) >>> 0 : 0,
    length: page.length(row),
    rawWindow,
    window: (flags & Flag.SYN) !== 0 || sender.scale < 0 ? rawWindow : rawWindow * 2 ** sender.scale, // a SYN's is never scaled
    events: kindsOf(page.marks(row)),
    changes: changes.get(frame) ?? [],
    position: page.position(row),
    capturedLength: page.capturedLength(row),
  };
}
