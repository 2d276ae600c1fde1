// Lesson 4: a listener has two queues (listen(2), tcp(7)). The SYN queue holds the half open, the accept queue the established.
const oneTrip = ms(100);
const { client, server, link } = lab.twoHosts({ delay: oneTrip, server: { 'net.core.somaxconn': 3 } });

/** A listener on a port of its own. */
async function listening(port: number, backlog: number) {
  const fd = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(fd, { address: '10.0.0.2', port });
  await server.listen(fd, backlog);
  return fd;
}
/** One more client calls the port. */
async function calling(port: number) {
  const fd = await client.socket(AF_INET, SOCK_STREAM);
  return { fd, connected: client.connect(fd, { address: '10.0.0.2', port }) };
}
const lengths = (listener: Fd) => [server.queues(listener).syn.length, server.queues(listener).accept.length];

// First: one connection on its way through both queues.
const listener = await listening(9502, 100);
expect(server.queues(listener).backlog, 'listen(100) asks for 100 and gets somaxconn, which is 3 here').toBe(3);
const first = await calling(9502);
expect(lengths(listener), 'the SYN is under way: both queues are empty').toEqual([0, 0]);
await sleep(oneTrip);
expect(lengths(listener), 'the SYN has arrived: the connection stands in the SYN queue').toEqual([1, 0]);
expect(server.queues(listener).syn[0]?.state, 'there it is in SYN-RECEIVED').toBe('SYN-RECEIVED');
await first.connected;
expect(lengths(listener), 'connect() has returned, and nothing has moved on the server').toEqual([1, 0]);
await sleep(oneTrip);
expect(lengths(listener), 'the third segment moves it to the accept queue').toEqual([0, 1]);
expect(server.queues(listener).accept[0]?.state, 'there it is ESTABLISHED').toBe('ESTABLISHED');
const connection = await server.accept(listener);
expect(lengths(listener), 'accept() takes it out').toEqual([0, 0]);
expect(await server.getpeername(connection), 'it is the client that called').toEqual(await client.getsockname(first.fd));

// Second: how many the accept queue holds when nobody accepts.
const guess = await predict('The limit is 3 and nobody accepts. How many established connections can wait?', [2, 3, 4, 5]);
for (let n = 0; n < 4; n++) await (await calling(9502)).connected;
await sleep(oneTrip);
expect(lengths(listener), 'a limit of 3 has room for 4: Linux asks whether there are more than 3').toEqual([0, 4]);
guess.turnsOut(server.queues(listener).accept.length);
const late = await calling(9502);
await sleep(ms(500));
expect(client.state(late.fd), 'the fifth waits in SYN-SENT: its SYN is not answered').toBe('SYN-SENT');
expect(lengths(listener), 'it stands in neither queue').toEqual([0, 4]);
await server.accept(listener);
await late.connected;
await sleep(oneTrip);
expect(lengths(listener), 'after one accept() its next SYN, a second later, finds the place').toEqual([0, 4]);

// Third: how many the SYN queue holds. From now on every third segment is lost.
link.drop((s) => s.from === 'client' && s.flags === 'ACK');
/** So many clients call at once; tells how many of them the SYN queue took. */
async function halfOpen(port: number, backlog: number, clients: number) {
  const fd = await listening(port, backlog);
  for (let n = 0; n < clients; n++) void (await calling(port)).connected;
  await sleep(ms(500));
  return server.queues(fd).syn.length;
}
server.host.sysctl('net.core.somaxconn', 4096);
server.host.sysctl('net.ipv4.tcp_max_syn_backlog', 8);
expect(await halfOpen(9503, 2, 5), 'the backlog bounds the SYN queue too: 2 has room for 3').toBe(3);
expect(await halfOpen(9504, 100, 12), 'tcp_max_syn_backlog is 8, and yet all 12 are taken: with SYN cookies it has no say').toBe(12);
server.host.sysctl('net.ipv4.tcp_syncookies', 0);
expect(await halfOpen(9505, 100, 12), 'without cookies new SYNs are dropped once more than three quarters of it are taken').toBe(7);
