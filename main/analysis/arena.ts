/** Where the pages of an analysis lie. */
export interface Arena {
  /** So many words, all zero. */
  words(count: number): Int32Array;
  /** Takes back words that nobody uses any more. */
  free(words: Int32Array): void;
}

/** Each in an array of its own. */
export const HEAP: Arena = { words: (count) => new Int32Array(count), free: () => undefined };

/** What grows by pages. */
export interface Paged {
  readonly pageCount: number;
  pageWords(page: number): Int32Array;
  /** Sees to it that there are pages for so many more. */
  reserve(more: number): void;
}

/** The same words as floats. */
export const floatsOf = (words: Int32Array): Float64Array => new Float64Array(words.buffer, words.byteOffset, words.length / 2);
