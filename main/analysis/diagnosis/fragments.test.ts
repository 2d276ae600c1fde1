import { describe, expect, test } from 'vitest';
import type { FrameBatch } from '../../wire/frame-batch.ts';
import { Analysis } from '../analysis.ts';
import { Follower } from '../follow/follow.ts';
import { cut, piece } from '../fragments/testing/cut.ts';
import type { StateSpan } from '../record.ts';
import { batchOf, frames } from '../testing/conversation.ts';
import { RoutedLab } from '../testing/diagnosed.ts';

const { count, data, offset, capturedLength } = frames(`
  0 > S 0 0
  0 < SA 0 1
  0 > A 1 1
  0 > PA 1 1 400
  0 > PA 401 1 400
  0 < A 1 801`);
const whole = Array.from({ length: count }, (_, i) => data.slice(offset[i], offset[i]! + capturedLength[i]!));
const [, , , first, second] = whole as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** The conversation with other packets in the place of its two with data, one each 20 ms. */
function analysed(inPlace: readonly Uint8Array[]): Analysis {
  const packets = [...whole.slice(0, 3), ...inPlace, ...whole.slice(5)];
  const analysis = new Analysis();
  analysis.add(batchOf(packets.map((octets, i) => ({ seconds: 1000 + i / 50, octets }))));
  return analysis;
}

const HEADS = /filter that asks for a port/;

test('segments in fragments, and whose they are', () => {
  const analysis = analysed([...cut(first, [20], 1), ...cut(second, [30], 2)]);
  const [finding] = analysis.findings(0).filter(({ kind }) => kind === 'fragments');
  expect(finding).toMatchObject({ severity: 'warning', side: 'client', packets: [6, 8], values: { segments: 2 } });
  expect(analysis.captureFindings()).toEqual([]);
  expect(
    analysed([first, second])
      .findings(0)
      .filter(({ kind }) => kind === 'fragments'),
  ).toEqual([]);
});

test('fragments that the capture filter dropped', () => {
  const analysis = analysed([piece(first, 0, 160, 1), piece(second, 0, 160, 2)]);
  const [finding] = analysis.captureFindings();
  expect(finding).toMatchObject({ kind: 'fragments-missing', reason: 'first-only', severity: 'warning', packets: [4, 5], packetCount: 2 });
  expect(finding!.text).toMatch(HEADS);
  expect(finding!.from).toMatchObject({ seconds: 1000 });
});

test('fragments that were lost', () => {
  const [finding] = analysed([piece(first, 160, 420, 1), second]).captureFindings();
  expect(finding).toMatchObject({ kind: 'fragments-missing', packets: [4], packetCount: 1 });
  expect(finding!.text).not.toMatch(HEADS);
});

test('the other fragments may come soon', () => {
  const late = batchOf([{ seconds: 1000, octets: piece(first, 0, 160, 1) }]);
  const analysis = new Analysis();
  analysis.add(late);
  expect(analysis.captureFindings()).toEqual([]);
});

test('fragments that say different things', () => {
  const forged = first.map((octet, at) => (at === 100 ? octet ^ 1 : octet));
  const [finding, more] = analysed([piece(first, 0, 160, 1), piece(forged, 0, 160, 1), piece(first, 160, 420, 1)]).captureFindings();
  expect(finding).toMatchObject({ kind: 'fragments-contradict', severity: 'problem', packets: [4], packetCount: 1 });
  expect(more).toBeUndefined();
});

describe('a narrow link that may cut, and loses some', () => {
  const lab = new RoutedLab('10.2.0.1', { 'net.ipv4.ip_no_pmtu_disc': 1 });
  const batches: FrameBatch[] = [];
  const behind = new Analysis();
  lab.engine.tap(lab.far, (batch) => batches.push(batch), { at: lab.server.host });
  const { c, s } = lab.connected();
  lab.far.set({ mtu: 600, loss: 0.02 });
  const sent = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7 + (i >> 8));
  lab.client.send(c, sent, [], () => lab.client.close(c, () => {}));
  const heard: number[] = [];
  const read = (): void =>
    lab.server.recv(s, 65_536, [], (result) => {
      if (!result.ok || result.value.length === 0) return lab.server.close(s, () => {});
      heard.push(...result.value);
      read();
    });
  read();
  lab.run(30_000);
  lab.engine.flushTaps();
  for (const batch of batches) behind.add(batch);

  test('behind it each segment is one, and the life is the one before it', () => {
    expect(heard).toEqual([...sent]);
    expect(said(batches, behind)).toEqual(heard);
    const states = (spans: readonly StateSpan[]) => spans.map(({ state }) => state);
    const [near, far] = [lab.analysis.record(0).states, behind.record(0).states];
    expect([states(far.client), states(far.server)]).toEqual([states(near.client), states(near.server)]);
    expect(behind.findings(0).map(({ kind }) => kind)).toContain('fragments');
    expect(behind.captureFindings()).toMatchObject([{ kind: 'fragments-missing' }]);
  });
});

/** What the client was captured saying. */
function said(batches: readonly FrameBatch[], analysis: Analysis): number[] {
  const octets: number[] = [];
  const follower = new Follower(
    analysis.tables,
    0,
    (piece) => piece.from === 'client' && piece.kind === 'octets' && octets.push(...piece.octets),
  );
  for (const batch of batches) follower.add(batch);
  follower.end();
  return octets;
}
