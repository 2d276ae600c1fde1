import { ip } from '../../wire/ip-address.ts';
import { Flag, type Segment, type TcpOption } from '../../wire/segment.ts';
import { type SeqNum, seq } from '../../wire/seq.ts';
import { ms } from '../../wire/units.ts';
import { Engine } from '../engine.ts';
import type { Host } from '../host.ts';
import type { Cable, Plug } from '../network/cable.ts';
import type { Packet } from '../network/packet.ts';
import type { ProbeEvent } from '../probes.ts';
import type { Process } from '../sockets/processes.ts';
import type { SysctlSettings } from '../sysctls.ts';
import type { TcpInfo } from '../tcp/info.ts';
import { initialSequenceNumber } from '../tcp/isn.ts';
import { octets, text } from './lab.ts';
import { describeSegment } from './notation.ts';

const LETTERS: Readonly<Record<string, number>> = {
  S: Flag.SYN,
  F: Flag.FIN,
  R: Flag.RST,
  P: Flag.PSH,
  U: Flag.URG,
  E: Flag.ECE,
  W: Flag.CWR,
  '.': Flag.ACK,
};
const PEER_START = 5000;
const LOCAL = ip('10.0.0.1');
const PEER = ip('10.0.0.2');

interface Words {
  /** Counted from the peer's initial number. */
  readonly seq?: number;
  /** Counted from the local host's initial number. */
  readonly ack?: number;
  readonly data?: string;
  readonly window?: number;
  readonly urgent?: number;
  readonly options?: readonly TcpOption[];
}

/** One real host, and a peer whose every segment the test speaks by hand. */
export class HandPlayed implements Plug {
  readonly name = 'peer';
  readonly engine: Engine;
  readonly local: Host;
  readonly program: Process;
  readonly events: ProbeEvent[] = [];
  private readonly cable: Cable;
  /** The peer's initial sequence number. */
  readonly start: number;
  private heard: Segment[] = [];
  private formed: Segment[] = [];
  private localPort = 9502;
  private localStart = 0;
  private port = 4000;

  constructor(sysctls: SysctlSettings = {}, start = PEER_START, gso = false) {
    this.start = start;
    this.engine = new Engine({ seed: 7 });
    this.local = this.engine.host({
      name: 'local',
      addresses: ['10.0.0.1/24'],
      sysctls: { 'net.ipv4.tcp_timestamps': 0, ...sysctls },
      gso,
    });
    this.cable = this.engine.cable(this.local, this);
    this.cable.watchUncut(({ segment }, from) => {
      if (segment && from === this.local) this.formed.push(segment);
    });
    this.program = this.local.process('program');
    this.engine.probes.on('*', (event) => this.events.push(event));
  }

  receive({ segment }: Packet): void {
    if (!segment) return;
    this.heard.push(segment);
    if (segment.flags & Flag.SYN) {
      this.localPort = segment.srcPort;
      this.localStart = segment.seq;
      this.port = segment.dstPort;
    }
  }

  /** Says one segment, '.' for ACK: says('S'), says('.', { seq: 1, ack: 1 }). */
  says(flags: string, words: Words = {}): this {
    const bits = [...flags].reduce((sum, letter) => sum | LETTERS[letter]!, 0);
    const segment: Segment = {
      srcPort: this.port,
      dstPort: this.localPort,
      seq: seq(this.start + (words.seq ?? 0)),
      ack: bits & Flag.ACK ? seq(this.localStart + (words.ack ?? 0)) : seq(0),
      flags: bits,
      window: words.window ?? 65_000,
      urgent: words.urgent ?? 0,
      options: words.options ?? [],
      payload: octets(words.data ?? ''),
    };
    this.cable.transmit(this, { src: PEER, dst: LOCAL, segment });
    return this.waits(0);
  }

  /** Puts any segment on the cable. */
  injects(segment: Segment): void {
    this.cable.transmit(this, { src: PEER, dst: LOCAL, segment });
    this.waits(0);
  }

  waits(milliseconds: number): this {
    this.engine.runFor(ms(milliseconds));
    return this;
  }

  /** Lets time pass until the host would begin a connection on port 9502 with the peer's `port` at about `iss` (RFC 6528: the clock counts in it). */
  waitsForIss(iss: number, port: number): this {
    const ends = { localAddress: LOCAL, localPort: 9502, remoteAddress: PEER, remotePort: port };
    const now = initialSequenceNumber(this.local, ends);
    return this.waits((((iss - now) >>> 0) * 64) / 1e6);
  }

