// Lesson 39: the same two ends again. What an old duplicate can do to a new incarnation, and what stands in its way (RFC 9293 §3.4.3, §3.6.1).
const { client, server, link } = lab.twoHosts({ delay: ms(10), server: { 'net.ipv4.tcp_rfc1337': 1 } });
const shop = { address: '10.0.0.2', port: 9502 };
const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, shop);
await server.listen(listener, 5);

// A customer whose TCP was written carelessly: it begins every connection with the same number. The real client is kept out of it.
const customer = { address: '10.0.0.1', port: param('port', 4000, { from: 3000, to: 9000 }) };
const ISS = 1000;
link.drop((s) => s.from === 'client' && s.cause !== 'injected' && s.source.port === customer.port);
const says = (flags: string, seq: number, payload = '') =>
  link.inject({ from: customer, to: shop, flags, seq, ...(flags !== 'SYN' && { relativeAck: 1 }), payload });
/** What the server had to say since. */
const since = (number: number) =>
  link
    .segments()
    .filter((s) => s.number > number && s.from === 'server')
    .map((s) => s.flags);
const count = () => link.segments().length;

/** One incarnation up to its order; gives the segment with the order. */
async function order(): Promise<{ readonly connection: Fd; readonly segment: Segment }> {
  says('SYN', ISS);
  await sleep(ms(20));
  acknowledged();
  const connection = await server.accept(listener);
  says('PSH,ACK', ISS + 1, 'pay 100');
  const segment = link.segments().at(-1)!;
  expect(text(await server.recv(connection, 100)), 'an order').toBe('pay 100');
  return { connection, segment };
}
/** The third segment: it acknowledges the number the server has chosen this time. */
function acknowledged(payload = ''): void {
  const synAck = link.segments().findLast((s) => s.flags === 'SYN,ACK')!;
  link.inject({ from: customer, to: shop, flags: 'ACK', seq: ISS + 1, ack: (synAck.seq + 1) % 2 ** 32, payload });
}

// 1. The connection ends with RST, so nobody keeps TIME-WAIT. The network has kept a copy of the order.
const first = await order();
await server.setsockopt(first.connection, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 });
await server.close(first.connection);
await sleep(ms(50));
expect(server.host.connections().at(-1)?.state, 'an abort leaves nothing behind: CLOSED, no TIME-WAIT').toBe('CLOSED');

const guess = await predict(
  'The customer connects again with the same numbers, and then the old copy of the order arrives. What does the server do?',
  ['throws it away', 'pays once more', 'sends RST'],
);
says('SYN', ISS);
await sleep(ms(20));
acknowledged();
const again = await server.accept(listener);
// An honest network replays octets as they were. The acknowledgment in them belongs to the old incarnation.
const answerTo = link.segments().findLast((s) => s.flags === 'SYN,ACK')!;
let number = count();
link.replay(first.segment);
await sleep(ms(30));
note(`Before: ack ${first.segment.ack}; now the server counts from ${answerTo.seq}.`);
expect(
  server.queues(again).receive,
  'octet for octet the old copy fails: its acknowledgment fits the numbers this server had before, not those of now',
).toBe(0);
number = count();
// Whoever forges, or has seen the SYN,ACK, puts the right acknowledgment in.
link.inject({ from: customer, to: shop, flags: 'PSH,ACK', seq: first.segment.seq, ack: (answerTo.seq + 1) % 2 ** 32, payload: 'pay 100' });
await sleep(ms(30));
const stolen = server.queues(again).receive > 0 ? text(await server.recv(again, 100)) : '';
guess.turnsOut(stolen === 'pay 100' ? 'pays once more' : 'throws it away');
expect(stolen, 'with a fitting acknowledgment the old number is good again: the order is carried out twice').toBe('pay 100');
expect(since(number), 'and the server acknowledges it like any other').toContain('ACK');
await server.setsockopt(again, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 });
await server.close(again);
await sleep(ms(50));

// 2. The connection ends in order, the server closes first: it keeps TIME-WAIT for the pair of addresses and ports.
const orderly = await order();
await server.shutdown(orderly.connection, SHUT_WR);
await sleep(ms(30));
const fin = link.segments().findLast((s) => s.flags.includes('FIN'))!;
link.inject({ from: customer, to: shop, flags: 'FIN,ACK', seq: ISS + 8, ack: (fin.seq + 1) % 2 ** 32 });
await server.until(orderly.connection, 'TIME-WAIT', { within: 1 });
await server.close(orderly.connection);
number = count();
says('SYN', ISS);
await sleep(ms(30));
expect(since(number), 'TIME-WAIT: a SYN that does not go beyond the old numbers gets no SYN,ACK, only an ACK').toEqual(['ACK']);
number = count();
link.replay(orderly.segment);
await sleep(ms(30));
expect(since(number).includes('RST'), 'TIME-WAIT: nor does the old copy of the order find anything to enter').toBe(false);
expect(server.queues(listener).accept, 'there is no new incarnation yet').toHaveLength(0);
expect(server.host.connections().at(-1)?.state, 'the old one stands guard for 2MSL').toBe('TIME-WAIT');
await sleep(61);
number = count();
says('SYN', ISS);
await sleep(ms(30));
expect(since(number), 'when it is over the same SYN is welcome: by then every old copy has died').toEqual(['SYN,ACK']);
says('RST', ISS + 1);
await sleep(ms(30));

// 3. A careful TCP: its initial number is a clock (RFC 6528), so the next incarnation begins beyond the old one.
const port = 4500;
async function careful() {
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.bind(socket, { address: '10.0.0.1', port });
  await client.connect(socket, shop);
  return { socket, connection: await server.accept(listener) };
}
const one = await careful();
await client.send(one.socket, 'pay 100');
expect(text(await server.recv(one.connection, 100)), 'an order of a careful customer').toBe('pay 100');
const copy = link.segments().findLast((s) => s.length === 7)!;
for (const [program, fd] of [
  [client, one.socket],
  [server, one.connection],
] as const) {
  await program.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 });
  await program.close(fd);
}
await sleep(1);
const two = await careful();
const restart = link.segments().findLast((s) => s.flags === 'SYN')!;
const ahead = (restart.seq - copy.seq + 2 ** 32) % 2 ** 32;
note(`A second later the client begins ${ahead} octets further on.`);
expect(ahead, 'without any TIME-WAIT: the new numbers begin 15 million beyond the old').toBeGreaterThan(15_000_000);
link.replay(copy);
await sleep(ms(30));
expect(server.queues(two.connection).receive, 'the old copy lies outside the window').toBe(0);
expect(server.state(two.connection), 'and harms nobody').toBe('ESTABLISHED');
