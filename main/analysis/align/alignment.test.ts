import { describe, expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { Analysis } from '../analysis.ts';
import { frames } from '../testing/conversation.ts';
import { TwoCaptures } from '../testing/two-captures.ts';
import { type Alignment, alignCaptures } from './alignment.ts';

/** A conversation over a cable, captured at both ends. */
function life({ skew = { ahead: 0, drift: 0 }, loss = 0, jitter = 0, seconds = 20, seed = 1 } = {}) {
  const lab = new TwoCaptures({ seed, skew, cable: { delay: ms(15), jitter: ms(jitter), loss } });
  const { c, s } = lab.connected();
  const drain = (): void =>
    lab.b.recv(s, 100_000, [], (got) => {
      if (got.ok && got.value.length > 0) drain();
    });
  drain();
  lab.transfer(c, seconds * 2000, 1000, 500);
  lab.run(3000);
  lab.engine.flushTaps();
  return lab;
}

const judged = (aligned: Alignment | undefined) => aligned!.matches.map((match) => aligned!.judge(match));

const dropped = (lab: TwoCaptures, host: 'client' | 'server') =>
  lab.events.filter((e) => e.kind === 'drop' && e.reason === 'cable-loss' && e.host === host).length;

describe('the clocks', () => {
  test.each([
    { ahead: 0, drift: 0 },
    { ahead: 3.25, drift: 0 },
    { ahead: -0.004, drift: 0 },
    { ahead: 12, drift: 80e-6 },
    { ahead: -7, drift: -35e-6 },
  ])('ahead by $ahead s, drift $drift', (skew) => {
    const lab = life({ skew, jitter: 3, seconds: 200 });
    const aligned = alignCaptures(lab.atClient.captured, lab.atServer.captured)!;
    const { clock, nearClient } = aligned;
    expect(nearClient).toBe('a');
    // Both captures count from their first frame; the second's is the first SYN's arrival.
    const firstFrame = lab.atServer.record(0).start;
    const truth =
      (skew.ahead + (15e6 / 1e9) * 0) * 1e9 -
      ((firstFrame.seconds - 1000) * 1e9 + firstFrame.nanoseconds) +
      lab.atClient.record(0).start.nanoseconds;
    expect(Math.abs(clock!.offset - truth)).toBeLessThan(clock!.margin);
    expect(Math.abs(clock!.offset - truth)).toBeLessThan(3e6);
    expect(clock!.margin).toBeGreaterThan(10e6);
    expect(clock!.margin).toBeLessThan(18e6);
    expect(clock!.driftKnown).toBe(true);
    expect(Math.abs(clock!.drift - skew.drift)).toBeLessThan(15e-6);
    expect(clock!.driftRange[0]).toBeLessThanOrEqual(skew.drift);
    expect(clock!.driftRange[1]).toBeGreaterThanOrEqual(skew.drift);
  });

  test('a short capture cannot tell the drift, and does not', () => {
    const lab = life({ skew: { ahead: 1, drift: 50e-6 }, seconds: 2 });
    const { clock } = alignCaptures(lab.atClient.captured, lab.atServer.captured)!;
    expect(clock).toMatchObject({ driftKnown: false, drift: 0 });
  });

  test('given the other way round, the nearer one is found all the same', () => {
    const lab = life({ skew: { ahead: 2, drift: 0 } });
    const aligned = alignCaptures(lab.atServer.captured, lab.atClient.captured)!;
    expect(aligned.nearClient).toBe('b');
    expect(aligned.clock!.margin).toBeGreaterThan(10e6);
  });
});

describe('what became of each segment', () => {
  test('losses lie in the direction in which the cable lost them', () => {
    let told = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const lab = life({ skew: { ahead: 5, drift: 40e-6 }, loss: 0.05, seconds: 60, seed });
      const [connection] = judged(alignCaptures(lab.atClient.captured, lab.atServer.captured));
      const { client, server } = connection!.directions;
      // What was lost before the server's capture had begun, or after it had ended, nobody can tell.
      expect(client.lost).toBeLessThanOrEqual(dropped(lab, 'client'));
      expect(server.lost).toBeLessThanOrEqual(dropped(lab, 'server'));
      expect(dropped(lab, 'client') - client.lost).toBeLessThanOrEqual(2);
      expect(dropped(lab, 'server') - server.lost).toBeLessThanOrEqual(2);
      expect([client.notCaptured, server.notCaptured, client.recut, server.recut]).toEqual([0, 0, 0, 0]);
      told += client.lost + server.lost;
    }
    expect(told).toBeGreaterThan(30);
  });

  test('no segment arrives before it left, and none is acknowledged before it arrived', () => {
    const lab = life({ skew: { ahead: -40, drift: 90e-6 }, jitter: 10, loss: 0.03, seconds: 100 });
    const aligned = alignCaptures(lab.atClient.captured, lab.atServer.captured)!;
    const fates = aligned.fates(aligned.matches[0]!);
    expect(fates.length).toBeGreaterThan(100);
    let covered = 0;
    for (const fate of fates) {
      if (fate.sent && fate.arrived) expect(fate.arrived.at).toBeGreaterThan(fate.sent.at);
      if (fate.from !== 'server' || !fate.sent) continue;
      for (const data of fates) {
        if (data.from !== 'client' || data.fate !== 'arrived' || data.length === 0) continue;
        const isFirst = !fates.some((other) => other !== data && other.from === 'client' && other.seq === data.seq);
        if (isFirst && ((data.seq + data.length - fate.ack) | 0) === 0) {
          expect(fate.sent.at).toBeGreaterThanOrEqual(data.arrived!.at);
          covered++;
        }
      }
    }
    expect(covered).toBeGreaterThan(50);
  });

  test('what a capture missed is not lost', () => {
    const lab = life({ seconds: 20 });
    const sights = lab.atClient.captured.sights(0);
    const missed = new Set([12, 20, 33].map((i) => sights[i]!.frame));
    const { captured } = lab.atClient;
    const thinned = {
      connectionCount: 1,
      start: captured.start,
      last: captured.last,
      identity: () => captured.identity(0),
      sights: () => sights.filter(({ frame }) => !missed.has(frame)),
    };
    const { client, server } = judged(alignCaptures(thinned, lab.atServer.captured))[0]!.directions;
    const [out, into] = [client.notCaptured, server.lost];
    expect(out + into).toBe(3);
    expect(out).toBe([...missed].filter((frame) => sights.find((s) => s.frame === frame)!.from === 'client').length);
  });

  test('segments that offload joined or cut are neither lost nor missed', () => {
    const sent = new Analysis();
    const came = new Analysis();
    sent.add(
      frames(
        '0.000 > S 0\n0.030 < SA 0 1\n0.031 > A 1 1\n0.040 > A 1 1 3000\n0.071 < A 1 3001\n0.100 > FA 3001 1\n0.130 < FA 1 3002\n0.131 > A 3002 2',
      ),
    );
    came.add(
      frames(
        '0.015 > S 0\n0.016 < SA 0 1\n0.046 > A 1 1\n0.055 > A 1 1 1000\n0.055 > A 1001 1 1000\n0.055 > A 2001 1 1000\n0.056 < A 1 3001\n0.115 > FA 3001 1\n0.116 < FA 1 3002\n0.146 > A 3002 2',
      ),
    );
    const [connection] = judged(alignCaptures(sent.captured, came.captured));
    expect(connection!.directions.client).toMatchObject({ lost: 0, recut: 1, notCaptured: 0 });
  });
});

