// Lesson 17: LISTEN > SYN-SENT stands in the RFC (RFC 9293 §3.10.1). The socket interface has no call for it.
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const here = { address: '10.0.0.2', port: 9502 };
const there = { address: '10.0.0.1', port: 9600 };

// Somebody listens on the other host too, so that a call could succeed.
const peer = await client.socket(AF_INET, SOCK_STREAM);
await client.bind(peer, there);
await client.listen(peer, 5);

const socket = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(socket, here);
await server.listen(socket, 5);

// The RFC would send a SYN now and go to SYN-SENT. Linux says that the socket is in use.
await expect(server.connect(socket, there), 'connect() on a listening socket fails with EISCONN').toFailWith('EISCONN');
expect(link.segments(), 'no SYN is sent').toHaveLength(0);
expect(server.history(socket), 'the socket stays in LISTEN').toEqual(['CLOSED', 'LISTEN']);

// It goes on listening as before.
const caller = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(caller, here);
const connection = await server.accept(socket);
expect(server.state(connection), 'and still takes connections').toBe('ESTABLISHED');
const calls = link.segments().length;

// The other way round is closed as well.
await expect(server.listen(connection, 5), 'listen() on a connected socket fails with EINVAL').toFailWith('EINVAL');
expect(server.state(connection), 'which leaves the connection alone').toBe('ESTABLISHED');

// What programs do: shutdown() ends the listening, and the same socket, on the same port, may call.
await server.shutdown(socket, SHUT_RD);
expect(server.state(socket), 'shutdown(SHUT_RD) takes a listener from LISTEN to CLOSED').toBe('CLOSED');
expect(link.segments(), 'silently: a listener has no peer to tell').toHaveLength(calls);
expect(server.state(connection), 'what it had accepted lives on').toBe('ESTABLISHED');
const late = await client.socket(AF_INET, SOCK_STREAM);
await expect(client.connect(late, here), 'a call to the port is refused now').toFailWith('ECONNREFUSED');

await server.connect(socket, there);
expect(server.state(socket), 'now connect() succeeds').toBe('ESTABLISHED');
expect(await server.getsockname(socket), 'from the very port on which it listened').toEqual(here);
const answered = await client.accept(peer);
expect(await client.getpeername(answered), 'as the peer sees too').toEqual(here);
expect(server.history(socket).slice(-2), 'by way of SYN-SENT, like any other call').toEqual(['SYN-SENT', 'ESTABLISHED']);
