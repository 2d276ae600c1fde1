// Lesson 38: sequence numbers live on a circle of 2^32 (RFC 9293 §3.4). What happens at the seam, and what guards it: PAWS (RFC 7323 §5).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const from = { address: '10.0.0.1', port: 40000 };
const to = { address: '10.0.0.2', port: 9502 };
const CIRCLE = 2 ** 32;

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, to);
await server.listen(listener, 5);
/** Connects from always the same port, so that the secret part of the initial number is always the same. */
async function connected() {
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.bind(socket, from);
  await client.connect(socket, to);
  return { socket, connection: await server.accept(listener) };
}
const abort = { onoff: true, linger: 0 };
const lastSyn = () => link.segments().findLast((s) => s.flags === 'SYN')!;

// 1. The initial number is a clock plus a secret (RFC 6528): for the same four numbers it tells the time.
const first = await connected();
const iss = lastSyn().seq;
const started = lastSyn().time;
await client.setsockopt(first.socket, SOL_SOCKET, SO_LINGER, abort);
await client.close(first.socket);
await server.close(first.connection);
await sleep(1);
const second = await connected();
const pace = ((lastSyn().seq - iss + CIRCLE) % CIRCLE) / (lastSyn().time - started);
expect(pace / 1e6, 'the clock of Linux counts once in 64 ns: 15.6 million a second').toBeCloseTo(15.625, 0.1);
expect(CIRCLE / pace, 'so it comes round after 275 s').toBeCloseTo(274.9, 1);
await client.setsockopt(second.socket, SOL_SOCKET, SO_LINGER, abort);
await client.close(second.socket);
await server.close(second.connection);
await sleep(1);

// So one can wait until the next connection begins shortly before the seam.
const short = param('short', 5000, { from: 2000, to: 9000, step: 500 });
const target = CIRCLE - short;
const reading = lastSyn().seq + (now() - lastSyn().time) / 64e-9; // what the clock shows now
await sleep(((((target - reading) % CIRCLE) + CIRCLE) % CIRCLE) * 64e-9);
const { socket, connection } = await connected();
const begin = lastSyn().seq;
note(`The connection begins at ${begin}, ${CIRCLE - begin} before the seam.`);
expect(CIRCLE - begin, 'the connection begins shortly before 2^32').toBeCloseTo(short, 100);

// 2. Data across the seam.
const guess = await predict('The sequence number 4294967295 has been used. Which one comes next?', [0, 1, 4294967296]);
const octets = new Uint8Array(20_000).map((_, n) => n % 251);
const before = link.segments().length;
await client.send(socket, octets);
expect(await server.recv(connection, octets.length, MSG_WAITALL), 'all octets arrive, in order').toEqual(octets);
const data = link
  .segments()
  .slice(before)
  .filter((s) => s.from === 'client' && s.length > 0);
const seam = data.findIndex((s, n) => n > 0 && s.seq < data[n - 1]!.seq);
must(seam > 0, 'the numbers on the wire fall from almost 2^32 to almost 0').toBe(true);
const [left, right] = [data[seam - 1]!, data[seam]!];
guess.turnsOut((left.seq + left.length) % CIRCLE === right.seq ? 0 : 'another');
note(`#${left.number} has ${left.seq}, #${right.number} has ${right.seq}; as tools count: ${left.relativeSeq}, ${right.relativeSeq}.`);
expect((left.seq + left.length) % CIRCLE, 'the next number follows modulo 2^32').toBe(right.seq);
expect(right.relativeSeq - left.relativeSeq, 'counted from the beginning nothing happens').toBe(left.length);
expect(
  link
    .segments()
    .slice(before)
    .some((s) => s.cause === 'retransmission'),
  'nothing had to be sent again',
).toBe(false);

// 3. At 10 Gbit/s a connection goes round the circle in 3.4 s. Then an old octet has a number that is valid again.
note(`2^32 octets at 10 Gbit/s take ${((CIRCLE * 8) / 10e9).toFixed(1)} s.`);
const mine = await client.getsockname(socket);
const stamp = link.segments().findLast((s) => s.from === 'client')!;
const next = stamp.relativeSeq + stamp.length;
const answerTo = { from: mine, to, flags: 'PSH,ACK', relativeSeq: next, relativeAck: stamp.relativeAck, payload: 'from last time round' };
const old = stamp.options.timestamps!.value - 100;
const count = server.host.counters().PAWSEstab!;
link.inject({ ...answerTo, options: { timestamps: { value: old, echo: stamp.options.timestamps!.echo } } });
await sleep(ms(100));
expect(server.host.counters().PAWSEstab! - count, 'its timestamp is older than what has been seen: PAWS throws it away').toBe(1);
expect(server.queues(connection).receive, 'no program gets to see it').toBe(0);
expect(link.segments().at(-1)?.from, 'the server only says what it is waiting for').toBe('server');

// 4. The same without timestamps: nothing tells it from new data.
client.host.sysctl('net.ipv4.tcp_timestamps', 0);
const plain = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(plain, to);
const bare = await server.accept(listener);
await client.send(plain, 'new');
expect(text(await server.recv(bare, 100)), 'a connection without timestamps works as well').toBe('new');
link.inject({ ...answerTo, from: await client.getsockname(plain), relativeSeq: 4, relativeAck: 1 });
await sleep(ms(20));
expect(text(await server.recv(bare, 100)), 'but an octet of the right number is taken, however old it is').toBe('from last time round');
