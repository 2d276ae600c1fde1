import { describe, expect, test } from 'vitest';
import { Analysis } from '../analysis.ts';
import { analyse, frames } from '../testing/conversation.ts';
import { DiagnosedLab } from '../testing/diagnosed.ts';

describe('closing', () => {
  test('who closed first, and who keeps TIME-WAIT', () => {
    const lab = new DiagnosedLab();
    const { c, s } = lab.connected();
    lab.close(lab.b, s);
    lab.run(30);
    lab.close(lab.a, c);
    lab.run(100);
    const [first] = lab.of('closed-first');
    expect(first).toMatchObject({ side: 'server', severity: 'note' });
    expect(first!.text).toMatch(/^The server closed first, the client \d+ ms later; TIME-WAIT is kept by the server/);
    expect(lab.grave()).toEqual([]);
  });

  test('both at the same time', () => {
    const lab = new DiagnosedLab();
    const { c, s } = lab.connected();
    lab.close(lab.b, s);
    lab.close(lab.a, c);
    lab.run(100);
    expect(lab.of('closed-first')[0]!.text).toContain('both keep TIME-WAIT');
  });

  test('a program that forgets to close: CLOSE-WAIT is a problem after a minute', () => {
    const lab = new DiagnosedLab();
    const { c } = lab.connected();
    lab.close(lab.a, c);
    lab.run(5000);
    expect(lab.of('close-wait')).toEqual([]); // five seconds are nothing
    lab.run(15_000);
    expect(lab.of('close-wait')).toMatchObject([{ severity: 'warning', side: 'server', reason: 'open' }]);
    lab.run(60_000);
    const [finding] = lab.of('close-wait');
    expect(finding).toMatchObject({ severity: 'problem', side: 'server', reason: 'open' });
    expect(finding!.text).toMatch(/The server has not closed this connection: it is in CLOSE-WAIT for 80 s/);
  });

  test('a half-closed connection that still carries data is no leak', () => {
    const lab = new DiagnosedLab();
    const { c, s } = lab.connected();
    lab.a.shutdown(c, 'SHUT_WR', () => {});
    for (let i = 0; i < 20; i++) {
      lab.send(lab.b, s, 100);
      lab.run(5000);
    }
    expect(lab.of('close-wait')).toEqual([]);
    lab.run(30_000);
    expect(lab.of('close-wait')[0]!.text).toContain('since it last sent data');
  });
});

