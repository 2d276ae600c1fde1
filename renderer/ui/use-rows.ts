import { elementScroll, observeElementOffset, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

/** No element grows taller in a browser: Chromium ends at 33.5 million pixels, Firefox at 17.9 million. */
const TALLEST = 16_000_000;

/** How many pixels of rows go by for each pixel that is scrolled: 1 but for very long lists. */
export const stretchOf = (total: number, view: number): number => (total <= TALLEST ? 1 : (total - view) / (TALLEST - view));

/** Where the rows have to be scrolled to, from `offset` on, so that one of them lies wholly in sight; as little as can be. */
export function bringIntoSight(row: { readonly top: number; readonly height: number }, offset: number, view: number, head = 0): number {
  if (row.top - head < offset) return row.top - head;
  return row.top + row.height > offset + view ? row.top + row.height - view : offset;
}

interface RowsOptions {
  readonly count: number;
  readonly rowHeight: number;
  readonly scroll: RefObject<HTMLElement | null>;
  /** Rows drawn beyond those in sight, at either end. */
  readonly overscan: number;
  /** Height of headings that stay on top, within the same scroller. */
  readonly head?: number;
}

export interface Rows {
  /** The rows to draw, and how far from the top of the scrolled element. */
  readonly items: readonly { readonly index: number; readonly top: number }[];
  readonly first: number;
  readonly last: number;
  /** Height of the scrolled element. */
  readonly height: number;
  /** Width of what is in sight. */
  readonly width: number;
  show(index: number): void;
}

type Instance = Virtualizer<HTMLElement, Element>;

/** The rows in sight of a list of any length. Where it is taller than an element can be, scrolling goes by more rows at once. */
export function useRows({ count, rowHeight, scroll, overscan, head = 0 }: RowsOptions): Rows {
  const stretch = (instance: Instance): number => stretchOf(instance.getTotalSize(), instance.scrollRect?.height ?? 0);
  const virtual = useVirtualizer<HTMLElement, Element>({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan,
    paddingStart: head,
    scrollPaddingStart: head,
    observeElementOffset: (instance, tell) => observeElementOffset(instance, (offset, moves) => tell(offset * stretch(instance), moves)),
    scrollToFn: (offset, options, instance) => elementScroll(offset / stretch(instance), options, instance),
  });
  const offset = virtual.scrollOffset ?? 0;
  const ahead = offset - offset / stretch(virtual);
  const items = virtual.getVirtualItems().map(({ index, start }) => ({ index, top: start - ahead }));
  return {
    items,
    first: items[0]?.index ?? 0,
    last: items.at(-1)?.index ?? 0,
    height: Math.min(TALLEST, virtual.getTotalSize()),
    width: virtual.scrollRect?.width ?? 0,
    show: (index) => {
      const row = { top: head + index * rowHeight, height: rowHeight };
      const wanted = bringIntoSight(row, virtual.scrollOffset ?? 0, virtual.scrollRect?.height ?? 0, head);
      scroll.current?.scrollTo({ top: wanted / stretch(virtual) });
    },
  };
}
