import { Analysis } from '../analysis/analysis.ts';
import type { FollowedConnection, FollowedEnd, LiveTap } from '../experiments/targets/kernel/live-tap.ts';
import type { TcpState } from '../tcp-model/states.ts';
import { ok } from '../wire/result.ts';
import { openLive } from './live.ts';

/** What an experiment on the real kernel sees: a live capture of loopback, and the states inferred from the run's own part of it. */
export function loopbackTap(): LiveTap {
  const analysis = new Analysis();
  const end = ({ address, port }: { address: string; port: number }, spans: readonly { state: TcpState | 'UNKNOWN' }[]): FollowedEnd => ({
    address,
    port,
    history: spans.flatMap(({ state }) => (state === 'UNKNOWN' ? [] : [state])),
  });
  return {
    async open(onBatch, onLost) {
      const opened = await openLive(
        { interface: 'lo', promiscuous: false },
        {
          onBatch,
          onEnd: (ending) => {
            if (ending.kind === 'error') onLost(`the capture has ended: ${ending.error.message}`);
          },
        },
      );
      return opened.ok ? ok({ close: () => opened.value.close() }) : opened;
    },
    follow: (batch) => analysis.add(batch),
    connections: () =>
      Array.from({ length: analysis.connectionCount }, (_, id): FollowedConnection => {
        const { client, server, states } = analysis.record(id);
        return { client: end(client, states.client), server: end(server, states.server) };
      }),
  };
}
