// Lesson 15: back to LISTEN. A RST in SYN-RECEIVED ends the half-open connection, not the listener (RFC 9293 §3.5, figure 8).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const accepting = server.accept(listener);
let accepted = false;
void accepting.then(() => {
  accepted = true;
});

// A SYN loses its way for two seconds. Its client loses patience first.
link.hold((s) => s.number === 1, 2);
const impatient = await client.socket(AF_INET, SOCK_STREAM);
const connecting = client.connect(impatient, address);
void connecting.catch(() => undefined);
const name = await client.getsockname(impatient);
await sleep(0.5);
await client.close(impatient);
expect(client.state(impatient), 'close() in SYN-SENT ends the attempt: CLOSED').toBe('CLOSED');
expect(
  link.segments().map((s) => s.flags),
  'and sends nothing: there is no connection to reset',
).toEqual(['SYN']);
expect(server.host.connections(), 'the server has heard nothing yet').toHaveLength(0);

// The old SYN arrives after all. To the server it looks like any other.
await until(() => server.queues(listener).syn.length === 1, { within: 3, what: 'the old SYN to arrive' });
expect(server.queues(listener).syn[0]?.remote, 'the server answers it and holds a half-open connection').toEqual(name);
expect(server.queues(listener).syn[0]?.state, 'in SYN-RECEIVED').toBe('SYN-RECEIVED');

// The client knows of no such connection and says so.
await sleep(ms(50));
expect(
  link.segments().map((s) => `${s.from}: ${s.flags}`),
  'SYN, SYN,ACK, and RST in answer to an ACK of something that is not there',
).toEqual(['client: SYN', 'server: SYN,ACK', 'client: RST']);
const [, synAck, rst] = link.segments() as [Segment, Segment, Segment];
expect(rst.seq, 'the RST has the number that the SYN,ACK acknowledged, so that it is believed').toBe(synAck.ack);
expect(server.host.connections()[0]?.history, 'the embryonic connection: LISTEN > SYN-RECEIVED > LISTEN').toEqual([
  'LISTEN',
  'SYN-RECEIVED',
  'LISTEN',
]);
expect(server.queues(listener).syn, 'the SYN queue is empty again').toHaveLength(0);
expect(server.history(listener), 'the listener itself never left LISTEN').toEqual(['CLOSED', 'LISTEN']);
expect(accepted, 'accept() still waits: the program never learns of it').toBe(false);
expect(server.host.counters().EmbryonicRsts, 'the kernel counts it as EmbryonicRsts').toBe(1);

// The next client is served as if nothing had happened.
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await accepting;
expect(server.state(connection), 'the next connection reaches accept()').toBe('ESTABLISHED');
expect(await server.getpeername(connection), 'and it is the one that is meant').toEqual(await client.getsockname(socket));
