import type { Kind } from '../kinds.ts';
import type { Layers, Places } from '../layers.ts';
import type { Subject } from '../subject.ts';
import type { Values } from '../values.ts';

/** Reads one number of a frame; NaN where it is not there. */
export type Slot = (subject: Subject) => number;

/** How a field's values are found. */
export type Reader =
  /** Each slot gives a number, or none: the field has at most so many values. The fastest. */
  | { readonly slots: readonly Slot[] }
  | { readonly list: (subject: Subject, out: Values) => void }
  /** Only whether it is there. */
  | { readonly has: (subject: Subject) => boolean };

/** One field of the filter language. */
export interface Field {
  /** Wireshark's name, where Wireshark has the field. */
  readonly name: string;
  readonly kind: Kind;
  /** One phrase for completions. */
  readonly title: string;
  /** Of an unsigned one: how many bits it has. */
  readonly bits?: number;
  /** All values it can have, where they have names. */
  readonly values?: readonly string[];
  /** Reads it from the packet columns, for TCP segments; absent where they do not hold it. */
  readonly columns?: Reader;
  /** Reads it from the frame's octets; absent where only the analysis knows it. */
  readonly frame?: Reader;
  /** Of a protocol that carries others: its header and all that comes behind it. */
  readonly carrying?: Extract<Reader, { list: unknown }>;
}

/** One number in each of the frame's headers of a kind. `read` gives NaN where its octets were not captured. */
export const inEach = (places: (layers: Layers) => Places, read: (subject: Subject, at: number, end: number) => number): Reader => ({
  list: (subject, out) => {
    const { layers } = subject;
    const found = places(layers);
    for (let i = 0; i < found.count; i++) {
      const value = read(subject, found.at[i]!, found.end[i]!);
      if (!Number.isNaN(value)) out.add(value);
    }
  },
});

/** The same for octets; undefined where there are none. */
export const octetsInEach = (
  places: (layers: Layers) => Places,
  read: (subject: Subject, at: number, end: number) => Uint8Array | undefined,
): Reader => ({
  list: (subject, out) => {
    const found = places(subject.layers);
    for (let i = 0; i < found.count; i++) {
      const value = read(subject, found.at[i]!, found.end[i]!);
      if (value) out.add(value);
    }
  },
});

/** From each header of a kind to the end of what it carries. */
export const carriedBy = (places: (layers: Layers) => Places): Extract<Reader, { list: unknown }> => ({
  list: (subject, out) => {
    const found = places(subject.layers);
    for (let i = 0; i < found.count; i++) {
      const octets = captured(subject, found.at[i]!, found.reach[i]!);
      if (octets) out.add(octets);
    }
  },
});

export const both = (first: Reader, second: Reader): Reader => ({
  list: (subject, out) => {
    for (const reader of [first, second]) if ('list' in reader) reader.list(subject, out);
  },
});

/** Captured octets [at, end), or undefined where that is nothing. */
export function captured({ data, layers }: Subject, at: number, end: number): Uint8Array | undefined {
  const stop = Math.min(end, layers.captured);
  return stop > at ? data.subarray(at, stop) : undefined;
}

/** Whole octets [at, at+length), or undefined where they are not all there. */
export const exactly = ({ data, layers }: Subject, at: number, length: number): Uint8Array | undefined =>
  at + length <= layers.captured ? data.subarray(at, at + length) : undefined;

export const u8 = ({ data, layers }: Subject, at: number): number => (at < layers.captured ? data[at]! : Number.NaN);

export const u16 = ({ data, layers }: Subject, at: number): number =>
  at + 2 <= layers.captured ? (data[at]! << 8) | data[at + 1]! : Number.NaN;

export const u32 = ({ data, layers }: Subject, at: number): number =>
  at + 4 <= layers.captured ? ((data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!) >>> 0 : Number.NaN;

/** `value` through `change`, NaN staying what it is. */
export const bits = (value: number, shift: number, mask: number): number => (Number.isNaN(value) ? value : (value >>> shift) & mask);
