import type { Arena } from './arena.ts';
import { ARENA } from './ordinary/layout.ts';

/** What is used of WebAssembly: the rooms that know no host have no types of it. */
interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}
interface Host {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }) => Memory;
    readonly Module: new (octets: Uint8Array) => object;
    readonly Instance: new (module: object, imports: { readonly env: { readonly memory: Memory } }) => { readonly exports: object };
  };
}
const { WebAssembly } = globalThis as unknown as Host;

const PAGE = 1 << 16;
/** It reaches no further than 32 bits do. */
const MOST_OCTETS = 2 ** 32;
/** It grows by so many octets at once. */
const STEP = 1 << 24;

/**
 * Pages in one memory that WebAssembly reaches too. It is a shared one, though nobody shares it: as it grows, arrays in it stay what they
 * are. When it is full, further pages lie in arrays of their own.
 */
export class SharedMemory implements Arena {
  /** A page lies elsewhere: there was no more room. */
  full = false;
  private readonly memory = new WebAssembly.Memory({ initial: ARENA / PAGE, maximum: MOST_OCTETS / PAGE, shared: true });
  private readonly most: number;
  private end = ARENA;
  private freed: Int32Array[] = [];

  private constructor(most: number) {
    this.most = most;
  }

  /** Undefined where the machine has no room for it, though little of it will be used. */
  static create(most = MOST_OCTETS): SharedMemory | undefined {
    try {
      return new SharedMemory(Math.min(most, MOST_OCTETS));
    } catch {
      return undefined;
    }
  }

  words(count: number): Int32Array {
    return this.again(count) ?? this.fresh(count);
  }

  free(words: Int32Array): void {
    this.freed.push(words);
  }

  /** An array of `count` numbers of a type, at an address. */
  view<T>(type: new (buffer: ArrayBufferLike, address: number, count: number) => T, address: number, count: number): T {
    return new type(this.memory.buffer, address, count);
  }

  /** The exports of a module that works on this memory. */
  run(module: object): object {
    return new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports;
  }

  /** Words that were freed, where there are as many in a row. */
  private again(count: number): Int32Array | undefined {
    const found = this.freed.findIndex(({ length }) => length >= count);
    if (found < 0) return undefined;
    const words = this.freed[found]!;
    this.freed[found] = words.subarray(count);
    if (this.freed[found].length === 0) this.freed.splice(found, 1);
    return words.subarray(0, count).fill(0);
  }

  private fresh(count: number): Int32Array {
    const end = this.end + 4 * count;
    if (this.full || end > this.most || !this.reach(end)) {
      this.full = true;
      return new Int32Array(count);
    }
    const words = new Int32Array(this.memory.buffer, this.end, count);
    this.end = end;
    return words;
  }

  /** The memory goes as far as `end`, as far as the machine has room. */
  private reach(end: number): boolean {
    const there = this.memory.buffer.byteLength;
    if (end <= there) return true;
    try {
      this.memory.grow(Math.ceil((Math.min(Math.max(end, there + STEP), MOST_OCTETS) - there) / PAGE));
      return true;
    } catch {
      return false;
    }
  }
}

/** Compiles a module, which any number of memories may run. */
export const compile = (octets: Uint8Array): object => new WebAssembly.Module(octets);
