import type { Value } from './kinds.ts';

/** The values an operand has in one frame: any number of them. One record is reused for every frame. */
export class Values {
  count = 0;
  readonly items: Value[] = [];

  add(value: Value): void {
    this.items[this.count++] = value;
  }
}
