// Lesson 40: find the bug. Five programs, each with one mistake. Look at the segments first, at the program last.
const MISTAKES = [
  'the server never closes its socket',
  'the server closes before it has read everything',
  'the client writes in small pieces and waits for the answer',
  'the server has stopped reading',
  'the server does not call accept() in time',
  'nobody listens on the port',
  'the network loses segments',
];

/** Two hosts of their own on a cable of their own, for each case. */
function stage(name: string) {
  const [left, right] = [
    lab.host(`client ${name}`, { addresses: ['10.0.0.1/24'] }),
    lab.host(`server ${name}`, { addresses: ['10.0.0.2/24'] }),
  ];
  const link = lab.link(left, right, { delay: ms(5) });
  return { link, client: left.process('client'), server: right.process('server') };
}
const address = { address: '10.0.0.2', port: 9502 };
async function listening(program: Process, backlog = 5): Promise<Fd> {
  const fd = await program.socket(AF_INET, SOCK_STREAM);
  await program.bind(fd, address);
  await program.listen(fd, backlog);
  return fd;
}
async function connected(program: Process): Promise<Fd> {
  const fd = await program.socket(AF_INET, SOCK_STREAM);
  await program.connect(fd, address);
  return fd;
}
/** Asks for the cause. An answer is graded; without one the lesson tells. */
async function ask(name: string, mistake: number): Promise<void> {
  const cause = MISTAKES[mistake - 1]!;
  const said = await predict(`Case ${name}: what is wrong?`, MISTAKES);
  said.turnsOut(cause);
  if (said.answer !== undefined) expect(said.answer, `case ${name} is explained`).toBe(cause);
}

// Case A.
{
  const { client, server, link } = stage('A');
  const listener = await listening(server);
  const socket = await connected(client);
  const connection = await server.accept(listener);
  await client.send(socket, 'question');
  await server.recv(connection, 100);
  await server.send(connection, 'answer');
  await client.recv(socket, 100);
  await client.close(socket);
  await sleep(120);
  const fins = link.segments().filter((s) => s.flags.includes('FIN'));
  expect(
    fins.map((s) => s.from),
    'A: one FIN, from the client, is acknowledged; in two minutes the other never comes',
  ).toEqual(['client A']);
  expect(server.state(connection), 'A: the server stays in CLOSE-WAIT').toBe('CLOSE-WAIT');
  await ask('A', 1);
}

// Case B.
{
  const { client, server, link } = stage('B');
  const listener = await listening(server);
  const socket = await connected(client);
  const connection = await server.accept(listener);
  await client.send(socket, 'header');
  await client.send(socket, 'and a body that nobody reads');
  await sleep(1);
  await server.recv(connection, 6);
  await server.send(connection, 'answer');
  await server.close(connection);
  await sleep(1);
  const last = link.segments().filter((s) => s.from === 'server B' && (s.length > 0 || s.flags.includes('RST')));
  expect(
    last.slice(0, 2).map((s) => s.flags),
    'B: the server answers and resets in the same moment',
  ).toEqual(['PSH,ACK', 'RST,ACK']);
  expect(
    link.segments().some((s) => s.flags.includes('FIN')),
    'B: no FIN on either side',
  ).toBe(false);
  await ask('B', 2);
}

// Case C.
{
  const { client, server, link } = stage('C');
  const listener = await listening(server);
  const socket = await connected(client);
  const connection = await server.accept(listener);
  const program = lab.start('program C', async () => {
    for (let n = 0; n < 20; n++) {
      await server.recv(connection, 8, MSG_WAITALL);
      await server.send(connection, 'answer');
    }
  });
  for (let n = 0; n < 20; n++) {
    await client.send(socket, 'ask ');
    await client.send(socket, 'this');
    await client.recv(socket, 100);
  }
  await program;
  const asked = link.segments().filter((s) => s.from === 'client C' && s.length > 0);
  const waits = asked.slice(1).map((s, n) => s.time - asked[n]!.time);
  expect(asked.length, 'C: each question leaves in two segments of four octets').toBe(40);
  expect(
    waits.filter((seconds) => seconds > 0.04).length,
    'C: again and again 40 ms and more pass in which nothing is lost',
  ).toBeGreaterThan(10);
  expect(link.segments().filter((s) => s.cause === 'retransmission').length, 'C: nothing is sent twice').toBe(0);
  await ask('C', 3);
}

// Case D.
{
  const { client, server, link } = stage('D');
  const listener = await listening(server);
  await server.setsockopt(listener, SOL_SOCKET, SO_RCVBUF, 8192);
  const socket = await connected(client);
  const connection = await server.accept(listener);
  await server.recv(connection, 1, MSG_DONTWAIT).catch(() => {});
  void client.send(socket, new Uint8Array(60_000));
  await sleep(60);
  const closed = link.segments().filter((s) => s.from === 'server D' && s.window === 0);
  expect(closed.length, 'D: the server says window 0, and says it again each time it is asked').toBeGreaterThan(3);
  expect(
    link.segments().some((s) => s.cause === 'window-probe'),
    'D: the client asks, more and more seldom',
  ).toBe(true);
  await ask('D', 4);
}

// Case E.
{
  const { client, server, link } = stage('E');
  await listening(server, 1);
  await connected(client);
  await sleep(1);
  const [, socket] = await Promise.all([connected(client), connected(client)]);
  await client.send(socket, 'hello?');
  await sleep(10);
  const { port } = await client.getsockname(socket);
  const here = link.segments().filter((s) => s.source.port === port || s.destination.port === port);
  expect(
    here.filter((s) => s.flags === 'SYN,ACK').length,
    'E: the server repeats its SYN,ACK, as if the third segment had not come',
  ).toBeGreaterThan(1);
  expect(here.filter((s) => s.length > 0).length, 'E: the client, connected long ago, repeats its data').toBeGreaterThan(1);
  expect(
    here.some((s) => s.lost),
    'E: the cable has lost nothing',
  ).toBe(false);
  expect(server.host.counters().ListenOverflows, 'E: ListenOverflows counts').toBeGreaterThan(0);
  await ask('E', 5);
}