  /** Says its next segments from another port. */
  from(port: number): this {
    this.port = port;
    return this;
  }

  /** What the host has said since last asked. */
  hears(): string[] {
    this.formed.length = 0;
    return this.describe(this.heard.splice(0));
  }

  /** What the host left to the cable to cut, or sent as it is; forgotten once it was heard. */
  forms(): string[] {
    return this.describe(this.formed.splice(0));
  }

  private describe(segments: readonly Segment[]): string[] {
    const starts = new Map([
      [this.localPort, this.localStart],
      [this.port, this.start],
    ]);
    return segments.map((segment) => describeSegment(segment, starts));
  }

  /** The number in the host's sequence space that is so far behind its initial one: what SACK blocks are made of. */
  heardAt(distance: number): SeqNum {
    return seq(this.localStart + distance);
  }

  /** The last segment heard. */
  lastSegment(): Segment | undefined {
    return this.heard.at(-1);
  }

  /** Options of the last segment heard. */
  lastOptions(): readonly TcpOption[] {
    return this.heard.at(-1)?.options ?? [];
  }

  /** "FROM trigger TO" of every change, the listener's too. */
  changes(): string[] {
    return this.events.flatMap((e) => (e.kind === 'state' ? [`${e.from} ${e.trigger} ${e.to}`] : []));
  }

  // The local program's side; every call here completes at once.

  private now<T>(make: (done: (result: { ok: boolean; value?: T; error?: { errno: string } }) => void) => void): T {
    let value: { readonly it: T } | undefined;
    make((result) => {
      if (!result.ok) throw new Error(`the call failed: ${result.error?.errno}`);
      value = { it: result.value as T };
    });
    if (!value) throw new Error('the call blocks');
    return value.it;
  }

  socket(): number {
    return this.now<number>((done) => this.program.socket('AF_INET', 'SOCK_STREAM', done));
  }

  listens(backlog = 5): number {
    const fd = this.socket();
    this.now<void>((done) => this.program.bind(fd, { address: '10.0.0.1', port: 9502 }, done));
    this.now<void>((done) => this.program.listen(fd, backlog, done));
    return fd;
  }

  accepts(listener: number): number {
    return this.now<{ fd: number }>((done) => this.program.accept(listener, done)).fd;
  }

  /** Begins to connect and does not wait; the peer hears the SYN. */
  connects(from?: number): number {
    const fd = this.socket();
    if (from !== undefined) this.now<void>((done) => this.program.bind(fd, { address: '10.0.0.1', port: from }, done));
    this.program.setNonBlocking(fd, true, () => {});
    this.program.connect(fd, { address: '10.0.0.2', port: 80 }, () => {});
    this.waits(0);
    return fd;
  }

  closes(fd: number): this {
    this.program.close(fd, () => {});
    return this.waits(0);
  }

  closesAbruptly(fd: number): this {
    this.program.setsockopt(fd, 'SO_LINGER', { on: true, seconds: 0 }, () => {});
    return this.closes(fd);
  }

  shutsDown(fd: number, how: 'SHUT_RD' | 'SHUT_WR' | 'SHUT_RDWR' = 'SHUT_WR'): this {
    this.now<void>((done) => this.program.shutdown(fd, how, done));
    return this.waits(0);
  }

  sends(fd: number, words: string): this {
    this.now<number>((done) => this.program.send(fd, octets(words), [], done));
    return this.waits(0);
  }

  tcpInfo(fd: number): Partial<TcpInfo> {
    return this.now<Partial<TcpInfo>>((done) => this.program.tcpInfo(fd, done));
  }

  /** What a recv that must not wait gives: text, or the errno. */
  reads(fd: number, most = 65_536): string {
    let result = '';
    this.program.recv(fd, most, ['MSG_DONTWAIT'], (r) => {
      result = r.ok ? text(r.value) : r.error.errno;
    });
    this.waits(0);
    return result;
  }
}

/** The peer connected, and the program accepted: what was said so far is forgotten. */
export function established(sysctls?: SysctlSettings): { peer: HandPlayed; fd: number; listener: number } {
  const peer = new HandPlayed(sysctls);
  const listener = peer.listens();
  peer.says('S', { options: [{ kind: 'mss', octets: 1000 }] }).says('.', { seq: 1, ack: 1 });
  const fd = peer.accepts(listener);
  peer.hears();
  return { peer, fd, listener };
}
