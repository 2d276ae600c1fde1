import { ipAddressAt } from '../../wire/ip-address.ts';
import { readU16, readU32 } from '../../wire/octets.ts';
import { Flag } from '../../wire/segment.ts';
import { type SeqNum, seqAdd } from '../../wire/seq.ts';
import { cutShort, type Dissection, type Extent, type Finding, malformed } from './dissection.ts';
import { flagsText } from './flags.ts';
import { hex } from './hex.ts';
import { optionsText } from './options.ts';
import type { ShownNumbers } from './relative-seq.ts';

/** The IP header around a segment, as far as its line shows it. */
export interface IpAround {
  readonly version: 4 | 6;
  readonly src: number;
  readonly dst: number;
  /** Other headers stand between IP and TCP, and the addresses are printed already. */
  readonly addressesPrinted: boolean;
}

/** Everything from the addresses up to and including "length N". */
export function printTcp(d: Dissection, ip: IpAround, { at, length, end }: Extent): Finding {
  const { data } = d;
  const src = ipAddressAt(data, ip.src, ip.version);
  const dst = ipAddressAt(data, ip.dst, ip.version);
  if (at + 4 > end) {
    d.text += `${src} > ${dst}:`;
    return cutShort(d, 'tcp');
  }
  const srcPort = readU16(data, at);
  const dstPort = readU16(data, at + 2);
  d.text += ip.addressesPrinted ? `${srcPort} > ${dstPort}: ` : `${src}.${srcPort} > ${dst}.${dstPort}: `;
  if (at + 20 > end) return cutShort(d, 'tcp');
  const headerLength = (data[at + 12]! >> 4) * 4;
  if (headerLength < 20) return malformed(d, ` tcp ${(length - headerLength) >>> 0} [bad hdr length ${headerLength} - too short, < 20]`);
  const flags = data[at + 13]!;
  d.text += `Flags [${flagsText(flags)}]`;
  const shown = shownNumbers(d, ip, at, flags);
  if (headerLength > length) return malformed(d, ` [bad hdr length ${headerLength} - too long, > ${length}]`);
  d.text += numbersText(data, at, flags, length - headerLength, shown);
  if (headerLength > 20) {
    const around = { flags, sackBase: shown.sackBase, payloadCaptured: at + length <= end };
    const options = optionsText(data, at + 20, headerLength - 20, end, around);
    d.text += `, options ${options.text}`;
    if (!options.whole) return 'tcp';
  }
  d.text += `, length ${length - headerLength}`;
  return 'tcp';
}

function shownNumbers(d: Dissection, ip: IpAround, at: number, flags: number): ShownNumbers {
  const { data } = d;
  const seq = readU32(data, at + 4) as SeqNum;
  const ack = readU32(data, at + 8) as SeqNum;
  if ((flags & Flag.ACK) === 0) return { seq, ack, sackBase: 0 as SeqNum };
  const addressLength = ip.version === 4 ? 4 : 16;
  return d.conversations.show({
    src: hex(data, ip.src, ip.src + addressLength),
    dst: hex(data, ip.dst, ip.dst + addressLength),
    srcPort: readU16(data, at),
    dstPort: readU16(data, at + 2),
    seq,
    ack,
    syn: (flags & Flag.SYN) !== 0,
  });
}

/** ", seq 1:8, ack 1, win 512, urg 7": each part only where it says something. */
function numbersText(data: Uint8Array, at: number, flags: number, payloadLength: number, shown: ShownNumbers): string {
  const moves = payloadLength > 0 || (flags & (Flag.SYN | Flag.FIN | Flag.RST)) !== 0;
  const range = payloadLength > 0 ? `:${seqAdd(shown.seq, payloadLength)}` : '';
  const seq = moves ? `, seq ${shown.seq}${range}` : '';
  const ack = flags & Flag.ACK ? `, ack ${shown.ack}` : '';
  const urgent = flags & Flag.URG ? `, urg ${readU16(data, at + 18)}` : '';
  return `${seq}${ack}, win ${readU16(data, at + 14)}${urgent}`;
}
