// Lesson 10: the half-close. shutdown(SHUT_WR) ends one direction; the other goes on (RFC 9293 §3.6.1).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);

// The client sends a list to be sorted. The server cannot begin before it knows where the list ends.
await client.send(socket, 'pear\napple\nfig\n');
await client.shutdown(socket, SHUT_WR);
await expect(client.send(socket, 'one more'), 'after SHUT_WR nothing more can be sent').toFailWith('EPIPE');

let list = '';
for (let octets = await server.recv(connection, 100); octets.length > 0; octets = await server.recv(connection, 100)) list += text(octets);
expect(list, 'the end of the stream tells the server that the list is complete').toBe('pear\napple\nfig\n');

await client.until(socket, 'FIN-WAIT-2', { within: 1 });
expect(client.state(socket), 'the client waits in FIN-WAIT-2: its own direction is closed and acknowledged').toBe('FIN-WAIT-2');
expect(server.state(connection), 'the server is in CLOSE-WAIT: it may still send').toBe('CLOSE-WAIT');

// Ten seconds of work change nothing: both states wait for a program.
await sleep(10);
expect([client.state(socket), server.state(connection)], 'both stay there for as long as the server works').toEqual([
  'FIN-WAIT-2',
  'CLOSE-WAIT',
]);

const before = link.segments().length;
const sorted = list.trim().split('\n').sort().join('\n');
await server.send(connection, sorted);
await server.close(connection);
let result = '';
for (let octets = await client.recv(socket, 100); octets.length > 0; octets = await client.recv(socket, 100)) result += text(octets);
expect(result, 'the other direction has carried the answer').toBe('apple\nfig\npear');

const rest = link.segments().slice(before);
expect(
  rest.filter((s) => s.length > 0).map((s) => s.from),
  'after the FIN of the client only the server sends data',
).toEqual(['server']);
expect(
  rest.some((s) => s.flags.includes('RST')),
  'nothing is reset: the client still reads',
).toBe(false);
await client.until(socket, 'TIME-WAIT', { within: 1 });
expect(client.history(socket).slice(-3), 'the client: FIN-WAIT-1 > FIN-WAIT-2 > TIME-WAIT').toEqual([
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
]);
await server.until(connection, 'CLOSED', { within: 1 });
expect(server.history(connection).slice(-3), 'the server: CLOSE-WAIT > LAST-ACK > CLOSED').toEqual(['CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
