import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureReader } from '../capture/capture-reader.ts';
import { captureFiles } from '../capture/testing/captures.ts';
import type { FrameBatch } from '../wire/frame-batch.ts';
import { Flag } from '../wire/segment.ts';
import { Analysis } from './analysis.ts';
import { analyse, frames, life } from './testing/conversation.ts';
import { LIVES } from './testing/lives.ts';

function batchesOf(octets: Uint8Array): FrameBatch[] {
  const batches: FrameBatch[] = [];
  const reader = new CaptureReader({ onBatch: (batch) => batches.push(batch) });
  reader.push(octets);
  reader.finish();
  return batches;
}

function analyseAll(batches: readonly FrameBatch[]): Analysis {
  const analysis = new Analysis();
  for (const batch of batches) analysis.add(batch);
  return analysis;
}

/** Everything an analysis can be asked. */
const all = (analysis: Analysis) => ({
  summary: analysis.summary(),
  connections: Array.from({ length: analysis.connectionCount }, (_, id) => ({
    record: analysis.record(id),
    segments: analysis.segments(id, 0, 1e9),
  })),
});

/** One frame of a batch as a batch. */
const alone = (batch: FrameBatch, i: number): FrameBatch => ({
  count: 1,
  data: batch.data,
  offset: batch.offset.subarray(i, i + 1),
  capturedLength: batch.capturedLength.subarray(i, i + 1),
  originalLength: batch.originalLength.subarray(i, i + 1),
  seconds: batch.seconds.subarray(i, i + 1),
  nanoseconds: batch.nanoseconds.subarray(i, i + 1),
  linkType: batch.linkType.subarray(i, i + 1),
  interfaceId: batch.interfaceId.subarray(i, i + 1),
  position: batch.position.subarray(i, i + 1),
});

test('frames one by one give what they give together', () => {
  for (const path of captureFiles()) {
    const batches = batchesOf(readFileSync(path));
    const singles = batches.flatMap((batch) => Array.from({ length: batch.count }, (_, i) => alone(batch, i)));
    expect({ name: basename(path), ...all(analyseAll(singles)) }).toEqual({ name: basename(path), ...all(analyseAll(batches)) });
  }
}, 60_000);

test('asking on the way changes nothing', () => {
  const script = LIVES[0]!.script;
  const batch = frames(script);
  const asked = new Analysis();
  for (let i = 0; i < batch.count; i++) {
    asked.add(alone(batch, i));
    all(asked);
    asked.takeChanged();
  }
  expect(all(asked)).toEqual(all(analyse(script)));
});

test('answers survive the structured clone that takes them to the window', () => {
  const answers = all(analyse(LIVES[0]!.script));
  expect(structuredClone(answers)).toEqual(answers);
});

