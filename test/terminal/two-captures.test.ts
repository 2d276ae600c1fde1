import { afterAll, beforeAll, expect, test } from 'vitest';
import { AHEAD, type RoutedPath, routedPath } from '../support/routed-path.ts';
import { tcpwb } from '../support/tcpwb.ts';

let path: RoutedPath;
beforeAll(async () => {
  path = await routedPath();
}, 30_000);
afterAll(() => path.remove());

test('captures from both ends of a path that drops: clocks, direction of the loss, and nothing that was not lost', async () => {
  const { status, stdout } = await tcpwb('analyze', path.atClient, '--with', path.atServer, '--json').ended;
  const { nearClient, clock, connections } = JSON.parse(stdout);
  expect([status, nearClient, connections.length]).toEqual([0, 'a', 1]);
  expect(clock.ahead).toBeCloseTo(AHEAD, 4);
  const [{ directions }] = connections;
  expect(directions.server).toMatchObject({ lost: 0, notCaptured: 0, recut: 0 });
  // The kernel sends large buffers that are cut on the way, so one of them may lose several packets.
  expect(path.dropped).toBeGreaterThan(0);
  expect(directions.client.lost).toBeGreaterThan(0);
  expect(directions.client.lost).toBeLessThanOrEqual(path.dropped);
  expect(directions.client.notCaptured).toBe(0);
});

test('given the other way round it is the same story', async () => {
  const { stdout } = await tcpwb('analyze', path.atServer, '--with', path.atClient, '--json').ended;
  const { nearClient, clock, connections } = JSON.parse(stdout);
  expect(nearClient).toBe('b');
  expect(clock.ahead).toBeCloseTo(-AHEAD, 4);
  expect(connections[0].directions.server).toMatchObject({ lost: 0, notCaptured: 0 });
});

test('one capture alone tells that the path, not the program, held the client back', async () => {
  const { connections } = JSON.parse((await tcpwb('analyze', path.atClient, '--json').ended).stdout);
  const kinds: Record<string, { reason?: string; side?: string; values: Record<string, number> }> = {};
  for (const finding of connections[0].findings) kinds[finding.kind] ??= finding;
  expect(kinds.retransmissions).toMatchObject({ side: 'client' });
  expect(kinds.retransmissions!.values.fast).toBeGreaterThan(0);
  expect(kinds['limited-by']).toMatchObject({ side: 'client', reason: 'network' });
});
