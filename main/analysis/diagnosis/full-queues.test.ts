import { describe, expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { analyse } from '../testing/conversation.ts';
import { DiagnosedLab } from '../testing/diagnosed.ts';
import type { Finding } from './finding.ts';

const full = (findings: readonly Finding[]) => findings.filter(({ kind }) => kind === 'accept-queue-full' || kind === 'syn-queue-full');
const ofCapture = (lab: DiagnosedLab): Finding[] => {
  lab.findings();
  return full(lab.analysis.captureFindings());
};

describe('queues of a listener that have no room', () => {
  test('the accept queue: SYNs are passed over while it holds one more than the backlog, and answered once there is room', () => {
    const lab = new DiagnosedLab({ cable: { delay: ms(10) }, serverSysctls: { 'net.ipv4.tcp_syncookies': 0 } });
    const l = lab.listening(3);
    for (let i = 0; i < 8; i++) {
      lab.connecting();
      lab.run(100);
    }
    lab.run(2000);
    for (let i = 0; i < 8; i++)
      lab.b.accept(l, (accepted) => {
        if (accepted.ok) lab.send(lab.b, accepted.value.fd, 10);
      });
    lab.run(8000);
    const [finding, ...more] = ofCapture(lab);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'accept-queue-full', side: 'server', ambiguous: false, values: { connections: 4, holds: 4 } });
    expect(finding!.packets.length).toBe(Math.min(9, finding!.packetCount));
  });

  /** `count` connections, the first `answered` of them with a handshake, each from its own port; SYNs without answer come three times. */
  const script = (count: number, answered: (i: number) => boolean, speaks: boolean) =>
    Array.from({ length: count }, (_, i) => {
      const port = `port=${30_000 + i}`;
      const at = (seconds: number) => (i + seconds).toFixed(3);
      if (!answered(i)) return [`${at(0)} > S 0 ${port}`, `${at(0.3)} > S 0 ${port}`, `${at(0.6)} > S 0 ${port}`];
      const opened = [`${at(0)} > S 0 ${port}`, `${at(0.1)} < SA 0 1 ${port}`, `${at(0.2)} > A 1 1 ${port}`];
      return speaks ? [...opened, `${at(0.25)} < PA 1 1 10 ${port}`] : opened;
    })
      .flat()
      .join('\n');

  test('SYNs lost on the way are not laid at the door of a listener whose queue is empty', () => {
    expect(full(analyse(script(8, (i) => i % 2 === 0, true)).captureFindings())).toEqual([]);
  });

  test('nor where as many waited when others were answered', () => {
    expect(full(analyse(script(9, (i) => i % 3 !== 1, false)).captureFindings())).toEqual([]);
  });

  test('a server that answers nobody any more may have been cut off instead', () => {
    expect(full(analyse(script(6, (i) => i < 4, false)).captureFindings())).toMatchObject([{ ambiguous: true, values: { holds: 4 } }]);
  });

  test('the SYN queue: half-open connections take every place', () => {
    const half = Array.from({ length: 3 }, (_, i) => `${i / 10} > S 0 port=${31_000 + i}\n${i / 10 + 0.01} < SA 0 1 port=${31_000 + i}`);
    const again = Array.from({ length: 3 }, (_, i) => `${1 + i / 10} < SA 0 1 port=${31_000 + i}`);
    const more = [0.4, 0.9, 1.4, 1.9].map((at) => `${at} > S 0 port=32000`);
    const late = ['3.900 > S 0 port=32000', '3.910 < SA 0 1 port=32000', '3.920 > A 1 1 port=32000'];
    const lines = [...half.flatMap((pair) => pair.split('\n')), ...again, ...more, ...late];
    const inTime = lines.sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b)).join('\n');
    expect(full(analyse(inTime).captureFindings())).toMatchObject([
      { kind: 'syn-queue-full', ambiguous: false, values: { holds: 3, syns: 4 } },
    ]);
  });
});
