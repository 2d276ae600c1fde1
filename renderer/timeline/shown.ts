import type { Session } from '../../preload/contract.ts';
import { type ConnectionTable, connectionsStore, secondsSince } from '../stores/connections.ts';
import { type Selection, selectionStore } from '../stores/selection.ts';
import { sessionById } from '../stores/sessions.ts';
import { AXIS, laneAt, spanIndexAt, toTime, toX, type View } from './geometry.ts';
import { type Lanes, lanesNow } from './lanes.ts';
import { weightOf } from './marks.ts';
import type { Hit } from './timeline-tip.tsx';

/** What the timeline is about, read at the moment it is drawn or pointed at. */
export interface Shown {
  readonly table: ConnectionTable;
  readonly lanes: Lanes;
  readonly session: Session | undefined;
  readonly selection: Omit<Selection, 'session'>;
}

export function shownNow(): Shown | undefined {
  const { session, ...selection } = selectionStore.getState();
  const table = session === undefined ? undefined : connectionsStore.getState().tables.get(session);
  return table && { table, lanes: lanesNow(table.records), session: sessionById(session), selection };
}

/** How far from a mark a click still means it, in pixels. */
const NEAR = 6;

/** What lies under a point of the canvas. */
export function hitAt(
  x: number,
  y: number,
  { view, scrollTop }: { readonly view: View; readonly scrollTop: number },
  gutter: number,
): Hit | undefined {
  const now = shownNow();
  if (!now?.table.origin || y < AXIS) return undefined;
  const lane = laneAt(y - AXIS, scrollTop, now.lanes.count);
  const record = lane && now.table.records[now.lanes.idAt(lane.index)!];
  if (!lane || !record) return undefined;
  const { origin } = now.table;
  const spans = record.states[lane.side];
  const reach = 1.5 * view.secondsPerPixel;
  const time = toTime(view, x - gutter);
  const at = x < gutter ? spans.length - 1 : spanIndexAt(spans, origin, time + reach);
  const event = record.events.find(
    (e) => e.from === lane.side && weightOf(e.kind) && Math.abs(toX(view, secondsSince(origin, e.at)) + gutter - x) <= NEAR,
  );
  return { record, side: lane.side, span: spans[at], before: spans[at - 1], event, origin };
}
