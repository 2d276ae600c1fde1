// Two hosts and a bad link: a transfer in spite of delay, loss, reordering and duplicates. Change the link and run again.
const loss = param('loss', 0.05, { from: 0.01, to: 0.1, step: 0.01 });
const { client, server, link } = lab.twoHosts({
  delay: ms(20),
  jitter: ms(5),
  loss,
  reordering: 0.05,
  duplication: 0.01,
  rate: 10e6, // bits per second
  queue: 50,
});
const address = { address: '10.0.0.2', port: 9502 };
const total = 500_000;

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);

const start = now();
lab.start('sender', async () => {
  for (let sent = 0; sent < total; ) sent += await client.send(socket, new Uint8Array(Math.min(20_000, total - sent)));
  await client.shutdown(socket, SHUT_WR);
});
let received = 0;
for (let octets = await server.recv(connection, 65_536); octets.length > 0; octets = await server.recv(connection, 65_536))
  received += octets.length;
const seconds = now() - start;

const data = link.segments().filter((s) => s.from === 'client' && s.length > 0);
const again = data.filter(({ cause }) => cause !== 'data');
expect(received, 'every octet arrives, once and in order').toBe(total);
note(
  `${((total * 8) / seconds / 1e6).toFixed(2)} Mbit/s with a loss of ${(loss * 100).toFixed(0)} %; ${again.length} of ${data.length} segments were sent again.`,
);
note(
  `round trip ${(client.tcpInfo(socket).tcpi_rtt! / 1000).toFixed(1)} ms, congestion window ${client.tcpInfo(socket).tcpi_snd_cwnd} segments`,
);
