// A listener under load: clients call faster than the program accepts. Watch both queues, and what is dropped.
const backlog = param('backlog', 4, { from: 1, to: 8 });
const clients = param('clients', 20, { from: 10, to: 40 });
const { client, server } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, backlog);

// The program takes 100 ms for each connection.
let served = 0;
lab.start('slow server', async () => {
  for (;;) {
    const connection = await server.accept(listener);
    await server.recv(connection, 100);
    await sleep(ms(100));
    await server.close(connection);
    served++;
  }
});

// A client calls every 20 ms and waits for the end of the stream.
const waits: number[] = [];
let longest = 0;
const calls = Array.from({ length: clients }, async (_, n) => {
  await sleep(n * ms(20));
  const called = now();
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  await client.send(socket, 'me too'); // whoever stays silent after a lost third segment waits for ever: try it
  await client.recv(socket, 1);
  waits.push(now() - called);
  await client.close(socket);
});
lab.start('observer', async () => {
  while (served < clients) {
    longest = Math.max(longest, server.queues(listener).accept.length);
    await sleep(ms(5));
  }
});
await Promise.all(calls);

const { ListenOverflows, ListenDrops } = server.host.counters();
expect(served, 'in the end everybody is served').toBe(clients);
expect(longest, 'the accept queue holds one more than its backlog').toBeLessThan(backlog + 2);
note(`the queue held up to ${longest}; ListenOverflows ${ListenOverflows}, ListenDrops ${ListenDrops}`);
note(`a client waited ${Math.min(...waits).toFixed(2)} s to ${Math.max(...waits).toFixed(2)} s`);
