// Lesson 31: Nagle's algorithm meets the delayed ACK, and both wait (RFC 9293 §3.7.4 and §3.8.6.3).
const oneTrip = ms(1);
const { client, server, link } = lab.twoHosts({ delay: oneTrip });

let port = 9502;
/** A new connection on which a few questions have gone back and forth, so that the server delays its ACKs. */
async function conversation() {
  const address = { address: '10.0.0.2', port: port++ };
  const listener = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(listener, address);
  await server.listen(listener, 5);
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  const connection = await server.accept(listener);
  for (let i = 0; i < 3; i++) {
    await client.send(socket, 'question');
    await server.recv(connection, 100);
    await server.send(connection, 'answer');
    await client.recv(socket, 100);
  }
  await sleep(1);
  return { socket, connection, before: link.segments().length };
}

/** The client sends a request in two halves; the server answers when it has both. How long does the client wait? */
async function request({ socket, connection, before }: Awaited<ReturnType<typeof conversation>>, flags = 0) {
  const asked = now();
  const serving = (async () => {
    let got = '';
    while (got.length < 10) got += text(await server.recv(connection, 100));
    await server.send(connection, 'here it is');
  })();
  await client.send(socket, 'head,', flags);
  await client.send(socket, 'body.');
  expect(text(await client.recv(socket, 100)), 'the answer').toBe('here it is');
  await serving;
  const waited = now() - asked;
  await sleep(1);
  const segments = link.segments().slice(before);
  return { waited, segments, data: segments.filter((s) => s.from === 'client' && s.length > 0).map((s) => s.length) };
}

const guess = await predict(
  'A round trip takes 2 ms. After two small writes, how many milliseconds does the client wait for the answer?',
  [2, 4, 44, 200],
);
// 1. As it is: write, write, read.
const stall = await request(await conversation());
guess.turnsOut(Math.round(stall.waited * 1000));
note(`Two small writes: ${(stall.waited * 1000).toFixed(0)} ms. A round trip takes 2 ms.`);
expect(stall.data, 'each half leaves as a segment').toEqual([5, 5]);
const [head, delayed, body] = stall.segments as [Segment, Segment, Segment];
expect([head.from, delayed.from, body.from], 'but the second half leaves only after the first is acknowledged').toEqual([
  'client',
  'server',
  'client',
]);
expect(delayed.time - (head.time + oneTrip), 'the server delays that ACK by 40 ms: it waits for data to go with it').toBeCloseTo(
  ms(40),
  ms(2),
);
expect(body.time - head.time, 'Nagle holds the second half back for as long').toBeCloseTo(ms(42), ms(2));
expect(stall.waited, 'together: 44 ms for what two round trips could have done').toBeCloseTo(ms(44), ms(2));
expect(server.host.counters().DelayedACKs! > 0, 'the server has counted a delayed ACK').toBe(true);

// 2. TCP_NODELAY: Nagle is off at the client.
const undelayed = await conversation();
await client.setsockopt(undelayed.socket, IPPROTO_TCP, TCP_NODELAY, true);
const noDelay = await request(undelayed);
expect(noDelay.waited, 'with TCP_NODELAY: one round trip').toBeCloseTo(2 * oneTrip, ms(1));
expect(noDelay.data, 'still two small segments').toEqual([5, 5]);

// 3. TCP_CORK: the client says when the message is complete.
const corked = await conversation();
await client.setsockopt(corked.socket, IPPROTO_TCP, TCP_CORK, true);
await client.send(corked.socket, 'head,');
await sleep(ms(50));
expect(link.segments().slice(corked.before), 'corked, nothing leaves before the segment is full').toHaveLength(0);
await client.send(corked.socket, 'body.');
await client.setsockopt(corked.socket, IPPROTO_TCP, TCP_CORK, false);
await sleep(ms(10));
expect(link.segments()[corked.before]?.length, 'uncorked, both halves leave in one segment').toBe(10);
const forgotten = await conversation();
await client.setsockopt(forgotten.socket, IPPROTO_TCP, TCP_CORK, true);
await client.send(forgotten.socket, 'half');
const begun = now();
await until(() => link.segments().length > forgotten.before, { within: 5, what: 'the corked data' });
expect(now() - begun, 'a forgotten cork opens by itself after 200 ms').toBeCloseTo(ms(200), ms(10));

// 4. MSG_MORE: the same for one send().
const more = await request(await conversation(), MSG_MORE);
expect(more.data, 'with MSG_MORE on the first half: one segment').toEqual([10]);
expect(more.waited, 'and one round trip').toBeCloseTo(2 * oneTrip, ms(1));

// 5. TCP_QUICKACK: the delayed ACK is off at the server, for the time being.
const quick = await conversation();
await server.setsockopt(quick.connection, IPPROTO_TCP, TCP_QUICKACK, true);
const quickAck = await request(quick);
expect(quickAck.waited, 'with TCP_QUICKACK: two round trips, for Nagle still waits for the ACK').toBeCloseTo(4 * oneTrip, ms(1));
