import { type Arena, HEAP, type Paged } from './arena.ts';

const SHIFT = 12;
const PER_PAGE = 1 << SHIFT;
const MASK = PER_PAGE - 1;
const FIELDS = 4;

/** Records of four words, in pages: it grows without a copy, and little of it stands empty. */
export class RecordLog implements Paged {
  count = 0;
  private readonly pages: Int32Array[] = [];
  private readonly arena: Arena;

  constructor(arena: Arena = HEAP) {
    this.arena = arena;
  }

  /** Adds a record and gives its place. */
  push(a: number, b: number, c: number, d: number): number {
    const place = this.count++;
    if (place >>> SHIFT === this.pages.length) this.addPage();
    this.put(place, a, b, c, d);
    return place;
  }

  /** Writes a record anew. */
  put(place: number, a: number, b: number, c: number, d: number): void {
    const page = this.pages[place >>> SHIFT]!;
    const at = (place & MASK) * FIELDS;
    page[at] = a;
    page[at + 1] = b;
    page[at + 2] = c;
    page[at + 3] = d;
  }

  get(place: number, field: number): number {
    return this.pages[place >>> SHIFT]![(place & MASK) * FIELDS + field]!;
  }

  set(place: number, field: number, value: number): void {
    this.pages[place >>> SHIFT]![(place & MASK) * FIELDS + field] = value;
  }

  reserve(more: number): void {
    while (this.count + more > this.pages.length * PER_PAGE) this.addPage();
  }

  get pageCount(): number {
    return this.pages.length;
  }

  pageWords(page: number): Int32Array {
    return this.pages[page]!;
  }

  private addPage(): void {
    this.pages.push(this.arena.words(PER_PAGE * FIELDS));
  }

  /** Octets allocated. */
  get memory(): number {
    return this.pages.length * PER_PAGE * FIELDS * 4;
  }
}
