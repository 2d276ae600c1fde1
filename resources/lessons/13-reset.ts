// Lesson 13: reset. Who sends RST, what it does, and when it is not believed (RFC 9293 §3.5.2, §3.5.3; RFC 5961 §3.2).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

// First: a port on which nobody listens.
const refused = await client.socket(AF_INET, SOCK_STREAM);
const called = now();
await expect(client.connect(refused, address), 'connect() to a closed port fails with ECONNREFUSED').toFailWith('ECONNREFUSED');
expect(now() - called, 'after one round trip').toBeCloseTo(ms(20), ms(1));
expect(client.history(refused), 'SYN-SENT > CLOSED').toEqual(['CLOSED', 'SYN-SENT', 'CLOSED']);
const [syn, answer] = link.segments() as [Segment, Segment];
expect(answer.flags, 'the answer is RST,ACK').toBe('RST,ACK');
expect([answer.seq, answer.ack], 'its number is 0, for it has none; it acknowledges the SYN, so that it is believed').toEqual([
  0,
  (syn.seq + 1) % 2 ** 32,
]);

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
async function connected() {
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  const connection = await server.accept(listener);
  await sleep(1);
  const before = link.segments().length;
  return { socket, connection, since: () => link.segments().slice(before) };
}
const flags = (segments: readonly Segment[]) => segments.map((s) => `${s.from}: ${s.flags}`);

// Second: SO_LINGER with 0 seconds. close() aborts.
const aborted = await connected();
await client.setsockopt(aborted.socket, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 });
await client.close(aborted.socket);
expect(client.state(aborted.socket), 'the client is CLOSED at once, without TIME-WAIT').toBe('CLOSED');
await expect(server.recv(aborted.connection, 100), 'the server does not read an end: it gets ECONNRESET').toFailWith('ECONNRESET');
expect(flags(aborted.since()), 'one RST is all, and nobody answers a RST').toEqual(['client: RST,ACK']);

// Third: data that was never read.
const ignored = await connected();
await client.send(ignored.socket, 'please read this');
await sleep(ms(100));
await server.close(ignored.connection);
expect(server.state(ignored.connection), 'close() with unread data aborts as well').toBe('CLOSED');
await expect(client.recv(ignored.socket, 100), 'the client learns that its data was not read').toFailWith('ECONNRESET');
expect(flags(ignored.since()), 'although the kernel had acknowledged it').toEqual(['client: PSH,ACK', 'server: ACK', 'server: RST,ACK']);

// Fourth: somebody else sends a RST in the client's name. The server expects octet number 1.
const victim = await connected();
const from = await client.getsockname(victim.socket);
const forge = async (relativeSeq: number) => {
  const before = link.segments().length;
  link.inject({ from, to: address, flags: 'RST', relativeSeq });
  await sleep(1);
  return link.segments().slice(before + 1);
};
expect(await forge(10_000_000), 'a RST beyond the window is dropped in silence').toEqual([]);
expect(server.state(victim.connection), 'and changes nothing').toBe('ESTABLISHED');

const challenge = await forge(1000);
expect(flags(challenge), 'a RST inside the window, but not exact, is answered with an ACK: the challenge').toEqual(['server: ACK']);
expect([challenge[0]?.relativeSeq, challenge[0]?.relativeAck], 'it says which number would be exact').toEqual([1, 1]);
expect(server.host.counters().TCPChallengeACK, 'it is counted as TCPChallengeACK').toBe(1);
expect([client.state(victim.socket), server.state(victim.connection)], 'the true client is there and has no reason to confirm').toEqual([
  'ESTABLISHED',
  'ESTABLISHED',
]);
await client.send(victim.socket, 'still here');
expect(text(await server.recv(victim.connection, 100)), 'the connection works on').toBe('still here');

expect(await forge(11), 'a RST with exactly the number that is expected next gets no answer').toEqual([]);
expect(server.state(victim.connection), 'it is believed').toBe('CLOSED');
await expect(server.recv(victim.connection, 100), 'the server is told ECONNRESET').toFailWith('ECONNRESET');
expect(client.state(victim.socket), 'the client knows nothing of it: the connection is half open').toBe('ESTABLISHED');
const beforeData = link.segments().length;
await client.send(victim.socket, 'hello?');
await sleep(ms(100));
expect(flags(link.segments().slice(beforeData)), 'its next data is answered with RST').toEqual(['client: PSH,ACK', 'server: RST']);
expect(client.state(victim.socket), 'which tells the client too').toBe('CLOSED');