describe('connections', () => {
  test('a 4-tuple used again after a close is a new connection', () => {
    const analysis = analyse(`
      0.000 > S  0
      0.001 < SA 0 1
      0.002 > A  1 1
      0.010 > FA 1 1
      0.011 < FA 1 2
      0.012 > A  2 2
      5.000 > S  9000
      5.001 < SA 8000 9001
      5.002 > A  9001 8001
      99.00 > A  9001 8001`);
    expect(analysis.connectionCount).toBe(2);
    expect(life(analysis.record(0).states.client)).toMatch(/TIME-WAIT@5$/); // its end came with the new SYN, not with time
    expect(life(analysis.record(1).states.client)).toBe('CLOSED@7 SYN-SENT@7 ESTABLISHED@8');
    expect(analysis.record(1).events.map(({ kind }) => kind)).toContain('reused-ports');
  });

  test('the client is who sent the SYN, though the server be captured first', () => {
    expect(analyse('0.000 < SA 0 1\n0.001 > A 1 1').record(0)).toMatchObject({
      client: { address: '10.0.0.1', port: 40000 },
      server: { address: '10.0.0.2', port: 9502 },
      complete: 6,
    });
    expect(analyse('0.000 < A 0 1\n0.001 > A 1 1').record(0).client.port).toBe(40000);
  });

  test('a socket connected to itself goes through a simultaneous open and close alone', () => {
    const script = ['S 0', 'SA 0 1', 'A 1 1', 'FA 1 1', 'A 2 2'].map((segment, i) => `${i} > ${segment}`).join('\n');
    const batch = frames(script);
    const data = batch.data.slice();
    batch.offset.forEach((at) => {
      data.set(data.subarray(at + 12, at + 16), at + 16);
      data.set([0x13, 0x88, 0x13, 0x88], at + 20);
      const view = new DataView(data.buffer);
      if (view.getUint32(at + 28) > 0) view.setUint32(at + 28, view.getUint32(at + 28) - 4000);
    });
    const analysis = new Analysis();
    analysis.add({ ...batch, data });
    const { states, client, server } = analysis.record(0);
    expect(client).toEqual(server);
    expect(life(states.client)).toBe('CLOSED@1 SYN-SENT@1 SYN-RECEIVED@1 ESTABLISHED@2 FIN-WAIT-1@4 CLOSING@4 TIME-WAIT@5');
    expect(states.server).toEqual(states.client);
  });

  test('the changed ones are told once', () => {
    const analysis = new Analysis();
    analysis.add(frames('0 > S 0\n1 > S 0 port=41000'));
    expect(analysis.takeChanged()).toEqual([0, 1]);
    expect(analysis.takeChanged()).toEqual([]);
    analysis.add(frames('2 > S 0 port=41000'));
    expect(analysis.takeChanged()).toEqual([1]);
  });

  test('the changed ones are taken a few at a time, in order of their change, and none twice', () => {
    const ports = Array.from({ length: 200 }, (_, i) => 20000 + i);
    const analysis = new Analysis();
    const all = frames(ports.map((port) => `0 > S 0 port=${port}`).join('\n'));
    analysis.add(all);
    const first = analysis.takeChanged(70);
    analysis.add(all);
    expect(analysis.changedCount).toBe(200);
    const rest = [analysis.takeChanged(130), analysis.takeChanged(60), analysis.takeChanged(60)];
    const ids = ports.map((_, id) => id);
    expect(first).toEqual(ids.slice(0, 70));
    expect(rest).toEqual([ids.slice(70), ids.slice(0, 60), ids.slice(60, 70)]);
  });

  test('many: the table grows, and finds each again in both directions', () => {
    const ports = Array.from({ length: 5000 }, (_, i) => 20000 + i);
    const analysis = new Analysis({ seed: 7 });
    analysis.add(frames(ports.map((port) => `0 > S 0 port=${port}`).join('\n')));
    analysis.add(frames(ports.map((port) => `1 < SA 0 1 port=${port}`).join('\n')));
    expect(analysis.connectionCount).toBe(5000);
    ports.forEach((port, id) => {
      expect(analysis.record(id)).toMatchObject({ client: { port }, packets: { client: 1, server: 1 } });
    });
  });

  test('one that is not there is an error of the caller', () => {
    expect(() => new Analysis().record(0)).toThrow('no connection 0');
  });
});

test('rows say what ladder and packet table show', () => {
  const analysis = analyse(`
    0.000 > S  0 scale=2
    0.001 < SA 0 1 scale=7 win=500
    0.002 > PA 1 1 7 win=100
    0.003 < A  1 8 win=10`);
  expect(analysis.segments(0, 1, 2)).toMatchObject([
    {
      frame: 2,
      from: 'server',
      flags: Flag.SYN | Flag.ACK,
      seq: 5000,
      ack: 1001,
      relativeSeq: 0,
      relativeAck: 1,
      rawWindow: 500,
      window: 500,
      changes: [{ side: 'client', state: 'ESTABLISHED', certainty: 'seen' }],
    },
    {
      frame: 3,
      from: 'client',
      length: 7,
      relativeSeq: 1,
      window: 400,
      events: ['handshake'],
      changes: [{ side: 'server', state: 'ESTABLISHED' }],
      at: { seconds: 0, nanoseconds: 2_000_000 },
    },
  ]);
  expect(analysis.segments(0, 3, 9)).toMatchObject([{ window: 1280 }]);
});

