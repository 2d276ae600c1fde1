// An echo server and a client that talks to it: a place to begin.
const { client, server, link } = lab.twoHosts({ delay: ms(20) });
const address = { address: '10.0.0.2', port: 9502 };

// The server: whatever a client sends comes back, until the client ends its stream.
lab.start('echo server', async () => {
  const listener = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(listener, address);
  await server.listen(listener);
  while (true) {
    const connection = await server.accept(listener);
    lab.start('echo', async () => {
      for (let octets = await server.recv(connection, 4096); octets.length > 0; octets = await server.recv(connection, 4096)) {
        await server.send(connection, octets);
      }
      await server.close(connection);
    });
  }
});

// The client.
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
for (const words of ['hello', 'is anybody there?']) {
  await client.send(socket, words);
  const answer = text(await client.recv(socket, 4096));
  console.log(`sent "${words}", got "${answer}"`);
  expect(answer, 'what was sent comes back').toBe(words);
}
await client.close(socket);

// Both ends on their way to CLOSED.
await client.until(socket, 'TIME-WAIT', { within: 10 });
note(`The client went ${client.history(socket).join(' > ')}; ${link.segments().length} segments crossed the link.`);
