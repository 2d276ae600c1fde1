// Lesson 27: urgent data. One octet, a pointer to it, and two ways to read it (RFC 9293 §3.8.5, RFC 6093).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);
const nothing = 'there is no urgent octet to fetch';

// 1. Six ordinary octets, then one urgent.
await client.send(socket, 'normal');
await sleep(ms(100));
await client.send(socket, '!', MSG_OOB);
await sleep(ms(100));
const urgent = link.segments().filter((s) => s.flags.includes('URG'));
must(urgent.length, 'one segment carries URG').toBe(1);
expect(urgent[0]!.urgent, 'its pointer names the octet after the urgent one').toBe(1);
expect(urgent[0]!.relativeSeq, 'which has its place in the sequence like any other').toBe(7);
const [ready] = await server.poll([{ fd: connection, events: POLLIN | POLLPRI }], 0);
expect(ready?.revents, 'poll() tells of it: POLLPRI').toBe(POLLIN | POLLPRI);
expect(text(await server.recv(connection, 1, MSG_OOB)), 'recv(MSG_OOB) fetches it before what came earlier').toBe('!');
expect(text(await server.recv(connection, 100)), 'the ordinary stream does not have it').toBe('normal');
expect(await server.ioctl(connection, SIOCATMARK), 'but it has its place: SIOCATMARK says that the mark is here').toBe(1);
await expect(server.recv(connection, 1, MSG_OOB), nothing).toFailWith('EINVAL');

// 2. Only the last octet of a call is urgent, and only one urgent octet is kept.
await client.send(socket, 'XY', MSG_OOB);
await sleep(ms(100));
expect(text(await server.recv(connection, 1, MSG_OOB)), 'of "XY" the Y').toBe('Y');
expect(text(await server.recv(connection, 100)), 'the X is ordinary').toBe('X');
await client.send(socket, '1', MSG_OOB);
await client.send(socket, '2', MSG_OOB);
await client.send(socket, 'rest');
await sleep(ms(100));
expect(text(await server.recv(connection, 1, MSG_OOB)), 'a second urgent octet takes the place of the first').toBe('2');

// 3. SO_OOBINLINE: the octet stays in the stream. Reading stops at the mark.
const inline = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(inline, { ...address, port: 9503 });
await server.setsockopt(inline, SOL_SOCKET, SO_OOBINLINE, true);
await server.listen(inline, 5);
const caller = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(caller, { ...address, port: 9503 });
const reader = await server.accept(inline);
await client.send(caller, 'before');
await client.send(caller, '!', MSG_OOB);
await client.send(caller, 'after');
await sleep(1);
expect(text(await server.recv(reader, 100)), 'recv() ends before the mark').toBe('before');
expect(await server.ioctl(reader, SIOCATMARK), 'the mark is here').toBe(1);
expect(text(await server.recv(reader, 100)), 'the next recv() begins with the urgent octet').toBe('!after');
await expect(server.recv(reader, 1, MSG_OOB), nothing).toFailWith('EINVAL');
