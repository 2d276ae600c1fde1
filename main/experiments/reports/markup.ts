/** Text that is HTML or SVG already. Everything else that goes into `markup` is escaped on its way. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | undefined | readonly Part[];

/** A template whose values cannot become tags, attributes or scripts. */
export const markup = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(texts.map((text, i) => text + (i < parts.length ? written(parts[i]) : '')).join(''));

function written(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(written).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters have no place in HTML; a picture of each stands for it. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(CONTROL, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)));

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
