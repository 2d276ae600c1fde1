// Lesson 5: the accept queue is full when the third segment arrives (listen(2), tcp(7): tcp_abort_on_overflow).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });

/** A listener with two places, for a queue takes one more than its backlog; a first client has one of them already. */
async function listening(port: number) {
  const fd = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(fd, { address: '10.0.0.2', port });
  await server.listen(fd, 1);
  await client.connect(await client.socket(AF_INET, SOCK_STREAM), { address: '10.0.0.2', port });
  await sleep(ms(100));
  return fd;
}
/** Two clients call at the same moment. Both SYNs find a place left in the queue; only one third segment will. */
async function twoCall(port: number) {
  const fds = [await client.socket(AF_INET, SOCK_STREAM), await client.socket(AF_INET, SOCK_STREAM)] as const;
  await Promise.all(fds.map((fd) => client.connect(fd, { address: '10.0.0.2', port })));
  return fds;
}
const overflows = () => server.host.counters().ListenOverflows;
const drops = () => server.host.counters().ListenDrops;

// First: what Linux does by default. It plays dead.
const listener = await listening(9502);
const guess = await predict(
  'Two clients call, and only one third segment will find a place in the queue. In which state is the other client then?',
  ['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSED'],
);
const [first, second] = await twoCall(9502);
expect([client.state(first), client.state(second)], 'both clients are told that they are connected').toEqual([
  'ESTABLISHED',
  'ESTABLISHED',
]);
await sleep(ms(10));
guess.turnsOut(client.state(second));
const full = server.queues(listener);
must([full.accept.length, full.syn.length].join(), 'the server has two in the accept queue and one still in the SYN queue').toBe('2,1');
expect(full.syn[0]?.state, 'for the server the second is half open: its third segment was dropped').toBe('SYN-RECEIVED');
expect(full.syn[0]?.remote, 'it is the second client').toEqual(await client.getsockname(second));
expect(overflows(), 'ListenOverflows has counted it').toBe(1);
expect(drops(), 'and so has ListenDrops').toBe(1);

// The second client does not know. It speaks, and nobody hears.
await client.send(second, 'hello?');
await sleep(ms(100));
expect(client.queues(second).send, 'what it sends is not acknowledged').toBe(6);
expect(overflows(), 'that segment carried the ACK as well, found no place, and is counted too').toBeGreaterThan(1);

// A third client comes: with a full queue even the SYN is dropped.
const third = await client.socket(AF_INET, SOCK_STREAM);
const connecting = client.connect(third, { address: '10.0.0.2', port: 9502 });
await sleep(ms(100));
expect(client.state(third), 'a SYN that meets a full accept queue is not answered').toBe('SYN-SENT');

// After a second the server says SYN,ACK once more; the client's answer meets the same full queue.
const mine = await client.getsockname(second);
const synAcks = () => link.segments().filter((s) => s.flags === 'SYN,ACK' && s.destination.port === mine.port);
await sleep(1.1);
expect(synAcks().length, 'the server sends its SYN,ACK again').toBe(2);
expect(client.state(second), 'which changes nothing for the client').toBe('ESTABLISHED');
expect(
  server.queues(listener).syn.some((one) => one.remote.port === mine.port),
  'nor for the server',
).toBe(true);

// The program wakes up and accepts whatever comes.
let served: Fd | undefined;
for (let n = 0; n < 4; n++) {
  const connection = await server.accept(listener);
  if ((await server.getpeername(connection)).port === mine.port) served = connection;
}
await connecting;
must(served !== undefined, 'with room in the queue the next try of either side completes it: the second client is served').toBe(true);
expect(text(await server.recv(served!, 100)), 'its words have waited in its own send queue').toBe('hello?');

// Second: tcp_abort_on_overflow. The server says so.
server.host.sysctl('net.ipv4.tcp_abort_on_overflow', 1);
const strict = await listening(9503);
const before = overflows()!;
const [, turnedAway] = await twoCall(9503);
expect(client.state(turnedAway), 'connect() succeeds as before').toBe('ESTABLISHED');
await sleep(ms(50));
expect(link.segments().at(-1)?.flags, 'the third segment is answered with RST').toContain('RST');
await expect(client.recv(turnedAway, 100), 'the client learns it with its next call').toFailWith('ECONNRESET');
expect(client.history(turnedAway), 'SYN-SENT > ESTABLISHED > CLOSED').toEqual(['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'CLOSED']);
expect(server.queues(strict).syn, 'the server has forgotten it').toHaveLength(0);
expect(overflows()! - before, 'it is counted in the same way').toBe(1);