describe('a long connection', () => {
  const length = 3000;
  // Every seventh segment of the server says the same again.
  const script = Array.from({ length }, (_, i) => {
    const at = (i * 0.001).toFixed(3);
    const said = 1 + 10 * Math.floor(i / 2);
    return i % 2 === 0 ? `${at} > A ${said} 1 10` : `${at} < A 1 ${i % 7 === 0 ? said : said + 10}`;
  }).join('\n');

  test('any page of it is what stands there', () => {
    const analysis = analyse(script);
    const rows = analysis.segments(0, 0, length);
    expect(rows.map(({ frame }) => frame)).toEqual(Array.from({ length }, (_, i) => i + 1));
    expect(analysis.segmentCount(0)).toBe(length);
    for (const from of [0, 1, 255, 256, 257, 511, 512, 1000, 2815, 2816, 2999, 3000, 5000])
      for (const count of [0, 1, 300]) expect(analysis.segments(0, from, count)).toEqual(rows.slice(from, from + count));
  });

  test('a record may hold the latest events alone, and knows how many there are', () => {
    const analysis = analyse(script);
    const all = analysis.record(0);
    expect(all.events.length).toBeGreaterThan(200);
    expect(all.eventCount).toBe(all.events.length);
    for (const latestEvents of [0, 1, 7, 1e6])
      expect(analysis.record(0, { latestEvents })).toEqual({
        ...all,
        events: all.events.slice(Math.max(0, all.eventCount - latestEvents)),
      });
  });
});

describe('what time alone changes', () => {
  const closed = `
    0.000 > S  0
    0.001 < SA 0 1
    0.002 > A  1 1
    0.010 > FA 1 1
    0.011 < FA 1 2
    0.012 > A  2 2`;
  const unanswered = '0 > S 0\n1 > S 0\n3 > S 0';
  const lastState = (analysis: Analysis) => analysis.record(0).states.client.at(-1);

  test('is told when the capture has come that far', () => {
    const analysis = analyse(closed);
    analysis.takeChanged();
    analysis.add(frames('60.0109 > S 0 port=41000'));
    expect(analysis.takeChanged()).toEqual([1]);
    analysis.add(frames('60.0110 > S 0 port=41000'));
    expect(analysis.takeChanged()).toEqual([0, 1]);
    expect(lastState(analysis)).toMatchObject({ state: 'CLOSED', trigger: 'time-wait-timeout', from: { seconds: 60, nanoseconds: 11e6 } });
  });

  test('is told when nothing is captured and the clock goes on', () => {
    const analysis = analyse(closed);
    analysis.takeChanged();
    analysis.advance(60, 10e6);
    expect(analysis.takeChanged()).toEqual([]);
    expect(lastState(analysis)?.state).toBe('TIME-WAIT');
    analysis.advance(60, 11e6);
    expect(analysis.takeChanged()).toEqual([0]);
    expect(lastState(analysis)?.state).toBe('CLOSED');
    expect(analysis.summary().states).toEqual({ CLOSED: 2 });
    analysis.advance(500, 0);
    analysis.advance(70, 0);
    expect(analysis.takeChanged()).toEqual([]);
    expect(analysis.summary().end).toEqual({ seconds: 0, nanoseconds: 12e6 });
  });

  test('waits for the last of several FINs, and for both ends where both wait', () => {
    const analysis = analyse(`${closed}\n 30.000 < FA 1 2`);
    analysis.takeChanged();
    analysis.advance(89, 0);
    expect(analysis.takeChanged()).toEqual([]);
    analysis.advance(90, 0);
    expect(analysis.takeChanged()).toEqual([0]);

    const both = analyse(LIVES.find(({ name }) => name === 'closed by both at once')!.script);
    both.takeChanged();
    const told = [];
    for (let ms = 0; ms < 100; ms++) {
      both.advance(60, ms * 1e6);
      if (both.takeChanged().length > 0) told.push(ms);
    }
    expect(told).toEqual([21]); // both got their last ACK at 0.021
    expect(both.summary().states).toEqual({ CLOSED: 2 });
  });

  test('a SYN nobody answers is given up once the next one is well overdue', () => {
    const analysis = analyse(unanswered);
    analysis.takeChanged();
    analysis.advance(7, 4e8); // the next was due at 7, and may be late
    expect(analysis.takeChanged()).toEqual([]);
    expect(lastState(analysis)?.state).toBe('SYN-SENT');
    analysis.advance(7, 5e8);
    expect(analysis.takeChanged()).toEqual([0]);
    expect(lastState(analysis)).toMatchObject({ state: 'CLOSED', trigger: 'user-timeout', from: { seconds: 7, nanoseconds: 0 } });
    expect(analysis.record(0).events.at(-1)).toMatchObject({ kind: 'syn-timeout', packet: 3 });
    analysis.add(frames('8 > S 0'));
    expect(analysis.takeChanged()).toEqual([0]);
    expect(lastState(analysis)?.state).toBe('SYN-SENT');
  });

  test('a FIN-WAIT-2 may last for ever, or its orphan be dropped: nothing is claimed', () => {
    const analysis = analyse(closed.split('\n').slice(0, 5).join('\n').concat('\n 0.011 < A 1 2'));
    analysis.takeChanged();
    analysis.advance(100_000, 0);
    expect(analysis.takeChanged()).toEqual([]);
    expect(lastState(analysis)?.state).toBe('FIN-WAIT-2');
  });

  test('many at once are told in order, each once', () => {
    const ports = Array.from({ length: 500 }, (_, i) => 20000 + i);
    const order = ports.map((_, i) => (i * 211) % 500); // a permutation
    const lines = order.flatMap((i) =>
      closed
        .trim()
        .split('\n')
        .map((line) => `${line.trim().replace(/^\S+/, (at) => String(Number(at) + order.indexOf(i)))} port=${ports[i]}`),
    );
    const analysis = analyse(lines.sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b)).join('\n'));
    analysis.takeChanged();
    const told: number[] = [];
    for (let second = 500; second < 620; second++) {
      analysis.advance(second, 0);
      told.push(...analysis.takeChanged());
    }
    expect(analysis.summary().states).toEqual({ CLOSED: 1000 });
    expect(new Set(told).size).toBe(told.length);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(50);
  });
});

