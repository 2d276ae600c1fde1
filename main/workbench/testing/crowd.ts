import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** One connection's life in a crowd: who sends, which flags, how many octets. */
const LIFE: readonly { readonly forth: boolean; readonly flags: number; readonly length: number }[] = [
  { forth: true, flags: 0x02, length: 0 },
  { forth: false, flags: 0x12, length: 0 },
  { forth: true, flags: 0x10, length: 0 },
  { forth: true, flags: 0x18, length: 180 },
  ...Array.from({ length: 6 }, () => [
    { forth: false, flags: 0x18, length: 234 },
    { forth: true, flags: 0x10, length: 0 },
  ]).flat(),
  { forth: true, flags: 0x11, length: 0 },
  { forth: false, flags: 0x11, length: 0 },
  { forth: true, flags: 0x10, length: 0 },
  { forth: false, flags: 0x10, length: 0 },
];

/** Packets in the life of each connection. */
export const PACKETS_EACH = LIFE.length;

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const HEADERS = 14 + 20 + 32;
const PIECE = 1 << 24;

/**
 * Writes a pcap file of `connections` lives, each of `PACKETS_EACH` segments, that go on side by side: the first
 * segment of all, then the second of all, and so on, in batches of `abreast`. Ethernet, IPv4, timestamps; no checksums.
 */
export function writeCrowd(path: string, connections: number, abreast = connections): void {
  const file = openSync(path, 'w');
  const piece = new Uint8Array(PIECE);
  const view = new DataView(piece.buffer);
  let at = 0;
  let microseconds = 0;
  const flush = () => {
    for (let written = 0; written < at; ) written += writeSync(file, piece, written, at - written);
    at = 0;
  };
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 0x40000, true);
  view.setUint32(20, 1, true);
  at = FILE_HEADER;
  const sent = new Float64Array(2 * connections).fill(1);
  const segment = (id: number, { forth, flags, length }: (typeof LIFE)[number]) => {
    const frame = HEADERS + length;
    if (at + RECORD_HEADER + frame > PIECE) flush();
    microseconds += 3;
    view.setUint32(at, 1_700_000_000 + Math.floor(microseconds / 1e6), true);
    view.setUint32(at + 4, microseconds % 1e6, true);
    view.setUint32(at + 8, frame, true);
    view.setUint32(at + 12, frame, true);
    at += RECORD_HEADER;
    piece.fill(0, at, at + frame);
    view.setUint16(at + 12, 0x0800);
    const ip = at + 14;
    piece[ip] = 0x45;
    view.setUint16(ip + 2, frame - 14);
    piece[ip + 8] = 64;
    piece[ip + 9] = 6;
    const client = 0x0a000000 + Math.floor(id / 50_000);
    view.setUint32(ip + 12, forth ? client : 0x0a800001);
    view.setUint32(ip + 16, forth ? 0x0a800001 : client);
    const tcp = ip + 20;
    const port = 10_000 + (id % 50_000);
    view.setUint16(tcp, forth ? port : 443);
    view.setUint16(tcp + 2, forth ? 443 : port);
    const mine = 2 * id + (forth ? 0 : 1);
    const base = (Math.imul(mine + 1, 0x9e3779b1) >>> 0) - 1;
    const other = (Math.imul((mine ^ 1) + 1, 0x9e3779b1) >>> 0) - 1;
    const opening = (flags & 2) !== 0 ? 1 : 0;
    view.setUint32(tcp + 4, (base + sent[mine]! - opening) >>> 0);
    view.setUint32(tcp + 8, (flags & 0x10) !== 0 ? (other + sent[mine ^ 1]!) >>> 0 : 0);
    sent[mine] = sent[mine]! + length + ((flags & 0x01) !== 0 ? 1 : 0);
    piece[tcp + 12] = 0x80;
    piece[tcp + 13] = flags;
    view.setUint16(tcp + 14, 0xfaf0);
    view.setUint32(tcp + 20, 0x0101080a);
    view.setUint32(tcp + 24, Math.floor(microseconds / 1000));
    at += frame;
  };
  for (let first = 0; first < connections; first += abreast)
    for (const step of LIFE) for (let id = first; id < Math.min(connections, first + abreast); id++) segment(id, step);
  flush();
  fsyncSync(file); // whoever is measured reading it shall not pay for its writing
  closeSync(file);
}
