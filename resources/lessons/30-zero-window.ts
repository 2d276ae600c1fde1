// Lesson 30: a reader that stops. The window closes, probes keep asking, and reading opens it again (RFC 9293 §3.8.6).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.setsockopt(listener, SOL_SOCKET, SO_RCVBUF, 8192); // so that it is soon full
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);

// The client sends 20000 octets; the server's program does not read.
const total = 20_000;
await client.send(socket, new Uint8Array(total));
await sleep(30);
const held = server.queues(connection).receive;
note(`The receive queue holds ${held} octets, ${client.queues(socket).send} wait at the client.`);
expect(held > 0 && held < total, 'the receive queue is full: not all of it fits').toBe(true);
expect(client.queues(socket).send, 'the rest waits in the send queue of the client').toBe(total - held);
expect([client.state(socket), server.state(connection)], 'the connection is well: both are ESTABLISHED').toEqual([
  'ESTABLISHED',
  'ESTABLISHED',
]);

// The window shrank with what was read by nobody.
const fromServer = () => link.segments().filter((s) => s.from === 'server' && s.flags === 'ACK');
const closed = fromServer().find((s) => s.window === 0)!;
must(closed !== undefined, 'the server announced a window of zero').toBe(true);
expect(closed.relativeAck, 'and acknowledged all that it took: nothing is lost').toBe(held + 1);
expect(
  link.segments().filter((s) => s.number > closed.number && s.length > 0),
  'the client sends no data into a closed window',
).toHaveLength(0);

// The probes: empty, with a number that is acknowledged already, so that the receiver has to answer.
const probes = link.segments().filter((s) => s.cause === 'window-probe');
must(probes.length > 4, 'it asks instead').toBe(true);
note(`Probes after ${probes.map((s) => (s.time - closed.time).toFixed(1)).join(', ')} s.`);
expect(
  probes.map((s) => s.relativeSeq),
  'each probe repeats the last number that was acknowledged',
).toEqual(probes.map(() => held));
expect(
  probes.every((s) => s.length === 0),
  'on Linux a probe carries no octet',
).toBe(true);
const waits = probes.slice(1).map((s, i) => s.time - probes[i]!.time);
expect(
  waits.slice(1).every((wait, i) => Math.abs(wait / waits[i]! - 2) < 0.1),
  'the wait doubles from probe to probe',
).toBe(true);
const answers = fromServer().filter((s) => s.number > closed.number);
expect(answers.length, 'the server answers').toBeGreaterThan(3);
expect(
  answers.every((s) => s.window === 0 && s.ack === closed.ack),
  'each time: still zero',
).toBe(true);

// A little reading does not open it: a window of a few octets would bring segments of a few octets.
const full = link.segments().length;
await server.recv(connection, 100);
await sleep(ms(100));
expect(
  link
    .segments()
    .slice(full)
    .filter((s) => s.from === 'server'),
  '100 octets of room are not worth a word: the silly window syndrome',
).toHaveLength(0);

// The program reads all.
let read = 100;
read += (await server.recv(connection, total)).length;
expect(read, 'everything in the queue is read').toBe(held);
const opened = link.segments().at(-1)!;
expect([opened.from, opened.flags, opened.length], 'at once the server sends an ACK').toEqual(['server', 'ACK', 0]);
expect(opened.ack, 'which acknowledges nothing new').toBe(closed.ack);
expect(opened.window, 'but opens the window').toBeGreaterThan(0);
while (read < total) read += (await server.recv(connection, total)).length;
await sleep(ms(100));
expect(read, 'the rest arrives').toBe(total);
expect(client.queues(socket).send, 'and the send queue is empty').toBe(0);
expect(client.host.counters().RetransSegs, 'nothing was ever lost or sent again').toBe(0);

// If the word that opens the window is lost, a probe brings it out.
await client.send(socket, new Uint8Array(total));
await sleep(20);
expect(server.queues(connection).receive < total, 'the window has closed a second time').toBe(true);
link.drop((s) => s.from === 'server');
await server.recv(connection, total);
await sleep(ms(50));
link.release();
const waiting = now();
const probed = link.segments().length;
await until(() => link.segments().some((s) => s.number > probed && s.length > 0), { within: 60, what: 'data after the probe' });
const [probe] = link.segments().slice(probed) as [Segment];
expect(probe.cause, 'the opening was lost; the next probe asks').toBe('window-probe');
expect(now() - waiting, 'and the data flows again after that').toBeGreaterThan(1);
