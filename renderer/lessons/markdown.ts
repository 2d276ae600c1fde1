/**
 * The little Markdown that lessons are written in, read into plain values: headings, paragraphs, lists, tables, fenced
 * code, and within a line code, emphasis and links. Nothing in it can become markup of ours: whatever is not understood
 * stays text.
 */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'em'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly inline: readonly Inline[] }
  | { readonly kind: 'paragraph' | 'quote'; readonly inline: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  /** `language` is what stands behind the opening fence; empty when nothing does. */
  | { readonly kind: 'code'; readonly language: string; readonly text: string };

const BULLET = /^\s*[-*]\s+(.*)$/;
const NUMBER = /^\s*\d+[.)]\s+(.*)$/;
const TABLE_RULE = /^\s*\|?[\s:|-]+\|[\s:|-]*$/;

export function parseMarkdown(text: string): readonly Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  /** Takes lines as long as they fit. */
  const take = (fits: (line: string) => boolean): readonly string[] => {
    const taken: string[] = [];
    while (at < lines.length && fits(lines[at]!)) taken.push(lines[at++]!);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (line.trim() === '') at++;
    else if (line.startsWith('```')) {
      at++;
      blocks.push({ kind: 'code', language: line.slice(3).trim(), text: take((l) => !l.startsWith('```')).join('\n') });
      at++;
    } else if (heading) {
      at++;
      blocks.push({ kind: 'heading', level: heading[1]!.length, inline: parseInline(heading[2]!) });
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      const ordered = !BULLET.test(line);
      const items = take((l) => l.trim() !== '' && !l.startsWith('#'));
      blocks.push({ kind: 'list', ordered, items: joinItems(items, ordered ? NUMBER : BULLET).map(parseInline) });
    } else if (line.includes('|') && TABLE_RULE.test(lines[at + 1] ?? '')) {
      const rows = take((l) => l.includes('|')).filter((_, i) => i !== 1);
      blocks.push({ kind: 'table', rows: rows.map((row) => cellsOf(row).map(parseInline)) });
    } else if (line.startsWith('>')) {
      const quote = take((l) => l.startsWith('>')).map((l) => l.replace(/^>\s?/, ''));
      blocks.push({ kind: 'quote', inline: parseInline(quote.join(' ')) });
    } else {
      const first = lines[at++]!;
      const rest = take((l) => l.trim() !== '' && !/^(#{1,6}\s|```|>)/.test(l) && !BULLET.test(l) && !NUMBER.test(l));
      blocks.push({ kind: 'paragraph', inline: parseInline([first, ...rest].map((l) => l.trim()).join(' ')) });
    }
  }
  return blocks;
}

/** An item goes on over the lines that start none. */
function joinItems(lines: readonly string[], mark: RegExp): readonly string[] {
  const items: string[] = [];
  for (const line of lines) {
    const start = mark.exec(line);
    if (start || items.length === 0) items.push(start?.[1] ?? line.trim());
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items;
}

const cellsOf = (row: string): readonly string[] =>
  row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https:\/\/[^\s)]+)\)/g;

export function parseInline(text: string): readonly Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    const [, code, strong, em, link, href] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong });
    else if (em !== undefined) parts.push({ kind: 'em', text: em });
    else parts.push({ kind: 'link', text: link!, href: href! });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}
