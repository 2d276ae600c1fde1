// Lesson 3: accept() takes no part in the handshake. The kernel completes it by itself (RFC 9293 §3.10.7.2, listen(2)).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);

// The server's program is busy elsewhere: nobody calls accept().
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
expect(client.state(socket), 'connect() succeeds although nobody accepts').toBe('ESTABLISHED');

// Let the third segment arrive.
await sleep(ms(10));
expect(
  link.segments().map((s) => `${s.from}: ${s.flags}`),
  'the handshake is complete: three segments',
).toEqual(['client: SYN', 'server: SYN,ACK', 'client: ACK']);

const waiting = server.queues(listener);
expect(waiting.syn, 'the SYN queue is empty again').toHaveLength(0);
must(waiting.accept.length, 'one connection waits in the accept queue').toBe(1);
expect(waiting.accept[0]?.state, 'it is ESTABLISHED on the server as well, without accept()').toBe('ESTABLISHED');
expect(waiting.accept[0]?.remote, 'it is the client that waits there').toEqual(await client.getsockname(socket));
expect(server.state(listener), 'the listener itself is still in LISTEN').toBe('LISTEN');

// The client cannot tell: it sends, and the server's kernel acknowledges.
const request = 'are you there?';
await client.send(socket, request);
await sleep(ms(100));
expect(client.queues(socket).send, 'the kernel has acknowledged every octet on behalf of the program').toBe(0);
expect(server.queues(listener).accept[0]?.receive, 'the data waits in the receive queue of the waiting connection').toBe(request.length);
note('A client that was answered by nothing but the kernel: connect() and send() prove that a host is there, not that a program is.');

// Much later the program comes back.
await sleep(1);
const before = now();
const sent = link.segments().length;
const connection = await server.accept(listener);
expect(now() - before, 'accept() returns at once').toBeCloseTo(0, 0.5);
expect(link.segments(), 'accept() sends nothing: it only hands out what is there').toHaveLength(sent);
expect(server.queues(listener).accept, 'the accept queue is empty').toHaveLength(0);
expect(server.state(connection), 'what accept() gives is ESTABLISHED').toBe('ESTABLISHED');

expect(text(await server.recv(connection, 100)), 'the data is readable at once').toBe(request);
expect(now() - before, 'recv() did not wait either').toBeCloseTo(0, 0.5);
expect(server.history(connection), 'accept() changed no state: LISTEN > SYN-RECEIVED > ESTABLISHED').toEqual([
  'LISTEN',
  'SYN-RECEIVED',
  'ESTABLISHED',
]);