test('the summary counts everything', () => {
  expect(analyse(LIVES[0]!.script).summary()).toEqual({
    packets: 11,
    tcpPackets: 11,
    malformed: 0,
    connections: 2,
    start: { seconds: 0, nanoseconds: 0 },
    end: { seconds: 61, nanoseconds: 0 },
    states: { CLOSED: 2, UNKNOWN: 2 },
    events: { handshake: 1, reset: 1 },
  });
});

describe('hostile captures', () => {
  const small = captureFiles()
    .map((path) => readFileSync(path))
    .filter((octets) => octets.length < 20_000);

  test('octets changed anywhere neither throw nor lose count', () => {
    const change = fc.record({ at: fc.nat(), octet: fc.nat(255) });
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.array(change, { minLength: 1, maxLength: 40 }), (which, changes) => {
        const batches = batchesOf(small[which]!).map((batch) => ({ ...batch, data: batch.data.slice() }));
        for (const { data } of batches) for (const { at, octet } of changes) if (data.length > 0) data[at % data.length] = octet;
        const analysis = analyseAll(batches);
        const { summary, connections } = all(analysis);
        expect(summary.tcpPackets + summary.malformed).toBeLessThanOrEqual(summary.packets);
        expect(connections.reduce((sum, { segments }) => sum + segments.length, 0)).toBe(summary.tcpPackets);
      }),
      { numRuns: 1500 },
    );
  }, 60_000);

  test('segments that make no sense together never take a change the table lacks', () => {
    const number = fc.constantFrom(0, 1, 2, 10, 11, 100, -1, 5000, 2 ** 31, -5000);
    const line = fc
      .tuple(
        fc.constantFrom('>', '<'),
        fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'F', 'R', 'RA', 'SF', 'SR', '-'),
        number,
        number,
        fc.nat(3),
      )
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(2 ** 32 - 1), (lines, isn) => {
        const analysis = analyse(lines.map((each, i) => `${i * 0.01} ${each}`).join('\n'), { client: isn, server: isn });
        const { connections } = all(analysis);
        for (const { record } of connections)
          for (const spans of [record.states.client, record.states.server])
            spans.forEach((span, i) => {
              const before = spans[i - 1]?.from ?? span.from;
              expect(span.from.seconds * 1e9 + span.from.nanoseconds).toBeGreaterThanOrEqual(before.seconds * 1e9 + before.nanoseconds);
            });
      }),
      { numRuns: 3000 },
    );
  }, 60_000);
});
