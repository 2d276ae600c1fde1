// Lesson 23: TCP_DEFER_ACCEPT. accept() is not woken by a handshake but by data (tcp(7)).
const { client, server, link } = lab.twoHosts({ delay: ms(50) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
const granted = await server.getsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT);
expect(granted, 'Linux counts in repetitions of the SYN,ACK: after 1, 3, 7 s, so 5 becomes 7').toBe(7);
await server.listen(listener, 5);

// A client that says something after a second.
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
await sleep(1);
expect(
  link.segments().map((s) => s.flags),
  'three segments: for the client the handshake is over',
).toEqual(['SYN', 'SYN,ACK', 'ACK']);
expect(client.state(socket), 'it is ESTABLISHED').toBe('ESTABLISHED');
const queues = server.queues(listener);
expect(queues.accept, 'nothing waits in the accept queue').toHaveLength(0);
must(queues.syn.length, 'the server has left the connection in the SYN queue').toBe(1);
expect(queues.syn[0]?.state, 'as if the third segment had not come').toBe('SYN-RECEIVED');
expect(server.host.counters().TCPDeferAcceptDrop, 'it has counted the bare ACK that it dropped').toBe(1);

const spoke = now();
await client.send(socket, 'GET /');
const connection = await server.accept(listener);
expect(now() - spoke, 'accept() is woken by the data, one trip after send()').toBeCloseTo(ms(50), ms(1));
expect(server.queues(connection).receive, 'which can be read at once').toBe(5);
expect(server.history(connection), 'the data has completed the handshake').toEqual(['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED']);

// A client that says nothing.
const before = link.segments().length;
const silent = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(silent, address);
const connected = now();
const late = await server.accept(listener);
const waited = now() - connected;
note(`The silent client waited ${waited.toFixed(1)} s for accept().`);
expect(waited, 'after 7 s the server gives in').toBeCloseTo(7, 0.2);
expect(
  link
    .segments()
    .slice(before)
    .map((s) => `${s.from}: ${s.flags}`),
  'it asks once more, and now the bare ACK is enough',
).toEqual(['client: SYN', 'server: SYN,ACK', 'client: ACK', 'server: SYN,ACK', 'client: ACK']);
expect(server.queues(late).receive, 'accept() gives out a connection without data').toBe(0);
expect([client.state(silent), server.state(late)], 'both are ESTABLISHED').toEqual(['ESTABLISHED', 'ESTABLISHED']);
