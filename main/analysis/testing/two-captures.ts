import { Lab, type LabOptions } from '../../engine/testing/lab.ts';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { Analysis } from '../analysis.ts';

/** How the clock at the server goes: seconds ahead at the engine's time 0, and how much it gains in a second. */
export interface Skew {
  readonly ahead: number;
  readonly drift: number;
}

/** A lab captured at both ends, where the server's clock is wrong. */
export class TwoCaptures extends Lab {
  readonly atClient = new Analysis();
  readonly atServer = new Analysis();

  constructor(options: LabOptions & { readonly skew?: Skew } = {}) {
    super(options);
    const skew = options.skew ?? { ahead: 0, drift: 0 };
    this.engine.tap(this.cable, (batch) => this.atClient.add(batch), { at: this.client, epochSeconds: 1000 });
    this.engine.tap(this.cable, (batch) => this.atServer.add(skewed(batch, skew)), { at: this.server, epochSeconds: 1000 });
  }

  /** Sends `octets` from client to server, at most so many at once, with a pause after each. */
  transfer(c: number, octets: number, at: number, pauseMs: number): void {
    for (let sent = 0; sent < octets; sent += at) {
      this.a.send(c, new Uint8Array(at), ['MSG_NOSIGNAL'], () => {});
      this.run(pauseMs);
    }
  }
}

function skewed(batch: FrameBatch, { ahead, drift }: Skew): FrameBatch {
  const seconds = new Float64Array(batch.count);
  const nanoseconds = new Uint32Array(batch.count);
  for (let i = 0; i < batch.count; i++) {
    const time = (batch.seconds[i]! - 1000) * 1e9 + batch.nanoseconds[i]!;
    const wrong = Math.round(time * (1 + drift) + ahead * 1e9);
    seconds[i] = 1000 + Math.floor(wrong / 1e9);
    nanoseconds[i] = wrong - Math.floor(wrong / 1e9) * 1e9;
  }
  return { ...batch, seconds, nanoseconds };
}