describe('resets', () => {
  const reason = (lab: DiagnosedLab) => lab.of('reset').map((finding) => `${finding.side} ${finding.reason}`);

  test('SO_LINGER 0 with nothing unread', () => {
    const lab = new DiagnosedLab();
    const { s } = lab.connected();
    lab.set(lab.b, s, 'SO_LINGER', { on: true, seconds: 0 });
    lab.send(lab.b, s, 10);
    lab.run(50);
    lab.close(lab.b, s);
    lab.run(100);
    expect(reason(lab)).toEqual(['server abort']);
  });

  test('close with data unread', () => {
    const lab = new DiagnosedLab();
    const { c, s } = lab.connected();
    lab.send(lab.a, c, 500);
    lab.run(100);
    lab.close(lab.b, s);
    lab.run(100);
    expect(reason(lab)).toEqual(['server unread-data']);
    expect(lab.of('reset')[0]!.ambiguous).toBe(true);
  });

  test('data that arrives after the close', () => {
    const lab = new DiagnosedLab();
    const { c, s } = lab.connected();
    lab.close(lab.b, s);
    lab.run(100);
    lab.send(lab.a, c, 500);
    lab.run(100);
    expect(reason(lab)).toEqual(['server after-close']);
  });

  test('a peer that has forgotten the connection', () => {
    const findings = analyse(`
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > PA 1 1 10
      0.040 < A  1 11
      90.00 > PA 11 1 10
      90.01 < R  1`).findings(0);
    const [reset] = findings.filter(({ kind }) => kind === 'reset');
    expect(reset).toMatchObject({ reason: 'forgotten', ambiguous: true, side: 'server' });
    expect(reset!.text).toContain('after a silence of 90 s');
  });

  test('a RST whose sender goes on speaking was not its own', () => {
    const findings = analyse(`
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > PA 1 1 10
      0.031 < R  1
      0.100 < PA 1 11 20
      0.200 > A  11 21`).findings(0);
    expect(findings.filter(({ kind }) => kind === 'reset')).toMatchObject([{ reason: 'forged', ambiguous: true, packets: [4, 5, 6] }]);
  });

  test('a RST before the SYN,ACK is no refusal: somebody would have liked it to be', () => {
    const findings = analyse(`
      0.000 > S  0
      0.010 < RA -5000 1
      0.100 < SA 0 1
      0.101 > A  1 1
      0.102 > PA 1 1 10
      0.200 < A  1 11`).findings(0);
    expect(findings.filter(({ kind }) => kind === 'refused' || kind === 'reset')).toMatchObject([{ kind: 'reset', reason: 'forged' }]);
  });

  test('a RST with an older number, after the close, answers what was on the way', () => {
    const findings = analyse(`
      0.000 > S  0
      0.010 < SA 0 1
      0.020 > A  1 1
      0.030 > PA 1 1 10
      0.031 > FA 11 1
      0.040 < PA 1 11 50
      0.041 > R  11`).findings(0);
    expect(findings.filter(({ kind }) => kind === 'reset')).toMatchObject([{ side: 'client', reason: 'after-close' }]);
  });

  test('a segment far outside the window, and one that only a gap of the capture puts there', () => {
    const far = (ack: number) =>
      analyse(`
      0.000 > S  0
      0.010 < SA 0 1 win=1000
      0.020 > A  1 1
      0.030 > PA 1 1 10
      0.040 < A  1 11 win=1000
      0.050 > PA 9000000 1 10
      0.060 < A  1 ${ack} win=1000`)
        .findings(0)
        .map(({ kind }) => kind);
    expect(far(11)).toContain('out-of-window');
    expect(far(9_000_000)).not.toContain('out-of-window');
  });

  const OPEN = '0.000 > S 0\n0.010 < SA 0 1\n0.020 > A 1 1\n0.030 > PA 1 1 10\n0.040 < A 1 11\n';
  test.each([
    ['gave-up', '1 > PA 11 1 10\n1.2 > PA 11 1 10\n1.6 > PA 11 1 10\n2.4 > PA 11 1 10\n4 > RA 21 1', 'client'],
    ['in-close-wait', '1 < FA 1 11\n1.01 > A 11 2\n2 > RA 11 2', 'client'],
    ['after-both-closed', '1 > FA 11 1\n1.01 < FA 1 12\n1.02 > A 12 2\n1.5 < R 2', 'server'],
    ['not-exact', '1 < R 5000', 'server'],
    ['unread-data', '1 < RA 1 11', 'server'],
  ])('%s', (why, end, side) => {
    const resets = analyse(OPEN + end)
      .findings(0)
      .filter(({ kind }) => kind === 'reset');
    expect(resets).toMatchObject([{ reason: why, side }]);
  });

  test('a RST with another TTL than all before it came from elsewhere', () => {
    const batch = frames(`${OPEN}1 < RA 1 11`);
    const data = batch.data.slice();
    data[batch.offset[5]! + 8] = 250;
    const analysis = new Analysis();
    analysis.add({ ...batch, data });
    const findings = analysis.findings(0);
    expect(findings.filter(({ kind }) => kind === 'reset')).toMatchObject([{ reason: 'forged', ambiguous: true }]);
  });

  test('a refused SYN is told once, and not as a reset', () => {
    const kinds = analyse('0 > S 0\n0.001 < RA -5000 1')
      .findings(0)
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['refused']);
  });

  test('abort on overflow: reset as soon as the handshake stands', () => {
    const lab = new DiagnosedLab({ serverSysctls: { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_abort_on_overflow': 1 } });
    lab.listening(3);
    for (let i = 0; i < 3; i++) lab.connecting();
    lab.run(50);
    for (let i = 0; i < 3; i++) lab.connecting();
    lab.run(500);
    expect(lab.of('reset', 5)).toMatchObject([{ reason: 'at-once', side: 'server', ambiguous: true }]);
  });
});
