// Lesson 35: UDP for contrast (RFC 768). One queue, no connections, no promises.
const { client, server, link } = lab.twoHosts();
const port = 5353;
const at = { address: '10.0.0.2', port };

// 1. A UDP server has one socket for everybody.
const service = await server.socket(AF_INET, SOCK_DGRAM);
await server.bind(service, at);
const other = client.host.process('other');
const [one, two] = [await client.socket(AF_INET, SOCK_DGRAM), await other.socket(AF_INET, SOCK_DGRAM)];
await client.sendto(one, 'first', 0, at);
await other.sendto(two, 'second', 0, at);
await client.sendto(one, 'third', 0, at);
await sleep(1);
expect(link.segments(), 'no handshake: not one segment of TCP').toHaveLength(0);
expect(link.datagrams().length, 'three calls, three datagrams').toBe(3);
expect(server.host.connections(), 'the server has no connection').toHaveLength(0);
const heard = [await server.recvfrom(service, 100), await server.recvfrom(service, 100), await server.recvfrom(service, 100)];
expect(
  heard.map(({ data }) => text(data)),
  'one queue, in the order of arrival, whoever sent it',
).toEqual(['first', 'second', 'third']);
expect(heard[0]!.from!.port !== heard[1]!.from!.port, 'recvfrom() says who it was: the program must tell its clients apart itself').toBe(
  true,
);
expect(heard[2]!.from, 'the third came from the first client again').toEqual(heard[0]!.from);
await server.sendto(service, 'hello, second', 0, heard[1]!.from!);
expect(text((await other.recvfrom(two, 100)).data), 'an answer goes where the program sends it').toBe('hello, second');

// 2. Messages stay messages. TCP has octets only.
await client.sendto(one, 'abc', 0, at);
await client.sendto(one, 'def', 0, at);
await sleep(1);
const cut = await server.recvfrom(service, 2);
expect([text(cut.data), cut.length], 'recvfrom() takes one datagram; what has no room in the buffer is gone').toEqual(['ab', 3]);
expect(text((await server.recvfrom(service, 100)).data), 'the next call has the next datagram').toBe('def');

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, at); // the same number: ports of UDP and of TCP are apart
await server.listen(listener, 5);
const stream = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(stream, at);
const connection = await server.accept(listener);
await client.send(stream, 'abc');
await client.send(stream, 'def');
await sleep(1);
expect(text(await server.recv(connection, 100)), 'on a stream two writes can be one read').toBe('abcdef');

// 3. Nobody is there. Who learns of it?
const nowhere = { address: '10.0.0.2', port: 9 };
const stranger = await client.socket(AF_INET, SOCK_DGRAM);
await client.sendto(stranger, 'anybody?', 0, nowhere);
await sleep(1);
const answer = link.datagrams().at(-1)!;
expect([answer.from, answer.protocol, answer.message, answer.code], 'the host answers with ICMP: port unreachable').toEqual([
  'server',
  'icmp',
  'unreachable',
  3,
]);
await client.fcntl(stranger, F_SETFL, O_NONBLOCK);
await expect(client.recv(stranger, 100), 'a socket that is not connected is not told: its next call only finds nothing').toFailWith(
  'EAGAIN',
);

const before = link.datagrams().length;
const connected = await client.socket(AF_INET, SOCK_DGRAM);
await client.connect(connected, nowhere);
expect(link.datagrams().length, 'connect() on UDP sends nothing: it notes the peer').toBe(before);
const guess = await predict('send() on a connected UDP socket to a port that nobody has: what does it return?', [
  'its length',
  'ECONNREFUSED',
  'ETIMEDOUT',
]);
const returned = await client.send(connected, 'anybody?');
guess.turnsOut('its length');
expect(returned, 'send() succeeds: nothing is known yet').toBe(8);
await expect(client.recv(connected, 100), 'the next call brings the news: ECONNREFUSED').toFailWith('ECONNREFUSED');

// 4. Nobody slows the sender down: what finds no room is dropped and counted. TCP would close the window.
await server.setsockopt(service, SOL_SOCKET, SO_RCVBUF, 4096);
const lostBefore = server.host.counters().RcvbufErrors!;
for (let n = 0; n < 50; n++) await client.sendto(one, new Uint8Array(500), 0, at);
await sleep(1);
const lost = server.host.counters().RcvbufErrors! - lostBefore;
note(`${lost} of 50 datagrams found no room.`);
expect(lost, 'the receive buffer is full, the rest is lost without a word').toBeGreaterThan(10);
expect(link.datagrams().slice(-1)[0]?.from, "nothing comes back: the last datagram on the link is the client's").toBe('client');
