const BITS = 4;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

/** An inner node, or at the bottom the values themselves; a hole where nothing is. */
type Node<T> = readonly (Node<T> | T | undefined)[];

/**
 * A map from small whole numbers that never changes: `with` and `without` give another one, which shares all but one path
 * with this one (a radix tree, 16 wide). So the members of every moment can be kept, each for the price of a path.
 */
export class IdMap<T> {
  static readonly EMPTY: IdMap<never> = new IdMap<never>(undefined, 0, 0);
  readonly size: number;
  private readonly root: Node<T> | undefined;
  /** Levels of nodes, the one with the values counted. */
  private readonly height: number;

  private constructor(root: Node<T> | undefined, height: number, size: number) {
    this.root = root;
    this.height = height;
    this.size = size;
  }

  get(key: number): T | undefined {
    if (key >= 2 ** (BITS * this.height)) return undefined;
    let node: unknown = this.root;
    for (let level = this.height - 1; level >= 0 && node; level--) node = (node as Node<T>)[(key >>> (BITS * level)) & MASK];
    return node as T | undefined;
  }

  with(key: number, value: T): IdMap<T> {
    let root = this.root;
    let height = this.height;
    while (height === 0 || key >= 2 ** (BITS * height)) {
      root = root && [root];
      height++;
    }
    return new IdMap(changed(root, height - 1, key, value), height, this.size + (this.get(key) === undefined ? 1 : 0));
  }

  without(key: number): IdMap<T> {
    if (this.get(key) === undefined) return this;
    return new IdMap<T>(changed<T>(this.root, this.height - 1, key, undefined), this.height, this.size - 1);
  }

  /** In the order of their numbers. */
  values(): T[] {
    const all: T[] = [];
    if (this.root) gather(this.root, this.height - 1, all);
    return all;
  }
}

/** A copy of the path to `key`; a node in which nothing is left becomes a hole. */
function changed<T>(node: Node<T> | undefined, level: number, key: number, value: T | undefined): Node<T> | undefined {
  const copy: (Node<T> | T | undefined)[] = node ? node.slice() : [];
  const at = (key >>> (BITS * level)) & MASK;
  while (copy.length <= at) copy.push(undefined); // no holes of the language's own: those are slow
  copy[at] = level === 0 ? value : changed(copy[at] as Node<T> | undefined, level - 1, key, value);
  return copy.some((one) => one !== undefined) ? copy : undefined;
}

function gather<T>(node: Node<T>, level: number, all: T[]): void {
  for (const one of node) {
    if (one === undefined) continue;
    if (level === 0) all.push(one as T);
    else gather(one as Node<T>, level - 1, all);
  }
}
