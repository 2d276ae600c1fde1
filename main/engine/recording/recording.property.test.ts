import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TcpState } from '../../tcp-model/states.ts';
import type { EngineSnapshot } from '../snapshot.ts';
import { type Aim, hostile, packetOf } from '../testing/hostile.ts';
import { STANDINGS } from '../testing/standing.ts';
import { makeCall, userCall } from '../testing/user-calls.ts';

const STATES = Object.keys(STANDINGS) as TcpState[];
const NO_AIM: Aim = {
  localPort: 9502,
  remotePort: 4000,
  stamp: 1,
  iss: 5000,
  sndUna: 5000,
  sndNxt: 5000,
  irs: 5000,
  rcvNxt: 5000,
  rcvWnd: 0,
};

const attack = fc.array(fc.record({ hostile, call: userCall }), { maxLength: 20, size: 'max' });
const start = fc.constantFrom(5000, 0xffff_fff0, 0x7fff_ffff);

describe.each(STATES)('a recording begun in %s', (state) => {
  test('shows after each step what the engine itself shows then', () => {
    const standings = Object.values(STANDINGS[state]);
    const scenario = fc.record({ which: fc.nat(standings.length - 1), peerStart: start, localStart: start, steps: attack });
    fc.assert(
      fc.property(scenario, ({ which, peerStart, localStart, steps }) => {
        const { peer, fds } = standings[which]!({ sysctls: {}, peerStart, localStart, options: [], ecn: false });
        const { engine, local } = peer;
        const recording = engine.record();
        const seen: EngineSnapshot[] = [engine.snapshot()];
        const note = (): void => {
          seen[recording.length] = engine.snapshot();
        };
        for (const step of steps) {
          makeCall(peer, fds, step.call);
          const [connection] = engine.snapshot().hosts[0]!.connections;
          const aim = connection ? { ...connection, ...connection.sequence, stamp: 1 } : NO_AIM;
          const packet = packetOf(step.hostile, aim);
          if (packet) local.receive(packet);
          recording.mark();
          note();
          while (engine.nextEventAt() === engine.now && engine.step()) note();
        }
        for (const [at, snapshot] of seen.entries()) if (snapshot) expect(recording.snapshot(at)).toEqual(snapshot);
      }),
      { numRuns: 40 },
    );
  });
});
