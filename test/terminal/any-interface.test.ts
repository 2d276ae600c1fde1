import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionRecord } from '../../main/analysis/record.ts';
import { type RoutedPath, routedPath } from '../support/routed-path.ts';
import { tcpwb } from '../support/tcpwb.ts';

// The running kernel: a router that cuts large segments on the way out, and whose queue drops. What its `any` interface says is what the
// interface says where the transfer comes in.

let path: RoutedPath;
beforeAll(async () => {
  path = await routedPath();
}, 30_000);
afterAll(() => path.remove());

async function analysed(capture: string): Promise<ConnectionRecord> {
  const { stdout, status } = await tcpwb('analyze', capture, '--json').ended;
  const { connections } = JSON.parse(stdout) as { readonly connections: readonly ConnectionRecord[] };
  expect([status, connections.length]).toEqual([0, 1]);
  return connections[0]!;
}

const sent = ({ events }: ConnectionRecord) =>
  events.filter(({ kind }) => kind !== 'duplicate-capture').map(({ kind, from }) => `${from} ${kind}`);

test('a router’s `any` adds nothing to what it saw come in, though it sees each segment go out in pieces', async () => {
  const one = await analysed(path.atRouter);
  expect(sent(one).filter((event) => /^client .*retransmission/.test(event)).length).toBeGreaterThan(5);
  for (const capture of path.atAny) {
    const any = await analysed(capture);
    const copies = any.events.filter(({ kind, from }) => kind === 'duplicate-capture' && from === 'client').length;
    // More pieces went out than segments came in, though the queue dropped some.
    expect(copies).toBeGreaterThan(1.5 * (any.packets.client - copies));
    expect(any.bytes).toEqual(one.bytes);
    expect(sent(any)).toEqual(sent(one));
  }
}, 30_000);
