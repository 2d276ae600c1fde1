/** A handshake, a word, and both closes, a call to a line; whoever steps through it knows what stands where. */
export const CONVERSATION = `const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, { address: '10.0.0.2', port: 9502 });
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, { address: '10.0.0.2', port: 9502 });
const connection = await server.accept(listener);
await client.send(socket, 'hello');
await server.recv(connection, 100);
await client.close(socket);
await server.recv(connection, 100);
await server.close(connection);
await sleep(1);
console.log('done', link.segments().length);`;
