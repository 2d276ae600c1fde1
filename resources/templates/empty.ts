// A client and a server on one cable, and nothing more: begin here.
const { client, server, link } = lab.twoHosts({ delay: ms(20) });

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, { address: '10.0.0.2', port: 9502 });
await server.listen(listener, 5);

const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, { address: '10.0.0.2', port: 9502 });

expect(client.state(socket), 'the client is connected').toBe('ESTABLISHED');
note(`${link.segments().length} segments so far.`);
