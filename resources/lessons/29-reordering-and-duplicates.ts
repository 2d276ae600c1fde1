// Lesson 29: segments that come in another order, or twice (RFC 9293 §3.10.7.4, RFC 2018, RFC 2883).
const oneTrip = ms(50);
const { client, server, link } = lab.twoHosts({ delay: oneTrip });
const address = { address: '10.0.0.2', port: 9502 };
const size = 1448; // a full segment

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);
await sleep(1);
let mark = 0;
const begin = () => {
  link.release();
  mark = link.segments().length;
};
const sent = (from: string) => link.segments().filter((s) => s.number > mark && s.from === from);

// 1. The first of three segments is overtaken by the others.
begin();
let first = true;
link.hold((s) => {
  const hold = first && s.length > 0;
  if (hold) first = false;
  return hold;
}, ms(20));
await client.send(socket, '1'.repeat(size) + '2'.repeat(size) + '3'.repeat(size));
await sleep(oneTrip + ms(10));
expect(server.queues(connection).outOfOrder, 'the second and third have arrived and wait behind the gap').toBe(2 * size);
expect(server.queues(connection).receive, 'nothing can be read yet').toBe(0);
await expect(server.recv(connection, 10, MSG_DONTWAIT), 'recv() finds nothing').toFailWith('EAGAIN');
await sleep(ms(20));
expect(server.queues(connection).outOfOrder, 'the first one fills the gap').toBe(0);
expect(server.queues(connection).receive, 'and everything can be read at once').toBe(3 * size);
const all = text(await server.recv(connection, 10_000));
expect(all.slice(size - 1, size + 1) + all.slice(2 * size - 1, 2 * size + 1), 'in the order in which it was sent').toBe('1223');
await sleep(1);

const [gap, wider, filled] = sent('server') as [Segment, Segment, Segment];
const data = sent('client');
expect(data.length, 'nothing was sent again').toBe(3);
expect([gap.ack, wider.ack], 'both segments behind the gap were answered at once, with the number that is missing').toEqual([
  data[0]!.seq,
  data[0]!.seq,
]);
expect(gap.options.sack?.[0], 'the first answer reports the second segment').toEqual({ left: data[1]!.seq, right: data[2]!.seq });
expect(wider.options.sack?.[0]?.right, 'the second answer reports the third as well').toBe(filled.ack);
expect(filled.options.sack, 'when the gap is filled there is nothing to report').toBe(undefined);
expect(server.host.counters().TCPOFOQueue, 'the server has counted two segments out of order').toBe(2);

// 2. The network delivers a segment twice.
begin();
link.set({ duplication: 1 });
await client.send(socket, 'only once, please');
link.set({ duplication: 0 });
await sleep(1);
expect(text(await server.recv(connection, 100)), 'the program gets it once').toBe('only once, please');
const [once] = sent('client') as [Segment];
const [ack, duplicate] = sent('server') as [Segment, Segment];
expect([ack.ack, duplicate.ack], 'but both copies are acknowledged, with the same number').toEqual([ack.ack, ack.ack]);
expect(duplicate.options.sack?.[0], 'and the second answer names what came twice').toEqual({ left: once.seq, right: ack.ack });
expect(duplicate.options.sack![0]!.right, 'this is D-SACK: the block lies below the acknowledgment').toBe(duplicate.ack);
expect(client.host.counters().TCPDSACKRecv, 'the client has counted it').toBe(1);

// 3. The acknowledgment is late, and the sender repeats for nothing.
begin();
link.hold((s) => s.from === 'server', ms(400));
await client.send(socket, 'was it lost?');
await sleep(2);
expect(text(await server.recv(connection, 100)), 'the program gets this once, too').toBe('was it lost?');
expect(sent('client').length, 'it was sent twice').toBe(2);
expect(
  sent('client').some((s) => s.lost),
  'although none was lost',
).toBe(false);
const needless = sent('server').at(-1)!;
expect(needless.options.sack?.[0], 'D-SACK tells the sender that its repetition was needless').toEqual({
  left: sent('client')[0]!.seq,
  right: needless.ack,
});
expect(client.host.counters().TCPDSACKRecv, 'which it counts as well').toBe(2);
