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
const MOST_PAGES = 1 << 16;
/** It grows by so many pages of WebAssembly at once. */
const STEP = 256;

/**
 * Pages in one memory that WebAssembly reaches too. It is a shared one, though nobody shares it: as it grows, arrays in it stay what they
 * are. At 4 GiB it is full, and further pages lie in arrays of their own.
 */
export class SharedMemory implements Arena {
  /** A page lies elsewhere: there was no more room. */
  full = false;
  private readonly memory = new WebAssembly.Memory({ initial: Math.ceil(ARENA / PAGE), maximum: MOST_PAGES, shared: true });
  private end = ARENA;
  private freed: Int32Array[] = [];

  /** Undefined where the machine has no room for it, though little of it will be used. */
  static create(): SharedMemory | undefined {
    try {
      return new SharedMemory();
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
    const missing = end - this.memory.buffer.byteLength;
    if (this.full || (missing > 0 && !this.grow(Math.ceil(missing / PAGE)))) {
      this.full = true;
      return new Int32Array(count);
    }
    const words = new Int32Array(this.memory.buffer, this.end, count);
    this.end = end;
    return words;
  }

  private grow(pages: number): boolean {
    const room = MOST_PAGES - this.memory.buffer.byteLength / PAGE;
    if (pages > room) return false;
    try {
      this.memory.grow(Math.min(Math.max(pages, STEP), room));
      return true;
    } catch {
      return false;
    }
  }
}

/** Compiles a module, which any number of memories may run. */
export const compile = (octets: Uint8Array): object => new WebAssembly.Module(octets);
