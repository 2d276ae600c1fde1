import type { Engine } from '../../../engine/engine.ts';
import type { TcpPacket } from '../../../engine/network/packet.ts';
import type { SendCause } from '../../../engine/probes.ts';
import type { Segment } from '../../../wire/segment.ts';
import { SegmentNumbering } from '../segment-view.ts';
import type { SegmentView } from '../target.ts';

/** The segments of one of the engine's links as scripts see them, with the reason why each was sent. */
export class SegmentViews {
  private readonly engine: Engine;
  private readonly causes = new WeakMap<Segment, SendCause | 'injected'>();
  private readonly numbering = new SegmentNumbering();

  constructor(engine: Engine) {
    this.engine = engine;
    engine.probes.on('segment-sent', ({ segment, cause }) => this.causes.set(segment, cause));
  }

  /** No TCP sends this one: it is put on the link by hand. */
  injects(segment: Segment): void {
    this.causes.set(segment, 'injected');
  }

  startOf(stream: string): number | undefined {
    return this.numbering.startOf(stream);
  }

  /** The next segment, put on the link now. */
  of({ src, dst, segment }: TcpPacket, from: string, to: string): SegmentView {
    const { srcPort, dstPort } = segment;
    const cause = this.causes.get(segment);
    const [source, destination] = [
      { address: src, port: srcPort },
      { address: dst, port: dstPort },
    ];
    return this.numbering.view({ segment, source, destination, from, to, time: this.engine.now, ...(cause && { cause }) });
  }
}
