import { readU16, readU32 } from '../../../wire/octets.ts';
import { FAST_OPEN_EXPERIMENT, OptionCode } from '../../../wire/tcp-option-code.ts';
import { Shown } from '../../packet-columns.ts';
import type { Subject } from '../subject.ts';
import type { Values } from '../values.ts';
import { captured, type Field, octetsInEach, type Reader, type Slot, u8 } from './field.ts';

/** Told of each option: its code, where it starts, and its octets with code and length. */
type Visit = (code: number, at: number, length: number) => void;

/** Every whole option of every TCP header of the frame, in order (RFC 9293 §3.1). */
function eachOption(s: Subject, visit: Visit): void {
  const { data, layers } = s;
  for (let i = 0; i < layers.tcp.count; i++) {
    const tcp = layers.tcp.at[i]!;
    const stop = Math.min(tcp + (u8(s, tcp + 12) >> 4) * 4, layers.captured, layers.tcp.end[i]!);
    for (let at = tcp + 20; at < stop; ) {
      const code = data[at]!;
      const single = code === OptionCode.END || code === OptionCode.NOP;
      const length = single ? 1 : at + 1 < stop ? data[at + 1]! : 0;
      if (length === 0 || (!single && length < 2) || at + length > stop) break;
      visit(code, at, length);
      at += length;
    }
  }
}

/** Values out of the options of one kind and one length. */
const inside = (wanted: number, size: number, read: (data: Uint8Array, at: number, length: number, out: Values) => unknown): Reader => ({
  list: (s, out) =>
    eachOption(s, (code, at, length) => {
      if (code === wanted && (size === 0 || length === size)) read(s.data, at, length, out);
    }),
});

/** The octets of all options of one kind. */
const whole = (wanted: number): Reader => inside(wanted, 0, (data, at, length, out) => out.add(data.subarray(at, at + length)));

const option = (name: string, title: string, code: number): Field => ({
  name: `tcp.options.${name}`,
  kind: 'bytes',
  title,
  frame: whole(code),
});

const number = (name: string, width: number, title: string, frame: Reader, columns?: Reader): Field => ({
  name: `tcp.options.${name}`,
  kind: 'unsigned',
  bits: width,
  title,
  frame,
  ...(columns && { columns }),
});

/** One edge of every SACK block (RFC 2018 §3), as Wireshark counts: relative to the first number of whom it is about. */
const edges = (offset: number): Reader => ({
  list: (s, out) => {
    if (s.row < 0) return;
    const { base } = s.flowOf(!s.fromSecond);
    eachOption(s, (code, at, length) => {
      if (code !== OptionCode.SACK) return;
      for (let block = at + 2; block + 8 <= at + length; block += 8) out.add((readU32(s.data, block + offset) - base) >>> 0);
    });
  },
});

const isFastOpen = (data: Uint8Array, code: number, at: number, length: number): boolean =>
  code === OptionCode.FAST_OPEN || (code === OptionCode.EXPERIMENT_2 && length >= 4 && readU16(data, at + 2) === FAST_OPEN_EXPERIMENT);

const cookie: Reader = {
  list: (s, out) =>
    eachOption(s, (code, at, length) => {
      const from = at + (code === OptionCode.FAST_OPEN ? 2 : 4);
      if (isFastOpen(s.data, code, at, length) && from < at + length) out.add(s.data.subarray(from, at + length));
    }),
};

/** The columns hold both timestamps of a segment that has them. */
const timestamp = (read: Slot): Reader => ({
  slots: [(s) => ((s.page.flags(s.i) & Shown.TIMESTAMPS) === 0 ? Number.NaN : read(s))],
});

export const TCP_OPTION_FIELDS: readonly Field[] = [
  {
    name: 'tcp.options',
    kind: 'bytes',
    title: 'all options',
    frame: octetsInEach(
      (l) => l.tcp,
      (s, at, end) => captured(s, at + 20, Math.min(end, at + (u8(s, at + 12) >> 4) * 4)),
    ),
  },
  {
    name: 'tcp.option_kind',
    kind: 'unsigned',
    bits: 8,
    title: 'kind of each option',
    frame: { list: (s, out) => eachOption(s, (code) => out.add(code)) },
  },
  {
    name: 'tcp.option_len',
    kind: 'unsigned',
    bits: 8,
    title: 'length of each option that has one',
    frame: { list: (s, out) => eachOption(s, (_, __, length) => length > 1 && out.add(length)) },
  },
  option('eol', 'end of options', OptionCode.END),
  option('nop', 'no operation', OptionCode.NOP),
  option('mss', 'maximum segment size', OptionCode.MSS),
  number(
    'mss_val',
    16,
    'maximum segment size, octets',
    inside(OptionCode.MSS, 4, (data, at, _, out) => out.add(readU16(data, at + 2))),
  ),
  option('wscale', 'window scale', OptionCode.WINDOW_SCALE),
  number(
    'wscale.shift',
    8,
    'window scale as sent',
    inside(OptionCode.WINDOW_SCALE, 3, (data, at, _, out) => out.add(data[at + 2]!)),
  ),
  number(
    'wscale.multiplier',
    16,
    'what windows are multiplied by',
    inside(OptionCode.WINDOW_SCALE, 3, (data, at, _, out) => out.add(2 ** Math.min(14, data[at + 2]!))),
  ),
  option('sack_perm', 'selective acknowledgments permitted', OptionCode.SACK_PERMITTED),
  option('sack', 'selective acknowledgments', OptionCode.SACK),
  number('sack_le', 32, 'left edge of each block, relative', edges(0)),
  number('sack_re', 32, 'right edge of each block, relative', edges(4)),
  number(
    'sack.count',
    8,
    'blocks',
    inside(OptionCode.SACK, 0, (_, __, length, out) => out.add((length - 2) >> 3)),
  ),
  option('timestamp', 'timestamps', OptionCode.TIMESTAMPS),
  number(
    'timestamp.tsval',
    32,
    'timestamp of the sender',
    inside(OptionCode.TIMESTAMPS, 10, (data, at, _, out) => out.add(readU32(data, at + 2))),
    timestamp((s) => s.page.tsValue(s.i)),
  ),
  number(
    'timestamp.tsecr',
    32,
    'timestamp echoed',
    inside(OptionCode.TIMESTAMPS, 10, (data, at, _, out) => out.add(readU32(data, at + 6))),
    timestamp((s) => s.page.tsEcho(s.i)),
  ),
  option('md5', 'MD5 signature', OptionCode.MD5),
  option('user_to', 'user timeout', OptionCode.USER_TIMEOUT),
  number(
    'mptcp.subtype',
    8,
    'Multipath TCP: what the option says',
    inside(OptionCode.MPTCP, 0, (data, at, length, out) => length > 2 && out.add(data[at + 2]! >> 4)),
  ),
  option('tfo', 'Fast Open', OptionCode.FAST_OPEN),
  {
    name: 'tcp.options.tfo.request',
    kind: 'label',
    title: 'asks for a Fast Open cookie',
    frame: {
      has: (s) => {
        let found = false;
        eachOption(s, (code, at, length) => {
          found ||= isFastOpen(s.data, code, at, length) && length === (code === OptionCode.FAST_OPEN ? 2 : 4);
        });
        return found;
      },
    },
  },
  { name: 'tcp.options.tfo.cookie', kind: 'bytes', title: 'Fast Open cookie', frame: cookie },
];
