// Lesson 36: AF_UNIX against 127.0.0.1 (unix(7), tcp(7)). The same calls, and on one side no network at all.
const rounds = param('rounds', 100, { from: 50, to: 200, step: 10 });
const host = lab.host('computer', { addresses: ['10.0.0.1/24'] });
const server = host.process('server');
const client = host.process('client');
const path = { path: '/run/echo' };
const address = { address: '127.0.0.1', port: 9502 };

/** Everything the TCP and IP of this host have counted: segments sent, connections opened. */
const counted = () => ({ segments: host.counters().OutSegs!, opens: host.counters().ActiveOpens! });

async function connect(domain: typeof AF_UNIX | typeof AF_INET, where: UnixAddress | SocketAddress) {
  const listener = await server.socket(domain, SOCK_STREAM);
  await server.bind(listener, where);
  await server.listen(listener, 5);
  const fd = await client.socket(domain, SOCK_STREAM);
  await client.connect(fd, where);
  return { fd, connection: await server.accept(listener) };
}
/** So many questions and answers of one octet, one after the other. Gives the seconds for one of them. */
async function latency({ fd, connection }: { readonly fd: Fd; readonly connection: Fd }): Promise<number> {
  const start = now();
  for (let n = 0; n < rounds; n++) {
    await client.send(fd, '?');
    await server.recv(connection, 1);
    await server.send(connection, '!');
    await client.recv(fd, 1);
  }
  return (now() - start) / rounds;
}
/** Half a million octets in one direction. */
async function throughput({ fd, connection }: { readonly fd: Fd; readonly connection: Fd }): Promise<number> {
  const total = 500_000;
  const start = now();
  const sending = (async () => {
    const part = new Uint8Array(50_000);
    for (let sent = 0; sent < total; ) sent += await client.send(fd, part);
  })();
  for (let got = 0; got < total; ) got += (await server.recv(connection, 100_000)).length;
  await sending;
  return total / (now() - start || Number.POSITIVE_INFINITY);
}

// 1. The same program, two families.
const before = counted();
const local = await connect(AF_UNIX, path);
expect(counted(), 'AF_UNIX: connect() and accept() without one segment').toEqual(before);
const localLatency = await latency(local);
const localThroughput = await throughput(local);
expect(counted().segments - before.segments, 'AF_UNIX: all the talk, and still not one segment: no header, no checksum, no route').toBe(0);

const inet = await connect(AF_INET, address);
const handshake = counted().segments - before.segments;
expect(handshake, '127.0.0.1: the three-way handshake happens, host with itself').toBe(3);
const inetLatency = await latency(inet);
const talk = counted().segments - before.segments - handshake;
expect(talk, '127.0.0.1: at least one segment for each word').toBeGreaterThan(2 * rounds - 1);
expect(client.history(inet.fd), 'with all the states of TCP').toEqual(['CLOSED', 'SYN-SENT', 'ESTABLISHED']);
const inetThroughput = await throughput(inet);
const words = (perSecond: number): string => (perSecond === 0 ? 'no time at all' : `${(perSecond / 1e6).toFixed(0)} MB/s`);
note(`AF_UNIX:   ${(localLatency * 1e6).toFixed(1)} µs for question and answer, ${words(localThroughput)}`);
note(
  `127.0.0.1: ${(inetLatency * 1e6).toFixed(1)} µs for question and answer, ${words(inetThroughput)}; ${talk} segments for ${2 * rounds} words`,
);

// 2. A name is a path, and the path is a file with permissions.
expect(await client.getpeername(local.fd), 'the peer is named by its path').toEqual({ address: '/run/echo', port: 0 });
expect((await client.getsockname(local.fd)).address, 'the client has no name at all: it has bound none').toBe('');
expect((await client.getsockname(inet.fd)).port, 'on 127.0.0.1 the system has chosen a port for it').toBeGreaterThan(1023);
const second = await server.socket(AF_UNIX, SOCK_STREAM);
await expect(server.bind(second, path), 'the file is there: nobody binds its path twice').toFailWith('EADDRINUSE');

const guest = host.process('guest', { uid: 1000 });
const asGuest = await guest.socket(AF_UNIX, SOCK_STREAM);
const guess = await predict('The socket belongs to root, and others may not write to the file. A guest connects: which errno?', [
  'none',
  'EACCES',
  'ECONNREFUSED',
]);
const refusal = await guest.connect(asGuest, path).then(
  () => 'none',
  (error: SystemError) => error.errno,
);
guess.turnsOut(refusal);
expect(refusal, 'AF_UNIX: who may not write to the file may not connect').toBe('EACCES');
const overInet = await guest.socket(AF_INET, SOCK_STREAM);
await guest.connect(overInet, address);
expect(guest.state(overInet), '127.0.0.1 asks nobody who they are').toBe('ESTABLISHED');

// 3. The end. The file outlives its program, a port does not.
await server.exit();
expect((await client.recv(local.fd, 1)).length, 'AF_UNIX: when the server ends, the stream ends').toBe(0);
const late = await client.socket(AF_UNIX, SOCK_STREAM);
await expect(client.connect(late, path), 'the file is still there, but nobody is behind it').toFailWith('ECONNREFUSED');
await client.unlink(path.path);
await expect(client.connect(late, path), 'removed with unlink(), it is no longer there').toFailWith('ENOENT');
