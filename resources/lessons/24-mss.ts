// Lesson 24: the maximum segment size. Told in the SYN, never agreed upon (RFC 9293 §3.7.1, RFC 6691).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });

/** A connection to a port of its own; `limit` is what the server's program sets with TCP_MAXSEG. */
async function connect(at: { readonly client: Process; readonly server: Process }, address: SocketAddress, limit?: number) {
  const listener = await at.server.socket(AF_INET, SOCK_STREAM);
  if (limit !== undefined) await at.server.setsockopt(listener, IPPROTO_TCP, TCP_MAXSEG, limit);
  await at.server.bind(listener, address);
  await at.server.listen(listener, 5);
  const socket = await at.client.socket(AF_INET, SOCK_STREAM);
  await at.client.connect(socket, address);
  const connection = await at.server.accept(listener);
  return { socket, connection };
}
const data = new Uint8Array(5000);
/** The data segments that these octets leave in. */
async function lengths(on: Link, program: Process, fd: Fd): Promise<readonly number[]> {
  const before = on.segments().length;
  await program.send(fd, data);
  await sleep(1);
  const sent = on.segments().slice(before);
  return sent.filter((s) => s.length > 0).map((s) => s.length);
}

// 1. Ethernet: 1500 octets, less 20 for the IP header and 20 for the TCP header.
const plain = await connect({ client, server }, { address: '10.0.0.2', port: 9502 });
const [syn, synAck, ack] = link.segments() as [Segment, Segment, Segment];
expect([syn.options.mss, synAck.options.mss], 'each side says what it can take: 1460').toEqual([1460, 1460]);
expect(ack.options.mss, 'the option stands in segments with SYN only').toBe(undefined);
expect(await client.getsockopt(plain.socket, IPPROTO_TCP, TCP_MAXSEG), 'timestamps need 12 octets of every segment: 1448 remain').toBe(
  1448,
);
expect(await lengths(link, client, plain.socket), '5000 octets leave in segments of at most 1448').toEqual([1448, 1448, 1448, 656]);

// 2. A server that wants less. It is a limit on what the other side sends.
const small = await connect({ client, server }, { address: '10.0.0.2', port: 9503 }, 1000);
const smallSyns = link.segments().filter((s) => s.options.mss !== undefined && s.number > syn.number + 1);
expect(
  smallSyns.map((s) => `${s.from}: ${s.options.mss}`),
  'the client says 1460 as before, the server 1000',
).toEqual(['client: 1460', 'server: 1000']);
expect((await lengths(link, client, small.socket))[0], 'the client obeys: 1000 less 12').toBe(988);
expect((await lengths(link, server, small.connection))[0], 'here the server sends no more either, because TCP_MAXSEG bounds both').toBe(
  988,
);

const guess = await predict('A SYN names no segment size. How many octets does the other side send at most?', [512, 536, 1460, 65495]);
// 3. A SYN without the option, made by hand: RFC 9293 has the other side take 536. The real client is kept out of it.
const listener = await server.socket(AF_INET, SOCK_STREAM);
const old = { from: { address: '10.0.0.1', port: 4000 }, to: { address: '10.0.0.2', port: 9504 } };
await server.bind(listener, old.to);
await server.listen(listener, 5);
link.drop((s) => s.from === 'client' && s.flags === 'RST');
link.inject({ ...old, flags: 'SYN', seq: 1000 });
await sleep(ms(20));
link.inject({ ...old, flags: 'ACK', relativeSeq: 1, relativeAck: 1 });
const silent = await server.accept(listener);
expect(await server.getsockopt(silent, IPPROTO_TCP, TCP_MAXSEG), 'who says nothing gets segments of at most 536').toBe(536);
expect((await lengths(link, server, silent))[0], 'and that is what the server sends').toBe(536);
guess.turnsOut(await server.getsockopt(silent, IPPROTO_TCP, TCP_MAXSEG));
await server.close(silent);

// 4. The loopback of today takes packets of 65535 octets.
const loop = await connect({ client, server: client }, { address: '127.0.0.1', port: 9502 });
expect(await client.getsockopt(loop.socket, IPPROTO_TCP, TCP_MAXSEG), 'on the loopback: 65535 - 20 - 20 - 12').toBe(65483);
client.host.sysctl('net.ipv4.tcp_timestamps', 0);
const bare = await connect({ client, server: client }, { address: '127.0.0.1', port: 9503 });
expect(await client.getsockopt(bare.socket, IPPROTO_TCP, TCP_MAXSEG), 'without timestamps the whole 65495').toBe(65495);
