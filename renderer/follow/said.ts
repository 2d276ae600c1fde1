import type { SaidPiece } from '../../preload/contract.ts';
import type { Side } from '../side.ts';

/** What one end said until the other spoke, or until something is missing. */
export interface Turn {
  readonly kind: 'octets' | 'missing';
  readonly from: Side;
  /** Of the first piece. */
  readonly frame: number;
  readonly octets: Uint8Array;
  /** How many octets its end had said before, those missing among them. */
  readonly offset: number;
  /** Octets missing. */
  readonly count: number;
}

const NOTHING = new Uint8Array(0);

/** Pieces put together into turns, each at its place in what its end said. */
export function turnsOf(pieces: readonly SaidPiece[]): readonly Turn[] {
  const turns: Turn[] = [];
  const said: Record<Side, number> = { client: 0, server: 0 };
  let gathered: Uint8Array[] = [];
  const close = (): void => {
    const last = turns.at(-1);
    if (last && gathered.length > 0) turns[turns.length - 1] = { ...last, octets: joined(gathered) };
    gathered = [];
  };
  for (const piece of pieces) {
    const last = turns.at(-1);
    if (piece.kind === 'octets') {
      if (last?.kind !== 'octets' || last.from !== piece.from) {
        close();
        turns.push({ kind: 'octets', from: piece.from, frame: piece.frame, octets: NOTHING, offset: said[piece.from], count: 0 });
      }
      gathered.push(piece.octets);
      said[piece.from] += piece.octets.length;
    } else {
      close();
      turns.push({ kind: 'missing', from: piece.from, frame: piece.frame, octets: NOTHING, offset: said[piece.from], count: piece.count });
      said[piece.from] += piece.count;
    }
  }
  close();
  return turns;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Line breaks and tabs stay, what cannot be printed is a dot. */
export const asText = (octets: Uint8Array): string =>
  Array.from(octets, (octet) =>
    octet === 9 || octet === 10 || (octet >= 32 && octet < 127) ? String.fromCharCode(octet) : octet === 13 ? '' : '·',
  ).join('');

const WIDTH = 16;

/** A dump of sixteen octets a line; `offset` is the place of the first. */
export function asHex(octets: Uint8Array, offset: number): string {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += WIDTH) {
    const row = [...octets.subarray(at, at + WIDTH)];
    const hex = row.map((octet) => octet.toString(16).padStart(2, '0'));
    const [left, right] = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')];
    const text = row.map((octet) => (octet >= 32 && octet < 127 ? String.fromCharCode(octet) : '·')).join('');
    lines.push(`${(offset + at).toString(16).padStart(8, '0')}  ${left.padEnd(23)}  ${right.padEnd(23)}  ${text}`);
  }
  return lines.join('\n');
}
