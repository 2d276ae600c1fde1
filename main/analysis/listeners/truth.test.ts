import { expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { DiagnosedLab } from '../testing/diagnosed.ts';
import type { ListenerRecord, QueueLengths } from './listener.ts';
import { listenersOf } from './listeners.ts';

// The engine knows its queues. What a capture at the server shows of them is compared with that, moment by moment.

interface Moment {
  /** Seconds since the engine began. */
  readonly at: number;
  readonly synQueue: number;
  readonly acceptQueue: number;
}

const BACKLOG = 3;
/** What happens at the very moment of a look comes after it. */
const JUST = 1e-6;

/** A busy time at a listener with a short backlog, over a cable that loses some: connections come and are accepted as chance has it. */
function busyTime(seed: number, loss: number) {
  const lab = new DiagnosedLab({ seed, tap: 'server', cable: { delay: ms(5), loss }, serverSysctls: { 'net.ipv4.tcp_syncookies': 0 } });
  const l = lab.listening(BACKLOG);
  const moments: Moment[] = [];
  let chance = seed;
  const dice = (sides: number) => {
    chance = (Math.imul(chance, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (chance >> 8) % sides;
  };
  for (let i = 0; i < 200; i++) {
    if (i < 100 && dice(3) === 0) lab.connecting();
    if (dice(5) === 0)
      lab.b.accept(l, (got) => {
        if (got.ok) lab.send(lab.b, got.value.fd, 10);
      });
    lab.run(50);
    const [listener] = lab.engine.snapshot().hosts[1]!.listeners;
    moments.push({ at: lab.engine.now / 1e9 - JUST, synQueue: listener!.synQueue.length, acceptQueue: listener!.acceptQueue.length });
  }
  lab.run(40_000); // an ACK that was dropped looks taken until the SYN,ACK comes again
  lab.findings(); // all that was captured is analysed
  const report = listenersOf(lab.analysis.tables, 10);
  const [listener] = report.listeners;
  return { moments, listener: listener as ListenerRecord, origin: report.origin!.seconds + report.origin!.nanoseconds / 1e9 };
}

const lengthAt = ({ history }: QueueLengths, at: number): number => history.filter((point) => point.at <= at).at(-1)?.length ?? 0;

test('both queues are what the engine had, at every moment, where nothing is lost', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const { moments, listener, origin } = busyTime(seed, 0);
    for (const { at, synQueue, acceptQueue } of moments) {
      const seen = { synQueue: lengthAt(listener.synQueue, at - origin), acceptQueue: lengthAt(listener.acceptQueue, at - origin) };
      expect({ seed, at, ...seen }).toEqual({ seed, at, synQueue, acceptQueue });
    }
    expect(Math.max(...moments.map(({ acceptQueue }) => acceptQueue))).toBe(BACKLOG + 1); // it was full
    expect(listener.ignoredSyns + listener.unanswered).toBeGreaterThan(0);
  }
});

test('over a cable that loses, the accept queue never holds more than is said', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const { moments, listener, origin } = busyTime(seed, 0.1);
    const less = moments.filter(({ at, acceptQueue }) => acceptQueue > lengthAt(listener.acceptQueue, at - origin));
    expect({ seed, less }).toEqual({ seed, less: [] });
  }
});
