// Lesson 19: the program that forgets close(). CLOSE-WAIT has no end of its own (RFC 9293 §3.6.1), and descriptors run short.
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };
const visits = param('visits', 5, { from: 3, to: 9 });

/** What `netstat -tp` shows: state, remote end, and the program that holds the socket. */
const table = () => server.host.connections().map(({ state, remote, owner }) => ({ state, port: remote.port, owner }));
const waiting = () => table().filter(({ state }) => state === 'CLOSE-WAIT');

// Two programs run on the server's host. One of them is careful.
const careful = server.host.process('careful');
const careless = server.host.process('careless');
async function listening(program: Process, port: number) {
  const fd = await program.socket(AF_INET, SOCK_STREAM);
  await program.bind(fd, { address: '10.0.0.2', port });
  await program.listen(fd, 20);
  return fd;
}
/** Serves for ever: reads to the end of the stream, answers, and gives the descriptor back, or forgets to. */
async function serve(program: Process, listener: Fd, closes: boolean): Promise<void> {
  for (;;) {
    const connection = await program.accept(listener).catch(() => undefined);
    if (connection === undefined) return; // the program has ended
    while ((await program.recv(connection, 1000)).length > 0) await program.send(connection, 'thank you');
    if (closes) await program.close(connection);
  }
}
lab.start('careful', async () => serve(careful, await listening(careful, 9501), true));
lab.start('careless', async () => serve(careless, await listening(careless, 9502), false));

/** One visit: a request, an answer, and the client closes. */
async function visit(port: number): Promise<Fd> {
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, { ...address, port });
  await client.send(socket, 'a question');
  expect(text(await client.recv(socket, 100)), 'the client is served and notices nothing').toBe('thank you');
  await client.close(socket);
  await sleep(1);
  return socket;
}

const guess = await predict('In which state does the server keep a connection that its program forgets to close?', [
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'LAST-ACK',
  'TIME-WAIT',
]);
const sockets: Fd[] = [];
for (let n = 0; n < visits; n++) {
  await visit(9501);
  sockets.push(await visit(9502));
}
guess.turnsOut(waiting()[0]?.state ?? 'none');

// The view that names the owner.
for (const { state, port, owner } of table())
  note(`${state.padEnd(11)} 10.0.0.1:${port}  ${owner ? `${owner.process} fd ${owner.fd}` : '-'}`);
must(waiting().length, 'every visit has left a CLOSE-WAIT behind').toBe(visits);
expect([...new Set(waiting().map(({ owner }) => owner?.process))], 'all of them belong to one program').toEqual(['careless']);
expect(
  waiting().map(({ owner }) => owner?.fd),
  'each holds a descriptor of its own, counted up from 4: the listener has 3',
).toEqual(Array.from({ length: visits }, (_, n) => n + 4));
expect(table().filter(({ owner }) => owner?.process === 'careful').length, 'the careful program holds no connection any more').toBe(0);

// The other side has done its part, and nobody says anything.
expect(client.state(sockets.at(-1)!), 'the client waits in FIN-WAIT-2 for a FIN that does not come').toBe('FIN-WAIT-2');
expect.exactly(0, link, ({ cause }) => cause === 'retransmission', 'no timer of TCP brings it up: not one segment is sent again');
const silence = link.segments().length;
await sleep(24 * 3600);
expect(link.segments().length - silence, 'a day passes without a segment').toBe(0);
expect(waiting().length, 'and CLOSE-WAIT is still there: it has no timeout').toBe(visits);
expect(client.state(sockets.at(-1)!), 'the client has forgotten: its orphan left FIN-WAIT-2 after 60 s (lesson 18)').toBe('CLOSED');

// What cures it is not a tunable but the end of the program: the kernel closes what it held.
await careless.exit();
await sleep(1);
expect(waiting(), 'when the program ends, its descriptors are closed').toHaveLength(0);
const last = link.segments().slice(silence);
expect(last.filter((s) => s.from === 'server' && s.flags.includes('FIN')).length, 'now the server sends the FIN of each').toBe(visits);
expect(
  last.filter((s) => s.from === 'client').every((s) => s.flags.includes('RST')),
  'a day too late: the client answers with RST',
).toBe(true);
