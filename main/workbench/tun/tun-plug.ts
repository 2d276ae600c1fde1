import type { Plug } from '../../engine/network/cable.ts';
import { encodePacket, type Packet } from '../../engine/network/packet.ts';
import { foldChecksum, internetChecksum, sumWords } from '../../wire/checksum.ts';
import { IpProtocol } from '../../wire/ip-protocol.ts';
import { decodeIpv4, MIN_IPV4_HEADER } from '../../wire/ipv4.ts';
import { decodeIpv6 } from '../../wire/ipv6.ts';
import { err, ok, type Result } from '../../wire/result.ts';
import { decodeSegment } from '../../wire/tcp-header.ts';

/** Why a packet from the kernel did not reach the cable. */
export type Unusable = 'malformed' | 'bad-checksum' | 'fragment' | 'not-tcp';

/** Packets by what became of them: `in` and `out` as the engine's host sees it. */
export interface PlugCounters {
  readonly in: number;
  readonly out: number;
  readonly unusable: Readonly<Record<Unusable, number>>;
}

/** Writes packets that lie back to back, `lengths[i]` octets each. */
export type WritePackets = (octets: Uint8Array, lengths: Uint32Array, count: number) => void;

const MAX_PACKET = 65_536;
const WRITE_ROOM = 8 * MAX_PACKET;
const WRITE_BATCH = 256;

/** Where a cable ends in a TUN interface: the engine's packets become octets, and the kernel's octets packets. */
export class TunPlug implements Plug {
  readonly name: string;
  private readonly write: WritePackets;
  private readonly octets = new Uint8Array(WRITE_ROOM);
  private readonly lengths = new Uint32Array(WRITE_BATCH);
  private used = 0;
  private count = 0;
  private taken = 0;
  private given = 0;
  private readonly unusable: Record<Unusable, number> = { malformed: 0, 'bad-checksum': 0, fragment: 0, 'not-tcp': 0 };

  constructor(name: string, write: WritePackets) {
    this.name = name;
    this.write = write;
  }

  counters(): PlugCounters {
    return { in: this.taken, out: this.given, unusable: { ...this.unusable } };
  }

  /** A packet came off the cable: it waits for `flush`, so that one call writes many. */
  receive(packet: Packet): void {
    if (this.count === WRITE_BATCH || this.used + MAX_PACKET > WRITE_ROOM) this.flush();
    const { length } = encodePacket(packet, this.octets.subarray(this.used));
    this.lengths[this.count++] = length;
    this.used += length;
    this.given++;
  }

  flush(): void {
    if (this.count > 0) this.write(this.octets, this.lengths, this.count);
    this.count = 0;
    this.used = 0;
  }

  /** Reads what the kernel sent; undefined, and counted, when it is nothing for this host's TCP. The octets may be reused afterwards. */
  read(octets: Uint8Array): Packet | undefined {
    const packet = readPacket(octets);
    if (packet.ok) {
      this.taken++;
      return packet.value;
    }
    this.unusable[packet.error]++;
    return undefined;
  }
}

/**
 * A host's judgement of what came off a wire, in the order of the headers: form, checksum of the IP header, is it whole,
 * is it TCP, checksum of the segment. Nothing that is put in makes it throw.
 */
export function readPacket(octets: Uint8Array): Result<Packet, Unusable> {
  const isIpv6 = octets.length > 0 && octets[0]! >> 4 === 6;
  const packet = isIpv6 ? readIpv6(octets) : readIpv4(octets);
  if (!packet.ok) return packet;
  const { src, dst, payload } = packet.value;
  const [addressesAt, addressesEnd] = isIpv6 ? [8, 40] : [12, 20];
  // The pseudo header from where its addresses stand, because making octets of their texts takes longer than all the rest.
  const pseudoHeader = sumWords(octets, addressesAt, addressesEnd, IpProtocol.TCP + payload.length);
  if (foldChecksum(sumWords(payload, 0, payload.length, pseudoHeader)) !== 0) return err('bad-checksum');
  const segment = decodeSegment(payload.slice()); // what the segment refers to must outlive the buffer it was read into
  return segment.ok ? ok({ src, dst, segment: segment.value }) : err('malformed');
}

type Datagram = Pick<Packet, 'src' | 'dst'> & { readonly payload: Uint8Array };

function readIpv4(octets: Uint8Array): Result<Datagram, Unusable> {
  const packet = decodeIpv4(octets);
  if (!packet.ok) return err('malformed');
  const { header, payload } = packet.value;
  if (internetChecksum(octets, 0, MIN_IPV4_HEADER + header.options.length) !== 0) return err('bad-checksum');
  if (header.moreFragments || header.fragmentOffset > 0) return err('fragment');
  if (header.protocol !== IpProtocol.TCP) return err('not-tcp');
  return ok({ src: header.src, dst: header.dst, payload });
}

function readIpv6(octets: Uint8Array): Result<Datagram, Unusable> {
  const packet = decodeIpv6(octets);
  if (!packet.ok) return err('malformed');
  const { header, payload } = packet.value;
  if (header.extensions.some(({ kind }) => kind === IpProtocol.FRAGMENT)) return err('fragment');
  if (header.protocol !== IpProtocol.TCP) return err('not-tcp');
  return ok({ src: header.src, dst: header.dst, payload });
}
