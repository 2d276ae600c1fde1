import { Flag, type TcpOption } from '../../wire/segment.ts';
import { encodeOptions } from '../../wire/tcp-options.ts';
import type { TcpSpec } from './script.ts';

/** The parts of a packet a script can tell apart, in the order they are written. */
export type FieldName = 'ip' | 'flags' | 'range' | 'ack' | 'win' | 'urg' | 'options';

/** One packet, field by field, as a script writes it. */
export type Written = { readonly [F in FieldName]: string };
const ORDER: readonly FieldName[] = ['ip', 'flags', 'range', 'ack', 'win', 'urg', 'options'];

const LETTERS: readonly (readonly [number, string])[] = [
  [Flag.SYN, 'S'],
  [Flag.FIN, 'F'],
  [Flag.RST, 'R'],
  [Flag.PSH, 'P'],
  [Flag.URG, 'U'],
  [Flag.ECE, 'E'],
  [Flag.CWR, 'W'],
  [Flag.AE, 'A'],
  [Flag.ACK, '.'],
];

export function writeFlags(flags: number, ace?: number): string {
  const shown = ace === undefined ? flags : flags & ~(Flag.ECE | Flag.CWR | Flag.AE);
  const letters = LETTERS.filter(([flag]) => shown & flag).map(([, letter]) => letter);
  return `${letters.join('') || '-'}${ace ?? ''}`;
}

const hex = (octets: Uint8Array): string => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');

export function writeOption(option: TcpOption): string {
  switch (option.kind) {
    case 'nop':
      return 'nop';
    case 'end':
      return 'eol';
    case 'sack-permitted':
      return 'sackOK';
    case 'mss':
      return `mss ${option.octets}`;
    case 'window-scale':
      return `wscale ${option.shift}`;
    case 'sack':
      return `sack ${option.blocks.map(({ left, right }) => `${left}:${right}`).join(' ')}`;
    case 'timestamps':
      return `TS val ${option.value} ecr ${option.echo}`;
    case 'fast-open':
      return `${option.experimental ? 'FOEXP' : 'FO'} ${hex(option.cookie)}`.trim();
    case 'md5':
      return `md5 ${hex(option.digest)}`;
    case 'user-timeout': {
      const [code, , ...body] = encodeOptions([option]); // scripts have no word for it
      return `unknown ${code} ${hex(Uint8Array.from(body))}`;
    }
    case 'unknown':
      return `unknown ${option.code} ${hex(option.body)}`.trim();
  }
}

export function writeTcp(spec: TcpSpec, ip = ''): Written {
  const { flags, ace, seq, length, ack, window, urgent, options } = spec;
  return {
    ip,
    flags: writeFlags(flags, ace),
    range: `${seq}:${(seq + length) >>> 0}(${length})`,
    ack: flags & Flag.ACK ? `ack ${ack}` : '',
    win: window === undefined ? '' : `win ${window}`,
    urg: urgent === 0 && !(flags & Flag.URG) ? '' : `urg ${urgent}`,
    options: options === undefined ? '<...>' : options.length === 0 ? '' : `<${options.map(writeOption).join(',')}>`,
  };
}

/** On one line, with the fields that differ between « and ». */
export const inOneLine = (written: Written, differing: readonly FieldName[] = []): string =>
  ORDER.map((field) => (differing.includes(field) ? `«${written[field] || 'nothing'}»` : written[field]))
    .filter((text) => text !== '')
    .join(' ');
