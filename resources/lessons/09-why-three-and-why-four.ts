// Lesson 9: why three to open and four to close. A FIN and an ACK may ride together too (RFC 9293 §3.5 and §3.6).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);

/** Opens a connection, lets the client close first and the server `thinking` seconds after it has read the end. */
async function openAndClose(thinking: number) {
  const before = link.segments().length;
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  const connection = await server.accept(listener);
  const shaken = link.segments().length;
  await client.send(socket, 'a question');
  await server.recv(connection, 100);
  await server.send(connection, 'an answer');
  await client.recv(socket, 100);
  await sleep(1);
  const opened = link.segments().length;
  const ended = server.recv(connection, 100);
  await client.close(socket);
  let afterFinWait1: TcpState | undefined;
  void until(() => client.state(socket) !== 'FIN-WAIT-1').then(() => {
    afterFinWait1 = client.state(socket);
  });
  must((await ended).length, 'the server reads the end of the stream').toBe(0);
  await sleep(thinking);
  await server.close(connection);
  await server.until(connection, 'CLOSED', { within: 5 });
  const say = (s: Segment) => `${s.from}: ${s.flags}`;
  return {
    opening: link.segments().slice(before, shaken).map(say),
    closing: link.segments().slice(opened).map(say),
    numbers: link.segments().slice(opened),
    afterFinWait1,
    server: server.history(connection).slice(2),
  };
}

// The server has nothing left to say and closes at once.
const atOnce = await openAndClose(0);
expect(atOnce.opening, 'three to open: the ACK of the client rides on the SYN of the server').toEqual([
  'client: SYN',
  'server: SYN,ACK',
  'client: ACK',
]);
expect(atOnce.closing, 'three to close as well: the ACK of the client rides on the FIN of the server').toEqual([
  'client: FIN,ACK',
  'server: FIN,ACK',
  'client: ACK',
]);
expect(atOnce.afterFinWait1, 'the client has no time for FIN-WAIT-2: FIN-WAIT-1, and then TIME-WAIT').toBe('TIME-WAIT');
const [fin, both] = atOnce.numbers as [Segment, Segment, Segment];
expect(both.relativeAck, 'the one segment acknowledges the FIN').toBe(fin.relativeSeq + 1);

// The server still has something to do for half a second.
const later = await openAndClose(0.5);
expect(later.opening, 'three to open, as before').toEqual(atOnce.opening);
expect(later.closing, 'four to close: the kernel acknowledges, and the program closes later').toEqual([
  'client: FIN,ACK',
  'server: ACK',
  'server: FIN,ACK',
  'client: ACK',
]);
expect(later.afterFinWait1, 'now the client waits in FIN-WAIT-2').toBe('FIN-WAIT-2');
expect(later.server, 'the server takes the same way in both cases').toEqual(atOnce.server);

// How long does the kernel wait for a FIN that might take its ACK along?
const [, ack, lastFin] = later.numbers as [Segment, Segment, Segment];
const arrived = later.numbers[0]!.time + ms(10);
expect(ack.time - arrived, 'the ACK is held back for 40 ms, in case something goes along').toBeCloseTo(ms(40), ms(1));
expect(lastFin.time - arrived, 'the FIN leaves when the program closes').toBeCloseTo(0.5, ms(1));
const soon = await openAndClose(ms(30));
expect(soon.closing, 'a program that closes within that time still makes it three').toEqual(atOnce.closing);

// In either form each side sends one FIN, and each FIN has its ACK. What varies is only who carries it.
for (const [form, { numbers }] of Object.entries({ three: atOnce, four: later })) {
  const fins = numbers.filter((s) => s.flags.includes('FIN'));
  expect(
    fins.map((s) => s.from),
    `closing with ${form}: one FIN from each side`,
  ).toEqual(['client', 'server']);
  const isAcknowledged = (f: Segment) => numbers.some((s) => s.from === f.to && s.number > f.number && s.relativeAck === f.relativeSeq + 1);
  expect(fins.every(isAcknowledged), `closing with ${form}: both are acknowledged`).toBe(true);
}
