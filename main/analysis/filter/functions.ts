import { ipv4AddressAt, ipv6AddressAt } from '../../wire/ip-address.ts';
import type { Kind, Value } from './kinds.ts';
import { momentText } from './moments.ts';
import type { Source } from './sources.ts';
import type { Term } from './terms.ts';
import { Values } from './values.ts';

/** A function over the values its arguments have in a frame; where an argument has none, neither has the function. */
export function applyFunction({ name, args }: Extract<Term, { kind: 'call' }>, sources: readonly Source[]): Source {
  const [source] = sources as [Source];
  switch (name) {
    case 'max':
      return extreme(sources, Math.max);
    case 'min':
      return extreme(sources, Math.min);
    case 'count':
      return counted(source);
    case 'len':
      return mapped(source, (value) => (value as string | Uint8Array).length);
    case 'upper':
      return mapped(source, (value) => (value as string).toUpperCase());
    case 'lower':
      return mapped(source, (value) => (value as string).toLowerCase());
    case 'abs':
      return mapped(source, (value) => Math.abs(value as number));
    case 'string': {
      const { type } = args[0]!;
      return mapped(source, (value) => valueText(value, type));
    }
  }
}

function mapped(source: Source, change: (value: Value) => Value): Source {
  const values = new Values();
  return {
    list: (s, out) => {
      values.count = 0;
      source.list(s, values);
      for (let i = 0; i < values.count; i++) out.add(change(values.items[i]!));
    },
  };
}

function counted(source: Source): Source {
  const values = new Values();
  return {
    list: (s, out) => {
      values.count = 0;
      source.list(s, values);
      if (values.count > 0) out.add(values.count);
    },
  };
}

function extreme(sources: readonly Source[], choose: (a: number, b: number) => number): Source {
  const values = new Values();
  return {
    list: (s, out) => {
      let best = Number.NaN;
      for (const source of sources) {
        values.count = 0;
        source.list(s, values);
        if (values.count === 0) return;
        for (let i = 0; i < values.count; i++)
          best = Number.isNaN(best) ? (values.items[i] as number) : choose(best, values.items[i] as number);
      }
      out.add(best);
    },
  };
}

/** A value as a person writes it in a filter; octets in hexadecimal. */
export function valueText(value: Value, kind: Kind): string {
  switch (kind) {
    case 'boolean':
      return value === 0 ? 'False' : 'True';
    case 'duration':
    case 'epoch':
      return seconds(BigInt(value as number | bigint));
    case 'moment':
      return momentText(value as bigint);
    case 'ipv4': {
      const octets = new Uint8Array(4);
      new DataView(octets.buffer).setUint32(0, value as number);
      return ipv4AddressAt(octets, 0);
    }
    case 'ipv6':
      return ipv6AddressAt(value as Uint8Array, 0);
    case 'ether':
    case 'bytes':
    case 'protocol':
      return Array.from(value as Uint8Array, (octet) => octet.toString(16).padStart(2, '0')).join(':');
    default:
      return String(value);
  }
}

function seconds(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const sign = nanoseconds < 0n ? '-' : '';
  return `${sign}${size / 1_000_000_000n}.${(size % 1_000_000_000n).toString().padStart(9, '0')}`;
}
