import { describe, expect, test } from 'vitest';
import { Lab } from '../../engine/testing/lab.ts';
import { foldChecksum, sumWords } from '../../wire/checksum.ts';
import { Analysis } from '../analysis.ts';
import { recordedTransfer } from '../testing/diagnosed.ts';

const IP = 20;

/** A transfer from the client of the engine, whose segments `change` gets hold of: octets of the frame, and who sent it. */
function transfer(change: (frame: Uint8Array, fromClient: boolean, nth: number) => void, checksums = true): Analysis {
  const analysis = new Analysis({ checksums });
  let nth = 0;
  for (const batch of recordedTransfer()) {
    for (let i = 0; i < batch.count; i++) {
      const frame = batch.data.subarray(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!);
      change(frame, ((frame[IP]! << 8) | frame[IP + 1]!) !== 9502, nth++);
    }
    analysis.add(batch);
  }
  return analysis;
}

/** What a host leaves to its network card: the sum over the pseudo header. */
function leavePartial(frame: Uint8Array): void {
  const sum = sumWords(frame, 12, 20) + 6 + frame.length - IP;
  new DataView(frame.buffer, frame.byteOffset).setUint16(IP + 16, ~foldChecksum(sum) & 0xffff);
}

const kinds = (analysis: Analysis) =>
  analysis.findings(0).flatMap(({ kind, reason, side }) => (kind === 'offload' || kind === 'bad-checksum' ? [[kind, reason, side]] : []));

const wrong = (analysis: Analysis) => analysis.record(0).events.filter(({ kind }) => kind === 'bad-checksum').length;

describe('checksums', () => {
  test('what the engine sends is right', () => {
    const analysis = transfer(() => {});
    expect(kinds(analysis)).toEqual([]);
    expect(wrong(analysis)).toBe(0);
  });

  test.each([true, false])('the client leaves them to its card: named, and nobody speaks of corruption (all checked: %s)', (checksums) => {
    const analysis = transfer((frame, fromClient) => fromClient && leavePartial(frame), checksums);
    expect(kinds(analysis)).toEqual([['offload', 'checksum', 'client']]);
    expect(wrong(analysis)).toBe(0);
  });

  test('both sides do, as on loopback', () => {
    expect(kinds(transfer((frame) => leavePartial(frame), false))).toEqual([['offload', 'checksum', undefined]]);
  });

  test('whatever stands there, a side that has every segment wrong and is acknowledged was captured before its card', () => {
    const analysis = transfer((frame, fromClient) => fromClient && frame.set([0xbe, 0xef], IP + 16));
    expect(kinds(analysis)).toEqual([['offload', 'checksum', 'client']]);
  });

  test('one segment that was changed on the way', () => {
    const analysis = transfer((frame, _, nth) => {
      if (nth === 6) frame[frame.length - 1]! ^= 1;
    });
    expect(analysis.record(0).events).toContainEqual(expect.objectContaining({ kind: 'bad-checksum', packet: 7 }));
    expect(analysis.findings(0)).toContainEqual(expect.objectContaining({ kind: 'bad-checksum', severity: 'warning', packets: [7] }));
  });
});

describe('segments larger than the peer takes', () => {
  test('captured before the card cut them', () => {
    const lab = new Lab({ gso: true });
    const analysis = new Analysis();
    lab.engine.tap(lab.cable, (batch) => analysis.add(batch), { at: lab.client, uncut: true });
    const { c, s } = lab.connected();
    lab.a.send(c, new Uint8Array(60_000), ['MSG_NOSIGNAL'], () => {});
    lab.b.recv(s, 1 << 20, [], () => {});
    lab.run(1000);
    lab.engine.flushTaps();
    const [finding, ...more] = analysis.findings(0).filter(({ kind }) => kind === 'offload');
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ reason: 'segmentation', side: 'client', severity: 'note', values: { mss: 1460 } });
    expect(finding!.values!.largest).toBeGreaterThan(2 * 1460);
  });
});
