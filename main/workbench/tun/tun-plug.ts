import type { Plug } from '../../engine/network/cable.ts';
import { encodePacket, type Packet, readPacket, type Unreadable } from '../../engine/network/packet.ts';

/** Packets by what became of them: `in` and `out` as the engine's host sees it. */
export interface PlugCounters {
  readonly in: number;
  readonly out: number;
  readonly unreadable: Readonly<Record<Unreadable, number>>;
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
  private readonly unreadable: Record<Unreadable, number> = { malformed: 0, 'bad-checksum': 0 };

  constructor(name: string, write: WritePackets) {
    this.name = name;
    this.write = write;
  }

  counters(): PlugCounters {
    return { in: this.taken, out: this.given, unreadable: { ...this.unreadable } };
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

  /** Reads what the kernel sent; undefined, and counted, when no host could. The octets may be reused afterwards. */
  read(octets: Uint8Array): Packet | undefined {
    const packet = readPacket(octets.slice()); // what the packet refers to outlives the buffer it was read into
    if (packet.ok) {
      this.taken++;
      return packet.value;
    }
    this.unreadable[packet.error]++;
    return undefined;
  }
}
