// Lesson 6: a SYN flood, and SYN cookies (RFC 4987 §2 and §3.6).
const { client, server, link } = lab.twoHosts({ delay: ms(10), server: { 'net.ipv4.tcp_syncookies': 0 } });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 4);
const queues = () => server.queues(listener);
const counters = () => server.host.counters();

// The flood: SYNs with forged source addresses. The SYN,ACKs go to hosts that do not exist.
for (let n = 0; n < 8; n++) {
  link.inject({ from: { address: `192.0.2.${1 + n}`, port: 4000 }, to: address, flags: 'SYN', seq: 1000 * n, options: { mss: 1460 } });
}
await sleep(ms(50));
must(queues().syn.length, 'five half-open connections fill the SYN queue of a backlog of 4').toBe(5);
expect(counters().TCPReqQFullDrop, 'the other three SYNs were dropped').toBe(3);
expect(queues().accept, 'the accept queue is empty: the program has nothing to do').toHaveLength(0);
expect(link.segments().filter((s) => s.flags === 'SYN,ACK').length, 'each of the five has cost the server a SYN,ACK to nowhere').toBe(5);

// Without cookies the honest client is shut out.
const shutOut = await client.socket(AF_INET, SOCK_STREAM);
void client.connect(shutOut, address);
await sleep(ms(500));
expect(client.state(shutOut), 'an honest SYN is dropped like the rest: SYN-SENT').toBe('SYN-SENT');
const honest = () => link.segments().filter((s) => s.source.address === '10.0.0.1' || s.destination.address === '10.0.0.1');
expect(
  honest().map((s) => s.flags),
  'the server gives it no answer at all',
).toEqual(['SYN']);
await client.close(shutOut);

/** Another honest client calls; the segments are those of its handshake. */
async function call(maxSegment?: number) {
  const fd = await client.socket(AF_INET, SOCK_STREAM);
  if (maxSegment !== undefined) await client.setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, maxSegment);
  const before = honest().length;
  await client.connect(fd, address);
  await sleep(ms(20));
  const [syn, synAck] = honest().slice(before) as [Segment, Segment];
  return { fd, syn, synAck };
}

// With cookies it is let in, though the queue is as full as before.
server.host.sysctl('net.ipv4.tcp_syncookies', 1);
const { fd, synAck } = await call(1400);
expect(client.state(fd), 'with tcp_syncookies the client is ESTABLISHED').toBe('ESTABLISHED');
expect([queues().syn.length, queues().accept.length], 'it went past the full SYN queue straight to the accept queue').toEqual([5, 1]);
expect(
  [counters().SyncookiesSent, counters().SyncookiesRecv],
  'a cookie was sent as the initial number, and came back in the acknowledgment',
).toEqual([1, 1]);
const connection = await server.accept(listener);
expect(server.history(connection).slice(-2), 'the connection begins when the cookie comes back').toEqual(['SYN-RECEIVED', 'ESTABLISHED']);
await client.send(fd, 'let me in');
expect(text(await server.recv(connection, 100)), 'it carries data like any other').toBe('let me in');

// What survives. The cookie has room for one of four sizes; the timestamp carries the rest.
expect(synAck.options.timestamps !== undefined, 'both sides use timestamps').toBe(true);
expect(
  [synAck.options.sackPermitted, synAck.options.windowScale !== undefined],
  'so SACK and window scale survive in the low bits of the timestamp',
).toEqual([true, true]);
const STAMPS = 12; // octets of the timestamp option in every segment
const mss = await server.getsockopt(connection, IPPROTO_TCP, TCP_MAXSEG);
expect(mss + STAMPS, 'the client said MSS 1400; the cookie remembers the next smaller of 536, 1300, 1440, 1460').toBe(1300);

client.host.sysctl('net.ipv4.tcp_timestamps', 0);
const plain = await call();
expect([plain.syn.options.sackPermitted, plain.syn.options.windowScale !== undefined], 'a client without timestamps offers both').toEqual([
  true,
  true,
]);
expect(
  [plain.synAck.options.sackPermitted, plain.synAck.options.windowScale],
  'and gets neither: there is no place to remember them',
).toEqual([undefined, undefined]);

// The price: who keeps nothing can send nothing again.
const sent = honest().length;
link.drop((s) => s.from === 'client' && s.flags === 'ACK');
const lost = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(lost, address);
const waiting = queues().accept.length;
await sleep(10);
expect(client.state(lost), 'the third segment is lost, and the client believes that it is connected').toBe('ESTABLISHED');
expect(queues().accept, 'the server does not know of it').toHaveLength(waiting);
const synAcks = honest()
  .slice(sent)
  .filter((s) => s.flags === 'SYN,ACK');
expect(synAcks, 'and never repeats its SYN,ACK').toHaveLength(1);
link.release();
await client.send(lost, 'hello');
await sleep(ms(50));
expect(queues().accept, 'the first data brings the cookie once more, and opens the connection').toHaveLength(waiting + 1);

// Who has not seen the SYN,ACK cannot guess the cookie.
const guesser = { address: '198.51.100.7', port: 5000 };
link.inject({ from: guesser, to: address, flags: 'ACK', seq: 1, ack: 123_456_789 });
await sleep(ms(50));
expect(counters().SyncookiesFailed, 'an ACK with a guessed number is counted as SyncookiesFailed').toBe(1);
const toGuesser = link.segments().filter((s) => s.destination.address === guesser.address);
expect(
  toGuesser.map((s) => s.flags),
  'and answered with RST',
).toEqual(['RST']);
expect(queues().accept, 'it opens nothing').toHaveLength(waiting + 1);
