import { FilterFault } from './filter-error.ts';
import type { Range } from './syntax.ts';

const RANGE = /^\s*(?:(-?\d+)\s*(?:(:)\s*(\d*)|-\s*(-?\d+))?|:\s*(\d+))\s*$/;
/** No frame is longer. */
const FARTHEST = 1_000_000;

/** The ranges of a slice, `0:4`, `2-5`, `7`, `:3` or `8:`, several by commas. `at` is where the text stands in the filter. */
export function readRanges(text: string, at: number): Range[] {
  const ranges: Range[] = [];
  let from = at;
  for (const part of text.split(',')) {
    const span = { at: from, end: from + Math.max(1, part.length) };
    const found = RANGE.exec(part);
    if (!found)
      throw new FilterFault(span, `"${part.trim()}" is no range; write [start:length], [first-last], [start], [:length] or [start:].`);
    const range = rangeOf(found);
    for (const n of [range.start, range.length, range.last])
      if (n !== undefined && Math.abs(n) > FARTHEST) throw new FilterFault(span, `no packet has ${n} octets.`);
    if (range.length === 0) throw new FilterFault(span, 'a slice of no octets says nothing.');
    if (range.last !== undefined && Math.sign(range.start | 1) === Math.sign(range.last | 1) && range.last < range.start)
      throw new FilterFault(span, `this range ends (${range.last}) before it starts (${range.start}); [start:length] takes a length.`);
    ranges.push(range);
    from += part.length + 1;
  }
  return ranges;
}

function rangeOf([, start, colon, length, last, fromStart]: RegExpExecArray): Range {
  if (fromStart !== undefined) return { start: 0, length: Number(fromStart) };
  if (last !== undefined) return { start: Number(start), length: undefined, last: Number(last) };
  if (colon === undefined) return { start: Number(start), length: 1 };
  return { start: Number(start), length: length ? Number(length) : undefined };
}

/** The octets a slice takes of a value of `size` octets; undefined where it reaches beyond. */
export function extentOf({ start, length, last }: Range, size: number): { readonly from: number; readonly to: number } | undefined {
  const from = start < 0 ? size + start : start;
  const to = last !== undefined ? (last < 0 ? size + last : last) + 1 : length === undefined ? size : from + length;
  return from < 0 || from >= size || to > size || to <= from ? undefined : { from, to };
}