test('captures without a connection in common', () => {
  const one = new Analysis();
  const two = new Analysis();
  one.add(frames('0 > S 0'));
  two.add(frames('0 > S 0 port=41000'));
  expect(alignCaptures(one.captured, two.captured)).toBeUndefined();
});

test('an address that was translated on the way: the first numbers tell', () => {
  const inside = new Analysis();
  const outside = new Analysis();
  inside.add(frames('0.000 > S 0\n0.020 < SA 0 1\n0.021 > A 1 1'));
  outside.add(frames('0.010 > S 0 port=61000\n0.011 < SA 0 1 port=61000\n0.031 > A 1 1 port=61000'));
  expect(judged(alignCaptures(inside.captured, outside.captured))).toMatchObject([{ a: 0, b: 0, pairs: 3 }]);
});

test('a capture that began in the middle takes the client for the server: it is the same connection all the same', () => {
  const whole = new Analysis();
  const late = new Analysis();
  // The one with the lower port is taken for the server where nobody was seen to begin.
  const through = (script: string) => frames(script.replaceAll(/$/gm, ' port=9000'));
  whole.add(
    through('0.000 > S 0\n0.020 < SA 0 1\n0.021 > A 1 1\n0.040 < A 1 1 100\n0.041 > A 1 101\n0.060 > A 1 101 10\n0.081 < A 101 11'),
  );
  late.add(through('0.030 < A 1 1 100\n0.031 > A 1 1\n0.051 > A 1 101\n0.070 > A 1 101 10\n0.071 < A 101 11'));
  const [connection] = judged(alignCaptures(whole.captured, late.captured));
  expect(connection).toMatchObject({ turned: true, pairs: 5, directions: { client: { lost: 0 }, server: { lost: 0 } } });
});
