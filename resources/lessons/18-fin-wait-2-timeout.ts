// Lesson 18: how long FIN-WAIT-2 lasts depends on whether a program still holds the socket (tcp(7): tcp_fin_timeout).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
async function connected() {
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  return { socket, connection: await server.accept(listener) };
}

// Three clients have nothing more to say. The server's program forgets to close.
const held = await connected();
const orphan = await connected();
const answered = await connected();
await client.shutdown(held.socket, SHUT_WR); // this one keeps its descriptor
await client.close(orphan.socket); // these two give it back
await client.close(answered.socket);
for (const { socket } of [held, orphan, answered]) await client.until(socket, 'FIN-WAIT-2', { within: 1 });
const since = now();
const states = () => [held, orphan, answered].map(({ socket }) => client.state(socket));
expect(states(), 'all three are in FIN-WAIT-2').toEqual(['FIN-WAIT-2', 'FIN-WAIT-2', 'FIN-WAIT-2']);

const guess = await predict(
  'A program still holds the first socket, the second is closed. The server says nothing for an hour. Which of them is still in FIN-WAIT-2?',
  ['the first', 'the second', 'both', 'neither'],
);
// The server closes one of them within the minute.
await sleep(30);
await server.close(answered.connection);
await sleep(1);
expect(states(), 'an orphan whose FIN comes in time goes to TIME-WAIT like any other').toEqual(['FIN-WAIT-2', 'FIN-WAIT-2', 'TIME-WAIT']);

// The other orphan waits for tcp_fin_timeout.
await client.until(orphan.socket, 'CLOSED', { within: 300 });
expect(now() - since, 'the orphan is forgotten after 60 s').toBeCloseTo(60, 0.1);
expect(client.history(orphan.socket).slice(-3), 'FIN-WAIT-1 > FIN-WAIT-2 > CLOSED, without TIME-WAIT').toEqual([
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSED',
]);
expect(client.state(held.socket), 'the socket that is still held stays in FIN-WAIT-2').toBe('FIN-WAIT-2');
expect(server.state(orphan.connection), 'the server is told nothing: CLOSE-WAIT').toBe('CLOSE-WAIT');

await sleep(3600);
const left = [client.state(held.socket), client.state(orphan.socket)].map((state) => state === 'FIN-WAIT-2');
guess.turnsOut(left[0] ? (left[1] ? 'both' : 'the first') : left[1] ? 'the second' : 'neither');
expect(client.state(held.socket), 'also an hour later').toBe('FIN-WAIT-2');
await server.send(held.connection, 'here I am at last');
expect(text(await client.recv(held.socket, 100)), 'for its program may still read').toBe('here I am at last');

// The server speaks to the one that is gone.
const before = link.segments().length;
await server.send(orphan.connection, 'are you there?');
await sleep(ms(50));
expect(
  link
    .segments()
    .slice(before)
    .map((s) => `${s.from}: ${s.flags}`),
  'its data meets a host that knows nothing of the connection: RST',
).toEqual(['server: PSH,ACK', 'client: RST']);
await expect(server.send(orphan.connection, 'hello?'), 'the next send() fails').toFailWith('EPIPE');

// The timeout is a tunable.
client.host.sysctl('net.ipv4.tcp_fin_timeout', 10);
const sooner = await connected();
await client.close(sooner.socket);
await client.until(sooner.socket, 'FIN-WAIT-2', { within: 1 });
const start = now();
await client.until(sooner.socket, 'CLOSED', { within: 300 });
expect(now() - start, 'with tcp_fin_timeout 10 it takes 10 s').toBeCloseTo(10, 0.1);
