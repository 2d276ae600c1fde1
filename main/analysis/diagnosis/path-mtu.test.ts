import { describe, expect, test } from 'vitest';
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
});
