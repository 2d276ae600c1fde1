/** Rows of the packet columns, one bit each. */
export class RowSet {
  count = 0;
  private words = new Uint32Array(64);

  add(row: number): void {
    const word = row >>> 5;
    if (word >= this.words.length) {
      const larger = new Uint32Array(2 ** Math.ceil(Math.log2(word + 1)) * 2);
      larger.set(this.words);
      this.words = larger;
    }
    const bit = 1 << (row & 31);
    if ((this.words[word]! & bit) !== 0) return;
    this.words[word]! |= bit;
    this.count++;
  }

  has(row: number): boolean {
    return ((this.words[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }
}
