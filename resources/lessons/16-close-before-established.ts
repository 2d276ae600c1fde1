// Lesson 16: SYN-RECEIVED > FIN-WAIT-1. A program that closes before its connection is established (RFC 9293 §3.10.4).
const left = lab.host('left', { addresses: ['10.0.0.1/24'] });
const right = lab.host('right', { addresses: ['10.0.0.2/24'] });
const link = lab.link(left, right, { delay: ms(50) });
const a = left.process('a');
const b = right.process('b');

// Only a socket that opened actively has a descriptor in SYN-RECEIVED: both call at once, as in lesson 11.
const fdA = await a.socket(AF_INET, SOCK_STREAM);
const fdB = await b.socket(AF_INET, SOCK_STREAM);
await a.bind(fdA, { address: '10.0.0.1', port: 7001 });
await b.bind(fdB, { address: '10.0.0.2', port: 7002 });
const connectA = a.connect(fdA, { address: '10.0.0.2', port: 7002 });
const connectB = b.connect(fdB, { address: '10.0.0.1', port: 7001 });
await a.until(fdA, 'SYN-RECEIVED', { within: 1 });
const before = link.segments().length;

// Its SYN is not acknowledged yet. It closes nevertheless.
void connectA.catch(() => undefined); // whoever closes does not wait for the outcome
await a.close(fdA);
expect(a.state(fdA), 'close() in SYN-RECEIVED leads to FIN-WAIT-1').toBe('FIN-WAIT-1');
const [fin] = link.segments().slice(before) as [Segment];
expect(fin.flags, 'the FIN leaves at once, behind the SYN,ACK that is still under way').toBe('FIN,ACK');
expect(fin.relativeSeq, 'the SYN was number 0, so the FIN is number 1').toBe(1);

// For the other side the connection comes about and ends in the same instant.
await connectB;
await a.until(fdA, 'FIN-WAIT-2', { within: 1 });
expect(a.history(fdA), 'SYN-SENT > SYN-RECEIVED > FIN-WAIT-1 > FIN-WAIT-2: it was never ESTABLISHED').toEqual([
  'CLOSED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
]);
expect(b.history(fdB), 'the other side was ESTABLISHED for as long as it took the FIN to follow').toEqual([
  'CLOSED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'CLOSE-WAIT',
]);

// Its program learns of a short and empty connection, and closes too.
expect((await b.recv(fdB, 100)).length, 'connect() succeeds, and recv() reads the end: nothing was ever sent').toBe(0);
await b.close(fdB);
await a.until(fdA, 'TIME-WAIT', { within: 1 });
await b.until(fdB, 'CLOSED', { within: 1 });
expect(b.history(fdB).slice(-3), 'it ends like every other: CLOSE-WAIT > LAST-ACK > CLOSED').toEqual(['CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
expect(
  link.segments().some((s) => s.flags.includes('RST')),
  'and nothing was reset',
).toBe(false);

// Before there is any SYN of the other side, there is nothing to finish: close() in SYN-SENT sends nothing.
const early = await a.socket(AF_INET, SOCK_STREAM);
const sent = link.segments().length;
void a.connect(early, { address: '10.0.0.2', port: 7003 }).catch(() => undefined);
await a.close(early);
expect(a.history(early), 'one state earlier: SYN-SENT > CLOSED').toEqual(['CLOSED', 'SYN-SENT', 'CLOSED']);
await sleep(1);
expect(
  link
    .segments()
    .slice(sent)
    .some((s) => s.flags.includes('FIN')),
  'and no FIN',
).toBe(false);
