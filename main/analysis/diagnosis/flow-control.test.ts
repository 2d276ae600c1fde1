import { describe, expect, test } from 'vitest';
import { ms } from '../../wire/units.ts';
import { analyse } from '../testing/conversation.ts';
import { DiagnosedLab } from '../testing/diagnosed.ts';

describe('round trips', () => {
  test('by acknowledgement and by timestamp, from the place of the capture', () => {
    const lab = new DiagnosedLab({ tap: 'client', cable: { delay: ms(30) } });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    for (let i = 0; i < 10; i++) {
      lab.send(lab.a, c, 5000);
      lab.run(300);
    }
    const [server] = lab.of('round-trip').filter(({ side }) => side === 'server');
    const { min, median, timestampMin } = server!.values as Record<string, number>;
    expect(min).toBeCloseTo(0.06, 3);
    expect(median).toBeGreaterThanOrEqual(0.06);
    expect(median).toBeLessThan(0.11); // a delayed ACK at most
    expect(timestampMin).toBeCloseTo(0.06, 3);
  });

  test('what was sent again is not measured (Karn)', () => {
    let data = 0;
    const lab = new DiagnosedLab({
      tap: 'client',
      cable: {
        delay: ms(30),
        intercept: ({ segment }) => (segment.payload.length > 0 && data++ === 0 ? 'drop' : 'pass'),
      },
    });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    lab.send(lab.a, c, 100);
    lab.run(2000);
    const trips = lab.of('round-trip').filter(({ side }) => side === 'server');
    for (const { values } of trips) expect(values!.max).toBeLessThan(0.1);
  });
});

test('a server that thinks long', () => {
  const lab = new DiagnosedLab({ tap: 'client' });
  const { c, s } = lab.connected();
  lab.drain(lab.a, c);
  lab.send(lab.a, c, 50);
  lab.run(2500);
  lab.send(lab.b, s, 50);
  lab.run(500);
  expect(lab.of('response-time')).toMatchObject([{ severity: 'warning', side: 'server', values: { count: 1, slow: 1 } }]);
  expect(lab.of('response-time')[0]!.values!.max).toBeCloseTo(2.505, 1);
});

describe('windows', () => {
  /** A bulk transfer to a server that reads after so long. */
  const bulk = (readAfter: number | undefined, tap: 'client' | 'server' = 'client') => {
    const lab = new DiagnosedLab({ tap, cable: { delay: ms(10) } });
    const { c, s } = lab.connected();
    lab.send(lab.a, c, 500_000);
    if (readAfter !== undefined) {
      lab.run(readAfter);
      lab.drain(lab.b, s);
    }
    lab.run(12_000);
    return lab;
  };

  test('a reader that stops for a while', () => {
    const lab = bulk(3000);
    expect(lab.of('zero-window')).toMatchObject([{ severity: 'warning', side: 'server', reason: 'reopened' }]);
    expect(lab.of('zero-window')[0]!.text).toContain('The receive buffer of the server was full');
  });

  test('a reader that never reads', () => {
    expect(bulk(undefined).of('zero-window')).toMatchObject([{ severity: 'problem', side: 'server', reason: 'still-closed' }]);
  });

  test('a reader that keeps up', () => {
    expect(bulk(0).of('zero-window')).toEqual([]);
  });
});

describe('what a sender is limited by', () => {
  test.each(['client', 'server'] as const)('the peer’s small window (captured at the %s)', (tap) => {
    const lab = new DiagnosedLab({ tap, cable: { delay: ms(25) } });
    const l = lab.socket(lab.b);
    lab.set(lab.b, l, 'SO_RCVBUF', 8000);
    lab.value<void>((done) => lab.b.bind(l, { address: '10.0.0.2', port: 9502 }, done));
    lab.value<void>((done) => lab.b.listen(l, 16, done));
    const { fd: c } = lab.connecting();
    const { fd: s } = lab.value<{ fd: number }>((done) => lab.b.accept(l, done));
    lab.drain(lab.b, s);
    lab.send(lab.a, c, 400_000);
    lab.run(6000);
    const [finding] = lab.of('limited-by');
    expect(finding).toMatchObject({ side: 'client', reason: 'window', severity: 'warning' });
    expect(finding!.values!.window).toBeGreaterThan(0.8);
  });

  test.each(['client', 'server'] as const)('the congestion window (captured at the %s)', (tap) => {
    const lab = new DiagnosedLab({ tap, cable: { delay: ms(25), rate: 10e6, queue: 30 } });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    lab.send(lab.a, c, 2_000_000);
    lab.run(8000);
    const [finding] = lab.of('limited-by');
    expect(finding).toMatchObject({ side: 'client', reason: 'network', severity: 'note' });
    expect(finding!.values!.network).toBeGreaterThan(0.7);
  });

  test.each(['client', 'server'] as const)('its own program (captured at the %s)', (tap) => {
    const lab = new DiagnosedLab({ tap, cable: { delay: ms(5) } });
    const { c, s } = lab.connected();
    lab.drain(lab.b, s);
    for (let i = 0; i < 40; i++) {
      lab.send(lab.a, c, 4000);
      lab.run(100);
    }
    const [finding] = lab.of('limited-by');
    expect(finding).toMatchObject({ side: 'client', reason: 'application', severity: 'note' });
    expect(finding!.values!.application).toBeGreaterThan(0.8);
  });
});

