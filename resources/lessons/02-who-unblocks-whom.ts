// Lesson 2: which segment wakes which call. One trip takes 100 ms here, so that the clock tells.
const oneTrip = ms(100);
const { client, server, link } = lab.twoHosts({ delay: oneTrip });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);

/** Runs a call and tells when it was made and when it returned. */
async function timed<T>(name: string, call: Promise<T>) {
  const made = now();
  const result = await call;
  note(`${name} was made at ${made} s and returned at ${now()} s`);
  return { result, made, returned: now() };
}

const accepting = timed('accept()', server.accept(listener));
await sleep(1); // nobody calls yet
const socket = await client.socket(AF_INET, SOCK_STREAM);
const connecting = timed('connect()', client.connect(socket, address));

const connected = await connecting;
expect(connected.returned - connected.made, 'connect() waits for two trips: SYN there, SYN,ACK back').toBeCloseTo(2 * oneTrip, ms(1));
expect(
  link.segments().map((s) => s.flags),
  'when connect() returns, the third segment has only just been sent',
).toEqual(['SYN', 'SYN,ACK', 'ACK']);
expect(server.queues(listener).syn, 'the server still has the connection in its SYN queue').toHaveLength(1);
expect(server.queues(listener).accept, 'and nothing in its accept queue').toHaveLength(0);

const accepted = await accepting;
expect(accepted.returned - connected.made, 'accept() returns a third trip later, with the third segment').toBeCloseTo(3 * oneTrip, ms(1));
expect(accepted.returned - connected.returned, 'so connect() returns one trip before accept()').toBeCloseTo(oneTrip, ms(1));
expect(accepted.made < connected.made, 'although accept() was called first').toBe(true);

// The segments and the calls on one clock.
const [syn, synAck, ack] = link.segments() as [Segment, Segment, Segment];
expect(syn.time, 'the SYN leaves when connect() is called').toBe(connected.made);
expect(ack.time, 'the third segment leaves when connect() returns').toBe(connected.returned);
expect(synAck.time - syn.time, 'the SYN,ACK leaves when the SYN arrives, without any call of the server').toBeCloseTo(oneTrip, ms(1));

// recv() is woken by data, and by the end of the stream.
const reading = timed('recv()', server.recv(accepted.result, 100));
await sleep(0.5);
const sentAt = now();
await client.send(socket, 'wake up');
expect(now() - sentAt, 'send() does not wait for the other side: the data is in the send queue').toBe(0);
const read = await reading;
expect(text(read.result), 'recv() gives the data').toBe('wake up');
expect(read.returned - sentAt, 'recv() is woken one trip after send()').toBeCloseTo(oneTrip, ms(1));
