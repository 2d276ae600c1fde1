// Lesson 34: one listener, many sessions. A connection is the four numbers of both ends (RFC 9293 §3.3.1); who serves it is another matter.
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const clients = param('clients', 4, { from: 3, to: 8 });

async function listening(program: Process, port: number): Promise<Fd> {
  const fd = await program.socket(AF_INET, SOCK_STREAM);
  await program.bind(fd, { address: '10.0.0.2', port });
  await program.listen(fd, 20);
  return fd;
}
/** One session: whatever is said comes back, until the end of the stream. */
async function echo(program: Process, connection: Fd): Promise<void> {
  for (let said = await program.recv(connection, 100); said.length > 0; said = await program.recv(connection, 100))
    await program.send(connection, said);
  await program.close(connection);
}

// Three servers for the same task.
const oneByOne = server.host.process('one by one');
lab.start('one by one', async () => {
  const listener = await listening(oneByOne, 9501);
  for (;;) await echo(oneByOne, await oneByOne.accept(listener));
});

const workers = server.host.process('workers');
lab.start('workers', async () => {
  const listener = await listening(workers, 9502);
  for (;;) {
    const connection = await workers.accept(listener);
    lab.start('worker', () => echo(workers, connection));
  }
});

const loop = server.host.process('loop');
lab.start('epoll loop', async () => {
  const listener = await listening(loop, 9503);
  const epoll = await loop.epoll_create();
  await loop.epoll_ctl(epoll, EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;)
    for (const { fd } of await loop.epoll_wait(epoll, 16)) {
      if (fd === listener) await loop.epoll_ctl(epoll, EPOLL_CTL_ADD, await loop.accept(listener), EPOLLIN);
      else {
        const said = await loop.recv(fd, 100);
        if (said.length > 0) await loop.send(fd, said);
        else await loop.close(fd);
      }
    }
});

/** The first client thinks for 3 s before it speaks, the others speak at once. How long each has waited for its echo. */
async function visit(port: number): Promise<readonly number[]> {
  const sockets: Fd[] = [];
  for (let n = 0; n < clients; n++) {
    const fd = await client.socket(AF_INET, SOCK_STREAM);
    await client.connect(fd, { address: '10.0.0.2', port });
    sockets.push(fd);
  }
  const waited = sockets.map(async (fd, n) => {
    if (n === 0) await sleep(3);
    const asked = now();
    await client.send(fd, `I am client ${n}`);
    const answer = text(await client.recv(fd, 100));
    const took = now() - asked;
    if (answer !== `I am client ${n}`) expect(answer, 'every client hears its own words').toBe(`I am client ${n}`);
    await client.close(fd);
    return took;
  });
  return Promise.all(waited);
}

const guess = await predict('The first client says nothing for 3 s. How many of the others does a one-at-a-time server make wait?', [
  'none',
  'one',
  'all',
]);

// 1. One at a time.
const first = await visit(9501);
const late = first.slice(1).filter((took) => took > 2.9).length;
guess.turnsOut(late === 0 ? 'none' : late === first.length - 1 ? 'all' : 'one');
note(`one at a time: ${first.map((took) => `${(took * 1000).toFixed(0)} ms`).join(', ')}`);
expect(Math.min(...first.slice(1)), 'one at a time: all others wait for the silent one').toBeGreaterThan(2.9);

// 2. A worker for each connection, and 3. one loop that waits for all of them at once.
for (const [name, port] of [
  ['workers', 9502],
  ['epoll', 9503],
] as const) {
  const took = await visit(port);
  note(`${name}: ${took.map((one) => `${(one * 1000).toFixed(0)} ms`).join(', ')}`);
  expect(Math.max(...took), `${name}: nobody waits longer than one round trip`).toBeCloseTo(0.02, ms(1));
}

// What tells the sessions apart: not the server's port, which they all share, but the client's.
const sessions = server.host.connections().filter(({ local }) => local.port === 9503);
must(sessions.length, 'the loop has had a connection for every client').toBe(clients);
expect(new Set(sessions.map(({ local }) => `${local.address}:${local.port}`)).size, 'the local end is the same for all of them').toBe(1);
expect(new Set(sessions.map(({ remote }) => remote.address)).size, 'so is the address of the other end').toBe(1);
expect(new Set(sessions.map(({ remote }) => remote.port)).size, 'only the port of the other end differs: the 4-tuple is unique').toBe(
  clients,
);
const ports = new Set(
  link
    .segments()
    .filter((s) => s.from === 'server' && s.source.port === 9503)
    .map((s) => s.destination.port),
);
expect(ports.size, 'every segment carries it, so the host finds the right connection without asking the program').toBe(clients);

// In the queue the others are no worse off than in a session: their handshake is over before anybody accepts.
const queue = await listening(server, 9504);
const waiting = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(waiting, { address: '10.0.0.2', port: 9504 });
await client.send(waiting, 'I can wait');
await sleep(1);
expect(server.queues(queue).accept[0]?.receive, 'a client that waits for accept() has its words in the kernel already').toBe(10);
