// Lesson 1: the three-way handshake. RFC 9293 §3.5; the socket calls are those of POSIX.
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

// The server opens passively: from now on it answers whoever calls port 9502.
const listener = await server.socket(AF_INET, SOCK_STREAM);
must(server.state(listener), 'a new socket is CLOSED').toBe('CLOSED');
await server.bind(listener, address);
await server.listen(listener, 5);
expect(server.state(listener), 'listen() makes it LISTEN').toBe('LISTEN');
expect(link.segments(), 'listening sends nothing').toHaveLength(0);

// The client opens actively. accept() is already waiting on the other side.
const accepted = server.accept(listener);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
expect(client.history(socket), 'connect() sends SYN at once and waits in SYN-SENT').toContain('SYN-SENT');
expect(client.state(socket), 'connect() returns when the client is ESTABLISHED').toBe('ESTABLISHED');
const connection = await accepted;
expect(server.state(connection), 'accept() returns a connection that is ESTABLISHED').toBe('ESTABLISHED');

// Three segments, no more.
const segments = link.segments();
must(segments.length, 'the handshake takes three segments').toBe(3);
const [syn, synAck, ack] = segments as [Segment, Segment, Segment];
expect(
  segments.map((s) => `${s.from}: ${s.flags}`),
  'SYN from the client, SYN,ACK from the server, ACK from the client',
).toEqual(['client: SYN', 'server: SYN,ACK', 'client: ACK']);

// The numbers: each side chooses where it begins, and acknowledges the other's choice plus one.
const next = (n: number) => (n + 1) % 2 ** 32; // sequence numbers live on a circle of 2^32
const J = syn.seq;
const K = synAck.seq;
note(`The client begins at J = ${J}, the server at K = ${K}. Tools subtract them and show 0 and 1.`);
expect(synAck.ack, 'the server acknowledges J+1: a SYN counts as one octet').toBe(next(J));
expect(ack.seq, 'the client goes on at J+1').toBe(next(J));
expect(ack.ack, 'the client acknowledges K+1').toBe(next(K));
expect(
  [syn.relativeSeq, synAck.relativeSeq, synAck.relativeAck, ack.relativeSeq, ack.relativeAck],
  'relative numbers: 0; 0, ack 1; 1, ack 1',
).toEqual([0, 0, 1, 1, 1]);
expect(
  segments.map((s) => s.length),
  'none of the three carries data',
).toEqual([0, 0, 0]);
expect(syn.destination, 'the SYN goes to port 9502').toEqual(address);

// The way of each end.
expect(client.history(socket), 'the client: CLOSED > SYN-SENT > ESTABLISHED').toEqual(['CLOSED', 'SYN-SENT', 'ESTABLISHED']);
expect(server.history(listener), 'the listener: CLOSED > LISTEN, and it stays there for the next client').toEqual(['CLOSED', 'LISTEN']);
expect(server.history(connection), 'the new connection: LISTEN > SYN-RECEIVED > ESTABLISHED').toEqual([
  'LISTEN',
  'SYN-RECEIVED',
  'ESTABLISHED',
]);

// Initial sequence numbers cannot be guessed (RFC 6528): a second connection begins elsewhere.
const second = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(second, address);
const secondSyn = link.segments().find((s) => s.flags === 'SYN' && s.number > 3);
must(secondSyn !== undefined, 'the second connection has a SYN of its own').toBe(true);
expect(J !== K, 'both sides choose their own initial number').toBe(true);
expect(Math.abs(secondSyn!.seq - J) > 1000, 'the second connection does not begin where the first did').toBe(true);
