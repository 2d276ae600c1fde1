import { describe, expect, test } from 'vitest';
import { analyse } from '../testing/conversation.ts';
import { DiagnosedLab, RoutedLab } from '../testing/diagnosed.ts';

const NOTHING = (): void => {};

describe('path MTU', () => {
  test('a router says what fits, and the sender listens', () => {
    const lab = new RoutedLab();
    const { c } = lab.connected();
    lab.far.set({ mtu: 1000 });
    lab.client.send(c, new Uint8Array(20_000), [], NOTHING);
    lab.run(3000);
    const [finding] = lab.of('path-mtu-reduced');
    expect(finding).toMatchObject({ severity: 'note', side: 'client', values: { mtu: 1000 } });
    expect(lab.of('path-mtu-black-hole')).toEqual([]);
  });

  /** The path drops what is large and says nothing. */
  const hole = () => {
    const lab = new DiagnosedLab({
      tap: 'client',
      cable: { intercept: ({ segment }) => (segment.payload.length > 1200 ? 'drop' : 'pass') },
    });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    return { lab, c, s };
  };

  test('large segments vanish while small ones pass both ways: a black hole', () => {
    const { lab, c, s } = hole();
    lab.send(lab.a, c, 200);
    lab.run(500);
    lab.send(lab.a, c, 5000);
    for (let i = 0; i < 8; i++) {
      lab.run(1000);
      lab.send(lab.b, s, 10);
    }
    lab.run(1000);
    const [finding] = lab.of('path-mtu-black-hole');
    expect(finding).toMatchObject({ severity: 'problem', side: 'client', reason: 'stuck', ambiguous: true });
    expect(finding!.values!.stuck).toBeGreaterThan(1200);
  });

  test('a peer that is gone altogether is no black hole', () => {
    const lab = new DiagnosedLab({ tap: 'client' });
    const { c } = lab.connected();
    lab.send(lab.a, c, 200);
    lab.run(500);
    lab.cable.set({ loss: 1 });
    lab.send(lab.a, c, 5000);
    lab.run(10_000);
    expect(lab.of('path-mtu-black-hole')).toEqual([]);
    expect(lab.of('peer-silent')).toHaveLength(1);
  });

  test('heavy loss of segments whose size got through before is none either', () => {
    let nth = 0;
    const lab = new DiagnosedLab({
      tap: 'client',
      cable: { intercept: ({ segment }) => (segment.payload.length > 1000 && ++nth > 6 && nth < 14 ? 'drop' : 'pass') },
    });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    lab.send(lab.a, c, 50_000);
    lab.run(20_000);
    expect(lab.of('path-mtu-black-hole')).toEqual([]);
  });

  test('what goes through once it is smaller: a black hole for sure', () => {
    const big = (at: number) => `${at} > A 1 1 1448`;
    const findings = analyse(`
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      ${big(0.03)}\n${big(0.25)}\n${big(0.7)}\n${big(1.6)}
      3.400 > A  1 1 512
      3.410 < A  1 513
      3.420 > A  513 1 512
      3.430 < A  1 1025`).findings(0);
    const [hole] = findings.filter(({ kind }) => kind === 'path-mtu-black-hole');
    expect(hole).toMatchObject({ reason: 'shrunk', ambiguous: false, side: 'client', values: { stuck: 1448, shrunkTo: 512, copies: 4 } });
    expect(findings.map(({ kind }) => kind)).not.toContain('peer-silent');
  });

  test('a server that announces a small maximum segment size', () => {
    const lab = new DiagnosedLab({ tap: 'client' });
    const l = lab.socket(lab.b);
    lab.set(lab.b, l, 'TCP_MAXSEG', 300);
    lab.value<void>((done) => lab.b.bind(l, { address: '10.0.0.2', port: 9502 }, done));
    lab.value<void>((done) => lab.b.listen(l, 16, done));
    const { fd: c } = lab.connecting();
    const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(l, done));
    lab.drain(lab.b, s);
    lab.send(lab.a, c, 5000);
    lab.run(500);
    expect(lab.of('small-mss')).toMatchObject([{ side: 'server', severity: 'note', values: { mss: 300 } }]);
  });
});
