// Lesson 11: simultaneous open. Both sides call each other at the same time, and nobody listens (RFC 9293 §3.5, figure 7).
const host = (name: string, address: string) => lab.host(name, { addresses: [`${address}/24`] });
const left = host('left', '10.0.0.1');
const right = host('right', '10.0.0.2');
const link = lab.link(left, right, { delay: ms(50) });
const a = left.process('a');
const b = right.process('b');

// Each binds the port that the other calls.
const fdA = await a.socket(AF_INET, SOCK_STREAM);
const fdB = await b.socket(AF_INET, SOCK_STREAM);
await a.bind(fdA, { address: '10.0.0.1', port: 7001 });
await b.bind(fdB, { address: '10.0.0.2', port: 7002 });

const guess = await predict('Both sides are in SYN-SENT and receive a bare SYN. Which state comes next?', [
  'ESTABLISHED',
  'SYN-RECEIVED',
  'LISTEN',
  'CLOSED',
]);
// The SYNs pass each other on the cable.
const both = [a.connect(fdA, { address: '10.0.0.2', port: 7002 }), b.connect(fdB, { address: '10.0.0.1', port: 7001 })];
expect([a.state(fdA), b.state(fdB)], 'both are in SYN-SENT').toEqual(['SYN-SENT', 'SYN-SENT']);
await a.until(fdA, 'SYN-RECEIVED', { within: 1 });
guess.turnsOut(a.state(fdA));
await Promise.all(both);

const path = ['CLOSED', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED'] as const;
expect(a.history(fdA), 'one side: SYN-SENT > SYN-RECEIVED > ESTABLISHED').toEqual([...path]);
expect(b.history(fdB), 'the other side: the same').toEqual([...path]);
expect(
  link
    .segments()
    .filter((s) => s.flags === 'SYN')
    .map((s) => s.from)
    .sort(),
  'each has sent a SYN of its own',
).toEqual(['left', 'right']);
expect(
  link
    .segments()
    .filter((s) => s.flags === 'SYN,ACK')
    .map((s) => s.from)
    .sort(),
  'and each has answered the SYN of the other with SYN,ACK',
).toEqual(['left', 'right']);

// It is one connection, not two.
expect([left.connections().length, right.connections().length], 'one connection on each host').toEqual([1, 1]);
await a.send(fdA, 'who called whom?');
expect(text(await b.recv(fdB, 100)), 'and it carries data in one direction').toBe('who called whom?');
await b.send(fdB, 'both');
expect(text(await a.recv(fdA, 100)), 'and in the other').toBe('both');
