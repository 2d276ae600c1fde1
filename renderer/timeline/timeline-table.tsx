// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual list are placed by hand, which table elements forbid
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid itself takes the focus and the keys, its rows and cells do not
import { useRef } from 'react';
import { useStore } from 'zustand';
import { formatMoment } from '../format/time.ts';
import { useText } from '../i18n/text.ts';
import { secondsSince } from '../stores/connections.ts';
import { filterStore } from '../stores/filter.ts';
import { selectPacket } from '../stores/selection.ts';
import { useConnectionTable } from '../stores/use.ts';
import { EndpointName } from '../ui/endpoint-name.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { useRows } from '../ui/use-rows.ts';
import { spanRows } from './span-rows.ts';

const ROW = 26;
/** The headings stay on top, within the same scroller, so that columns stay under them. */
const HEAD = 28;

/** The timeline's facts for the keyboard and for screen readers. */
export function TimelineTable() {
  const t = useText();
  const table = useConnectionTable();
  const scroll = useRef<HTMLDivElement>(null);
  const { applied, passing } = useStore(filterStore);
  const records = table?.records ?? [];
  const rows = spanRows(applied === '' ? records : records.filter((record) => record && passing.has(record.id)));
  const { items, height } = useRows({ count: rows.count, rowHeight: ROW, scroll, overscan: 12, head: HEAD });
  const origin = table?.origin;
  return (
    <div className="grid timeline-table" role="table" aria-label={t('timeline.tableLabel')} aria-rowcount={rows.count + 1}>
      <div className="grid-scroll" ref={scroll} role="rowgroup">
        <div className="grid-body" style={{ height }}>
          <div className="grid-row grid-head" role="row" aria-rowindex={1}>
            {(['connection', 'end', 'state', 'from', 'until', 'packet', 'certainty'] as const).map((column) => (
              <span role="columnheader" key={column}>
                {t(`column.${column}`)}
              </span>
            ))}
          </div>
          {items.map(({ index, top }) => {
            const row = rows.row(index);
            if (!row || !origin) return null;
            const at = secondsSince(origin, row.span.from);
            return (
              <div
                className="grid-row"
                role="row"
                key={index}
                aria-rowindex={index + 2}
                style={{ transform: `translateY(${top}px)`, height: ROW }}
              >
                <span role="cell">
                  <button type="button" className="link timeline-who" onClick={() => selectPacket(row.record.id, row.span.packet, at)}>
                    <EndpointName endpoint={row.record.client} />
                    {' → '}
                    <EndpointName endpoint={row.record.server} />
                  </button>
                </span>
                <span role="cell">{t(`side.${row.side}`)}</span>
                <span role="cell">
                  <StateBadge state={row.span.state} certainty={row.span.certainty} />
                </span>
                <span role="cell" className="mono">
                  {formatMoment(at)}
                </span>
                <span role="cell" className="mono">
                  {row.next ? formatMoment(secondsSince(origin, row.next.from)) : '–'}
                </span>
                <span role="cell" className="mono">
                  {row.span.packet}
                </span>
                <span role="cell">{t(`certainty.short.${row.span.certainty}`)}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
