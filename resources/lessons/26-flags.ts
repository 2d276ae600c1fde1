// Lesson 26: the control bits one by one, and the call that causes each (RFC 9293 §3.1).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

/** What the hosts put on the cable because of this call, until all is quiet. */
async function causes(call: () => Promise<unknown>): Promise<readonly string[]> {
  const before = link.segments().length;
  await call();
  await sleep(ms(300));
  return link
    .segments()
    .slice(before)
    .map((s) => `${s.from}: ${s.flags}`);
}

const listener = await server.socket(AF_INET, SOCK_STREAM);
expect(await causes(() => server.bind(listener, address)), 'bind() sends nothing').toEqual([]);
expect(await causes(() => server.listen(listener, 5)), 'listen() sends nothing').toEqual([]);

const socket = await client.socket(AF_INET, SOCK_STREAM);
expect(await causes(() => client.connect(socket, address)), 'SYN: connect(). ACK is in every segment after the first').toEqual([
  'client: SYN',
  'server: SYN,ACK',
  'client: ACK',
]);
let connection = 0;
expect(
  await causes(async () => {
    connection = await server.accept(listener);
  }),
  'accept() sends nothing',
).toEqual([]);

expect(await causes(() => client.send(socket, 'data')), 'PSH: the end of what one send() handed over').toEqual([
  'client: PSH,ACK',
  'server: ACK',
]);
expect(await causes(() => server.recv(connection, 100)), 'recv() sends nothing, as long as there is room').toEqual([]);
const two = await causes(() => client.send(socket, new Uint8Array(2 * 1448)));
expect(
  two.filter((line) => line.startsWith('client')),
  'of two full segments only the last has PSH',
).toEqual(['client: ACK', 'client: PSH,ACK']);
await server.setsockopt(connection, SOL_SOCKET, SO_OOBINLINE, true);
expect((await causes(() => client.send(socket, '!', MSG_OOB)))[0], 'URG: send() with MSG_OOB').toBe('client: PSH,URG,ACK');

expect(await causes(() => client.shutdown(socket, SHUT_WR)), 'FIN: shutdown(SHUT_WR), or close()').toEqual([
  'client: FIN,ACK',
  'server: ACK',
]);
// Everything is read up to the end: unread data would be a reason of its own for RST.
while ((await server.recv(connection, 10_000)).length > 0);
expect(await causes(() => server.shutdown(connection, SHUT_RD)), 'SHUT_RD sends nothing: there is no bit for it').toEqual([]);
await server.setsockopt(connection, SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 });
expect(await causes(() => server.close(connection)), 'RST: close() with SO_LINGER 0, in place of FIN').toEqual(['server: RST,ACK']);

const nobody = await client.socket(AF_INET, SOCK_STREAM);
expect(
  await causes(() => expect(client.connect(nobody, { ...address, port: 9999 }), 'connect() is refused').toFailWith('ECONNREFUSED')),
  'RST: the answer to a SYN for which nobody listens',
).toEqual(['client: SYN', 'server: RST,ACK']);

// What no call can send: made by hand.
const strange = { from: { address: '10.0.0.1', port: 4000 }, to: address };
const answers = async (flags: string) => (await causes(async () => link.inject({ ...strange, flags, seq: 1, ack: 1 }))).slice(1);
expect(await answers('ACK'), 'an ACK to a listener, out of nothing: RST').toEqual(['server: RST']);
expect(await answers('FIN'), 'a FIN without ACK: no answer').toEqual([]);
expect(await answers('RST'), 'an RST is never answered').toEqual([]);