test('while no octet has room nobody can send: that time is the window’s, however small what goes before and after', () => {
  const full = Array.from({ length: 30 }, (_, i) => `${(0.03 + i * 0.001).toFixed(3)} > A ${1 + 1000 * i} 1 1000`).join('\n');
  const [finding] = analyse(`
    0.000 > S 0
    0.010 < SA 0 1
    0.020 > A 1 1
    ${full}
    0.060 > PA 30001 1 700
    0.070 < A 1 30701 win=0
    0.270 > A 30700 1
    0.280 < A 1 30701 win=0
    4.000 < A 1 30701 win=60000
    4.005 > PA 30701 1 700
    4.006 > PA 31401 1 700
    4.007 > PA 32101 1 1000
  `)
    .findings(0)
    .filter(({ kind }) => kind === 'limited-by');
  expect(finding).toMatchObject({ side: 'client', reason: 'window' });
  expect(finding!.values!.window).toBeGreaterThan(0.9);
});

describe('Nagle and delayed ACKs', () => {
  /** Messages that are written in two pieces, each answered. */
  const conversation = (noDelay: boolean, tap: 'client' | 'server' = 'client') => {
    const lab = new DiagnosedLab({ tap, cable: { delay: ms(2) } });
    const { c, s } = lab.connected();
    if (noDelay) lab.set(lab.a, c, 'TCP_NODELAY', 1);
    lab.drain(lab.a, c);
    let heard = 0;
    const serve = (): void =>
      lab.b.recv(s, 1000, [], (got) => {
        if (!got.ok) return;
        heard += got.value.length;
        if (heard % 200 === 0) lab.send(lab.b, s, 30); // the whole message is there
        serve();
      });
    serve();
    for (let i = 0; i < 12; i++) {
      lab.send(lab.a, c, 100);
      lab.send(lab.a, c, 100);
      lab.run(250);
    }
    return lab;
  };

  test.each(['client', 'server'] as const)('two small writes wait for each other (captured at the %s)', (tap) => {
    const lab = conversation(false, tap);
    const [finding] = lab.of('nagle-delayed-ack');
    expect(finding).toMatchObject({ severity: 'warning', side: 'client' });
    expect(finding!.values!.shortest).toBeCloseTo(0.04, 2);
    expect(finding!.confirm).toContain('TCP_NODELAY');
  });

  test('data that comes sooner than the way there and back had not waited for the ACK', () => {
    const rounds = Array.from(
      { length: 12 },
      (_, i) => `${(1 + i * 0.05).toFixed(3)} > PA ${1 + 100 * i} 1 100\n${(1.045 + i * 0.05).toFixed(3)} < A 1 ${101 + 100 * i}`,
    ).join('\n');
    const findings = analyse(`0.0000 > S 0\n0.0001 < SA 0 1\n0.0601 > A 1 1\n${rounds}`).findings(0);
    expect(findings.filter(({ kind }) => kind === 'nagle-delayed-ack')).toEqual([]);
    expect(findings.filter(({ kind }) => kind === 'delayed-ack')).toHaveLength(1);
  });

  test('with TCP_NODELAY nothing waits, though ACKs are delayed', () => {
    const lab = conversation(true);
    expect(lab.of('nagle-delayed-ack')).toEqual([]);
  });

  test('a program that writes at its own pace meets delayed ACKs and waits for none', () => {
    const rounds = Array.from({ length: 20 }, (_, i) => `${i + 1} > PA ${1 + i} 1 1\n${i + 1}.04 < A 1 ${2 + i}`).join('\n');
    const findings = analyse(`0.000 > S 0\n0.001 < SA 0 1\n0.002 > A 1 1\n${rounds}`).findings(0);
    expect(findings.filter(({ kind }) => kind === 'nagle-delayed-ack')).toEqual([]);
    expect(findings.filter(({ kind }) => kind === 'delayed-ack')).toMatchObject([{ side: 'server', severity: 'note' }]);
  });
});
