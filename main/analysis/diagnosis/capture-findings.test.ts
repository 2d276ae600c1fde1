import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CaptureReader } from '../../capture/capture-reader.ts';
import { captureFiles } from '../../capture/testing/captures.ts';
import { ms } from '../../wire/units.ts';
import { Analysis } from '../analysis.ts';
import { analyse, frames } from '../testing/conversation.ts';
import { DiagnosedLab } from '../testing/diagnosed.ts';
import { FINDING_KINDS, type Finding } from './finding.ts';

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

/** Short connections one after the other, each closed by the client; with a pause after so many. */
function shortOnes(count: number, range: readonly number[], pauseAfter = Number.POSITIVE_INFINITY): DiagnosedLab {
  const lab = new DiagnosedLab({
    cable: { delay: ms(1) },
    clientSysctls: { 'net.ipv4.ip_local_port_range': range, 'net.ipv4.tcp_tw_reuse': 1 },
  });
  const l = lab.listening(1000);
  for (let i = 0; i < count; i++) {
    const { fd } = lab.connecting();
    lab.run(3);
    lab.b.accept(l, (got) => {
      if (got.ok) lab.engine.clock.after(5e6 as never, () => lab.close(lab.b, got.value.fd));
    });
    lab.close(lab.a, fd);
    lab.run((i + 1) % pauseAfter === 0 ? 1500 : 10);
  }
  lab.engine.flushTaps();
  return lab;
}

describe('across connections', () => {
  test('TIME-WAIT piles up at a client that closes first', () => {
    const lab = shortOnes(150, [32_768, 60_999]);
    const [pile] = lab.analysis.captureFindings();
    expect(pile).toMatchObject({ kind: 'time-wait-pile-up', severity: 'note', side: 'client', values: { atOnce: 150 } });
    expect(pile!.connections).toHaveLength(8);
    expect(pile!.packetCount).toBe(150);
  });

  test('a client that runs out of ports uses them again before their time', () => {
    // Within a second TCP gives no port out again (tcp_tw_reuse), so all of them are taken.
    const lab = shortOnes(120, [40_000, 40_059], 60);
    const [exhausted, ...more] = lab.analysis.captureFindings();
    expect(kinds(more)).toEqual([]);
    // A port that is used again waits no more: never more than there are.
    expect(exhausted).toMatchObject({ kind: 'port-exhaustion', values: { range: 60 } });
    expect(exhausted!.values!.atOnce).toBeLessThanOrEqual(60);
  });

  test('ports in a row, none used again, are no exhaustion', () => {
    const script = Array.from({ length: 80 }, (_, i) => {
      const at = (seconds: number) => (i / 10 + seconds).toFixed(4);
      const port = `port=${40_000 + i}`;
      return `${at(0)} > S 0 ${port}\n${at(0.001)} < SA 0 1 ${port}\n${at(0.002)} > A 1 1 ${port}\n${at(0.003)} > FA 1 1 ${port}\n${at(0.004)} < FA 1 2 ${port}\n${at(0.005)} > A 2 2 ${port}`;
    }).join('\n');
    expect(analyse(script).captureFindings()).toEqual([]);
  });

  test('a flood of SYNs whose clients never answer', () => {
    const script = Array.from(
      { length: 40 },
      (_, i) => `${i / 100} > S 0 port=${30_000 + i}\n${i / 100 + 0.001} < SA 0 1 port=${30_000 + i}`,
    ).join('\n');
    expect(kinds(analyse(`${script}\n9 > A 1 1 port=999`).captureFindings())).toEqual(['half-open-pile-up']);
    // The same, just captured: nobody had the time to answer.
    expect(analyse(script).captureFindings()).toEqual([]);
  });

  test('a service that is down, and a client that keeps trying', () => {
    const script = Array.from({ length: 30 }, (_, i) => `${i} > S 0 port=${30_000 + i}\n${i}.001 < RA -5000 1 port=${30_000 + i}`).join(
      '\n',
    );
    const [finding] = analyse(script).captureFindings();
    expect(finding).toMatchObject({ kind: 'refused-pile-up', values: { count: 30, targets: 1 } });
    expect(finding!.text).toContain('the service is down');
  });
});

test('every capture: each finding names packets of its connection, in order, and says what would confirm it', () => {
  const seen = new Set<string>();
  for (const path of captureFiles()) {
    const analysis = new Analysis();
    const reader = new CaptureReader({ onBatch: (batch) => analysis.add(batch) });
    reader.push(readFileSync(path));
    reader.finish();
    for (let id = 0; id < analysis.connectionCount; id++) {
      for (const finding of analysis.findings(id)) {
        seen.add(finding.kind);
        expect(FINDING_KINDS).toContain(finding.kind);
        expect(finding.packets.length).toBeGreaterThan(0);
        expect([...finding.packets].sort((a, b) => a - b)).toEqual(finding.packets);
        expect(finding.packetCount).toBeGreaterThanOrEqual(finding.packets.length);
        expect(finding.to.seconds - finding.from.seconds).toBeGreaterThanOrEqual(0);
        expect(finding.text).not.toMatch(/NaN|undefined|Infinity/);
        expect(finding.confirm).not.toBe('');
      }
    }
    for (const finding of analysis.captureFindings()) seen.add(finding.kind);
  }
  expect(seen.size).toBeGreaterThan(20);
});

test('asked again, only what came since is read, and the answer is that of one asking', () => {
  // Long enough to be kept between two askings.
  const more = Array.from({ length: 220 }, (_, i) => `0.025 < PA ${1 + i} 1 1`);
  const script = `
    0.000 > S  0
    0.010 < SA 0 1
    0.020 > A  1 1
    0.030 > PA 1 221 100
    0.300 > PA 1 221 100
    0.310 < A  221 101
    0.400 < RA 221 101`;
  const lines = [...script.trim().split('\n').slice(0, 3), ...more, ...script.trim().split('\n').slice(3)];
  const asked = analyse(lines[0]!);
  for (let i = 1; i <= lines.length; i++) {
    asked.findings(0);
    if (i < lines.length) asked.add(frames(lines[i]!));
  }
  const strip = (findings: readonly Finding[]) => findings.map(({ kind, text, packets }) => ({ kind, text, packets }));
  expect(strip(asked.findings(0))).toEqual(strip(analyse(lines.join('\n')).findings(0)));
  expect(kinds(asked.findings(0))).toContain('retransmissions');
});

test('a connection that does not exist is a clear error', () => {
  expect(() => new Analysis().findings(0)).toThrow('no connection 0');
});
