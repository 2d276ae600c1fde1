// Lesson 32: the other host is gone without a word. Who notices, and when? (RFC 9293 §3.8.4, RFC 5482)
const { client, server, link } = lab.twoHosts({ delay: ms(10) });

let port = 9502;
/** A new connection. */
async function connect() {
  const address = { address: '10.0.0.2', port: port++ };
  const listener = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(listener, address);
  await server.listen(listener, 5);
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  const connection = await server.accept(listener);
  await sleep(1);
  return { socket, connection };
}
/** The cable is cut: nothing that either side says arrives. */
const cut = () => link.drop(() => true);
const since = (number: number) => link.segments().slice(number);

// 1. Without keepalive an idle connection says nothing. After a day with the cable cut nobody knows.
const idle = await connect();
const silence = link.segments().length;
cut();
await sleep(24 * 3600);
expect(since(silence), 'in a whole day not one segment').toHaveLength(0);
expect([client.state(idle.socket), server.state(idle.connection)], 'both believe that they are connected').toEqual([
  'ESTABLISHED',
  'ESTABLISHED',
]);
link.release();
await client.send(idle.socket, 'still there?');
expect(text(await server.recv(idle.connection, 100)), 'the cable is mended, and the connection never knew').toBe('still there?');

// 2. With keepalive, while all is well: a question that needs no program to answer.
const watched = await connect();
expect(await server.getsockopt(watched.connection, IPPROTO_TCP, TCP_KEEPIDLE), 'by default it asks after two hours').toBe(7200);
await server.setsockopt(watched.connection, SOL_SOCKET, SO_KEEPALIVE, true);
await server.setsockopt(watched.connection, IPPROTO_TCP, TCP_KEEPIDLE, 60);
await server.setsockopt(watched.connection, IPPROTO_TCP, TCP_KEEPINTVL, 10);
await server.setsockopt(watched.connection, IPPROTO_TCP, TCP_KEEPCNT, 3);
const well = link.segments().length;
await sleep(65);
const [question, answer] = since(well) as [Segment, Segment];
must(since(well).length, 'after 60 s: a question and an answer').toBe(2);
expect([question.from, question.cause, question.length], 'the server asks with a segment without data').toEqual(['server', 'keepalive', 0]);
expect(question.relativeSeq, 'its number lies one below what comes next, so that it has to be answered').toBe(0);
expect([answer.from, answer.flags], "the client's kernel answers").toEqual(['client', 'ACK']);

// 3. The cable is cut: three questions, then the end.
cut();
const dead = link.segments().length;
await expect(server.recv(watched.connection, 100), 'recv() fails in the end').toFailWith('ETIMEDOUT');
const questions = since(dead).filter((s) => s.cause === 'keepalive');
expect(questions, 'three questions').toHaveLength(3);
expect(questions[0]!.time - answer.time, 'the first 60 s after the last sign of life').toBeCloseTo(60, 0.5);
expect(questions[2]!.time - questions[1]!.time, 'then one every 10 s').toBeCloseTo(10, 0.5);
expect(now() - questions[2]!.time, 'and 10 s after the third it is over').toBeCloseTo(10, 0.5);
expect(server.state(watched.connection), 'the server is CLOSED').toBe('CLOSED');
expect(client.state(watched.socket), 'the client is still ESTABLISHED: the connection is half-open').toBe('ESTABLISHED');

// 4. The half-open side speaks.
link.release();
const halfOpen = link.segments().length;
await client.send(watched.socket, 'hello?');
await sleep(1);
expect(
  since(halfOpen).map((s) => `${s.from}: ${s.flags}`),
  'its data is answered with RST: nobody there knows this connection',
).toEqual(['client: PSH,ACK', 'server: RST']);
await expect(client.recv(watched.socket, 100), 'and its program learns of it').toFailWith('ECONNRESET');

// 5. Data on the way: keepalive is not asked, the retransmission decides. TCP_USER_TIMEOUT says how long.
const impatient = await connect();
await client.setsockopt(impatient.socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
cut();
await client.send(impatient.socket, 'anybody?');
const asked = now();
await expect(client.recv(impatient.socket, 100), 'with TCP_USER_TIMEOUT recv() fails').toFailWith('ETIMEDOUT');
expect(now() - asked, 'after 5 s').toBeCloseTo(5, 1);
link.release();
const patient = await connect();
cut();
await client.send(patient.socket, 'anybody?');
const began = now();
await expect(client.recv(patient.socket, 100), 'without it recv() fails as well').toFailWith('ETIMEDOUT');
note(`Without TCP_USER_TIMEOUT the client tried for ${((now() - began) / 60).toFixed(1)} minutes.`);
expect(now() - began, 'after a quarter of an hour: tcp_retries2 is 15').toBeGreaterThan(800);
