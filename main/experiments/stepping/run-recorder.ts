import type { Engine } from '../../engine/engine.ts';
import type { Packet, TcpPacket } from '../../engine/network/packet.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import type { Tcb } from '../../engine/tcp/tcb.ts';
import { seqAdd } from '../../wire/seq.ts';
import type { SegmentView } from '../targets/target.ts';
import { type Fact, Journal } from './journal.ts';
import { SegmentLines } from './segment-lines.ts';

/** What a script asks for, and where. */
export interface ScriptRequest {
  readonly line: number | undefined;
  readonly fact: Extract<Fact, { kind: 'call' | 'script' }>;
}

/** One frame of the run's recording of packets: the step that put it on its link, and the line that caused it. */
export interface FrameOrigin {
  readonly step: number;
  readonly line: number | undefined;
}

/** Writes down a run on the engine: what everything looked like after each step, what happened in it, and by which line. */
export class RunRecorder {
  readonly journal = new Journal();
  /** By frame, the first at 0. */
  readonly frames: FrameOrigin[] = [];
  private readonly lines = new SegmentLines();
  private readonly limit: number | undefined;
  private engine: Engine | undefined;
  private kept: Recording | undefined;
  /** Packets on links that the taps have not handed over yet, by interface. */
  private readonly underway = new Map<number, FrameOrigin[]>();

  constructor(limit?: number) {
    this.limit = limit;
  }

  /** The engine's own recording; there once the run has begun. */
  get recording(): Recording {
    if (!this.kept) throw new Error('the run has not begun');
    return this.kept;
  }

  get hasBegun(): boolean {
    return this.kept !== undefined;
  }

  begin(engine: Engine): void {
    this.engine = engine;
    this.kept = engine.record(this.limit === undefined ? {} : { limit: this.limit });
    const { probes } = engine;
    probes.on('segment-sent', (event) => this.lines.sent(event));
    probes.on('segment-received', (event) => this.lines.received(event));
    probes.on('state', ({ host, connection, from, to }) => this.note({ kind: 'state', host, connection, from, to }));
    probes.on('drop', ({ host, reason }) => this.note({ kind: 'drop', host, reason }));
    probes.on('timer', ({ host, timer, change }) => {
      if (change === 'fired') this.note({ kind: 'timer', host, timer });
    });
  }

  /** The script asks for something; what that does at once is a step of its own. */
  request<T>({ line, fact }: ScriptRequest, serve: () => T): T {
    const before = this.lines.now;
    this.lines.now = line;
    if (line !== undefined) this.journal.reach(this.step, line);
    this.note(fact);
    const answer = serve();
    this.lines.now = before;
    this.recording.mark();
    return answer;
  }

  /** A call has returned. */
  returned(process: string, text: string, line: number | undefined): void {
    this.note({ kind: 'result', process, text }, line);
  }

  beginEvent(): void {
    this.lines.beginEvent();
  }

  /** What a call is about to add to the stream, data or FIN, begins where that ends now. */
  writes(tcb: Tcb): void {
    this.lines.writes(tcb, seqAdd(tcb.sndNxt, tcb.sendQueue.unsent));
  }

  /** Hands over what the links have carried so far: the run is held, and somebody looks. */
  flush(): void {
    this.engine?.flushTaps();
  }

  /** A packet is put on a link. */
  onLink(interfaceId: number, packet: Packet): void {
    const origin = { step: this.step, line: packet.segment && this.lines.of(packet) };
    const waiting = this.underway.get(interfaceId);
    if (waiting) waiting.push(origin);
    else this.underway.set(interfaceId, [origin]);
  }

  /** The same, as scripts see it. */
  segment(view: SegmentView, packet: TcpPacket): void {
    this.note({ kind: 'segment', segment: view }, this.lines.of(packet));
  }

  /** The tap of a link hands over so many packets: they have their place in the recording now. */
  handedOver(interfaceId: number, count: number): void {
    const origins = this.underway.get(interfaceId)?.splice(0, count) ?? [];
    for (const origin of origins) this.frames.push(origin);
  }

  /** The step that is under way. */
  private get step(): number {
    return this.recording.length + 1;
  }

  private note(fact: Fact, line = this.lines.now): void {
    this.journal.add({ step: this.step, time: this.engine!.now, line, fact });
  }
}
