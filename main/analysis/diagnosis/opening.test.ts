import { describe, expect, test } from 'vitest';
import { Flag } from '../../wire/segment.ts';
import { ms } from '../../wire/units.ts';
import { analyse } from '../testing/conversation.ts';
import { DiagnosedLab, RoutedLab } from '../testing/diagnosed.ts';

const isSyn = (flags: number) => (flags & (Flag.SYN | Flag.ACK)) === Flag.SYN;

describe('opening', () => {
  test('an ordinary handshake is timed and nothing is wrong', () => {
    const lab = new DiagnosedLab({ tap: 'client' });
    lab.connected();
    const [time] = lab.of('handshake-time');
    expect(time).toMatchObject({ severity: 'note', packets: [1, 2, 3], values: { server: 0.01, client: 0 } });
    expect(time!.text).toContain('captured near the client');
    expect(lab.grave()).toEqual([]);
  });

  test('nobody listens', () => {
    const lab = new DiagnosedLab();
    lab.connecting();
    lab.run(1000);
    expect(lab.of('refused')).toMatchObject([{ severity: 'problem', side: 'server', packets: [1, 2] }]);
    expect(lab.grave()).toEqual(['refused']);
  });

  test('a filter drops every SYN', () => {
    const lab = new DiagnosedLab({ cable: { intercept: ({ segment }) => (isSyn(segment.flags) ? 'drop' : 'pass') } });
    lab.listening();
    lab.connecting();
    lab.run(8000);
    expect(lab.of('no-answer')).toMatchObject([{ severity: 'problem', ambiguous: true, values: { syns: 7 } }]);
    expect(lab.grave()).toEqual(['no-answer']);
  });

  test('a router says that there is no way', () => {
    const lab = new RoutedLab('10.3.0.1'); // the router has no way to 10.2.0.1
    const fd = lab.value<number>((done) => lab.client.socket('AF_INET', 'SOCK_STREAM', done));
    lab.client.connect(fd, { address: '10.2.0.1', port: 9502 }, () => {});
    lab.run(4000);
    const [finding] = lab.of('unreachable');
    expect(finding).toMatchObject({ severity: 'problem', reason: 'unreachable', side: 'server' });
    expect(finding!.packets).toContain(2);
    expect(lab.of('no-answer')).toEqual([]);
  });

  test('the first SYN is lost: which of the two, nobody can tell', () => {
    let syns = 0;
    const lab = new DiagnosedLab({ cable: { intercept: ({ segment }) => (isSyn(segment.flags) && syns++ === 0 ? 'drop' : 'pass') } });
    lab.connected();
    lab.run(2000);
    expect(lab.of('syn-resent')).toMatchObject([{ ambiguous: true, side: 'client', values: { syns: 2, seconds: 1 } }]);
    expect(lab.of('no-answer')).toEqual([]);
  });

  test('a slow answer is no lost SYN: its timestamp says which SYN it answers', () => {
    const lab = new DiagnosedLab({ cable: { delay: ms(700) } });
    lab.listening();
    lab.connecting();
    lab.run(5000);
    expect(lab.of('syn-resent')).toMatchObject([{ reason: 'late', ambiguous: false }]);
  });

  test('on a slow way a SYN,ACK that was sent again crosses the client’s data: no queue is full', () => {
    const lab = new DiagnosedLab({ tap: 'client', cable: { delay: ms(700) } });
    lab.listening();
    const { fd } = lab.connecting();
    lab.run(1450);
    for (let i = 0; i < 3; i++) {
      lab.send(lab.a, fd, 100);
      lab.run(50);
    }
    lab.run(4000);
    expect(lab.of('accept-queue-full')).toEqual([]);
    expect(lab.of('syn-ack-resent')).toEqual([]);
  });

  test.each(['client', 'server'] as const)(
    'the SYN,ACK is lost, not slow: the way is shorter than the wait (captured at the %s)',
    (tap) => {
      let answers = 0;
      const isAnswer = (flags: number) => flags === (Flag.SYN | Flag.ACK);
      const lab = new DiagnosedLab({
        tap,
        cable: { delay: ms(10), intercept: ({ segment }) => (isAnswer(segment.flags) && answers++ === 0 ? 'drop' : 'pass') },
      });
      const { c, s } = lab.connected();
      lab.drain(lab.b, s);
      lab.send(lab.a, c, 3000);
      lab.send(lab.b, s, 3000);
      lab.run(1000);
      expect(lab.of('syn-resent')).toMatchObject([{ reason: 'answer-lost', ambiguous: true, side: 'server' }]);
    },
  );

  test('the accept queue is full: the client thinks it is connected and sends data that nobody takes', () => {
    const lab = new DiagnosedLab({ serverSysctls: { 'net.ipv4.tcp_syncookies': 0 } });
    lab.listening(3); // the accept queue holds four
    for (let i = 0; i < 3; i++) lab.connecting();
    lab.run(50);
    const fds = [1, 2, 3].map(() => lab.connecting().fd); // one fits; their SYNs come while there is room
    const fd = fds[2]!;
    lab.run(50);
    lab.send(lab.a, fd, 100);
    lab.run(5000);
    expect([lab.grave(0), lab.grave(3)]).toEqual([[], []]);
    expect(lab.of('accept-queue-full', 5)).toMatchObject([{ severity: 'problem', side: 'server' }]);
    expect(lab.of('accept-queue-full', 5)[0]!.confirm).toContain('ListenOverflows');
  });

  test('one lost ACK of the handshake looks the same at first, and is left open', () => {
    let acks = 0;
    const lab = new DiagnosedLab({
      cable: { intercept: ({ segment }, from) => (from === 'client' && segment.flags === Flag.ACK && acks++ === 0 ? 'drop' : 'pass') },
    });
    lab.listening();
    lab.connecting();
    lab.run(3000);
    expect(lab.of('accept-queue-full')).toEqual([]);
    expect(lab.of('syn-ack-resent')).toMatchObject([{ ambiguous: true, side: 'server' }]);
  });

  test('TCP_DEFER_ACCEPT resends the SYN,ACK as well, and is not taken for a full queue', () => {
    const lab = new DiagnosedLab();
    const l = lab.socket(lab.b);
    lab.set(lab.b, l, 'TCP_DEFER_ACCEPT', 10);
    lab.value<void>((done) => lab.b.bind(l, { address: '10.0.0.2', port: 9502 }, done));
    lab.value<void>((done) => lab.b.listen(l, 16, done));
    const { fd } = lab.connecting();
    lab.run(4000);
    lab.send(lab.a, fd, 10);
    lab.run(1000);
    expect(lab.of('accept-queue-full')).toEqual([]);
  });

  test('the client never answers the SYN,ACK', () => {
    const lab = new DiagnosedLab({
      cable: { intercept: ({ segment }) => (segment.flags === (Flag.SYN | Flag.ACK) ? 'drop' : 'pass') },
      tap: 'server',
    });
    lab.listening();
    lab.connecting();
    lab.run(2500);
    const kinds = lab.findings().map(({ kind, reason }) => `${kind} ${reason ?? ''}`);
    expect(kinds).toContain('half-open silent');
    expect(kinds).not.toContain('accept-queue-full ');
  });

  test('a filtered capture, in which the SYN,ACK is not repeated, shows no half-open connection', () => {
    const [finding] = analyse('0.000 > S 0\n0.010 < SA 0 1\n20 > S 0 port=41000')
      .findings(0)
      .filter(({ kind }) => kind === 'half-open');
    expect(finding).toMatchObject({ reason: 'answer-not-captured', severity: 'note' });
  });

  test('a capture that ends right behind the SYN,ACK accuses nobody', () => {
    expect(analyse('0.000 > S 0\n0.010 < SA 0 1').findings(0)).toEqual([]);
  });
});
