// Lesson 21: TIME-WAIT. What it protects, whom it hinders, and the ways around it (RFC 9293 §3.6.1, RFC 6191).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

/** A server starts, as a process of its own: it opens its port, with or without SO_REUSEADDR. */
async function start(reuse: boolean) {
  const program = server.host.process('program');
  const fd = await program.socket(AF_INET, SOCK_STREAM);
  if (reuse) await program.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, true);
  await program.bind(fd, address);
  await program.listen(fd, 5);
  return { program, fd };
}

/** The states of all connections that this host has had. */
const states = (host: Host) => host.connections().map(({ state }) => state);

/** One client calls, and the server closes first. Then the server's program ends. */
async function serveOnce(listener: { readonly program: Process; readonly fd: Fd }): Promise<void> {
  const { program, fd } = listener;
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, address);
  const connection = await program.accept(fd);
  await program.close(connection);
  await sleep(ms(50));
  await client.close(socket);
  await program.until(connection, 'TIME-WAIT', { within: 1 });
  await program.exit();
  await sleep(ms(50));
}

// 1. Restarting a server. No program runs any more, yet the port is in use for a minute.
await serveOnce(await start(false));
const since = now();
expect(states(server.host), 'the server closed first, so it has the TIME-WAIT').toEqual(['TIME-WAIT']);
expect(states(client.host), 'the client has nothing left').toEqual(['CLOSED']);
await expect(start(false), 'started again, the server cannot bind its port').toFailWith('EADDRINUSE');
await expect(start(true), 'SO_REUSEADDR now is too late: on Linux the earlier socket must have had it as well').toFailWith('EADDRINUSE');
await until(() => !states(server.host).includes('TIME-WAIT'), { within: 300, what: 'TIME-WAIT to end' });
expect(now() - since, 'TIME-WAIT lasts 60 s: Linux takes 30 s for the MSL, the RFC 2 minutes').toBeCloseTo(60, 1);

await serveOnce(await start(true));
expect(states(server.host), 'a server that always sets SO_REUSEADDR leaves a TIME-WAIT too').toEqual(['CLOSED', 'TIME-WAIT']);
const { program, fd: listener } = await start(true);
expect(program.state(listener), 'but it starts again at once').toBe('LISTEN');

// 2. The same four numbers again, while TIME-WAIT remembers the last time: a new SYN may reopen the connection.
const before = link.segments().length;
const same = client.host.connections().at(-1)!.local;
const reopening = await client.socket(AF_INET, SOCK_STREAM);
await client.bind(reopening, same);
await client.connect(reopening, address);
const reopened = await program.accept(listener);
expect(await program.getpeername(reopened), 'the same address and port calls again').toEqual(same);
expect(program.state(reopened), 'a SYN with a later number and timestamp is accepted out of TIME-WAIT').toBe('ESTABLISHED');
expect(
  link
    .segments()
    .slice(before)
    .map((s) => s.flags),
  'in the usual three segments',
).toEqual(['SYN', 'SYN,ACK', 'ACK']);

// 3. An old duplicate: the first copy of a segment stays on the way for five seconds.
const data = 'an order to be carried out once';
link.hold((s) => s.length > 0, 5);
await client.send(reopening, data);
await sleep(ms(100));
link.release();
expect(text(await program.recv(reopened, 100)), 'the second copy arrives').toBe(data);
await program.close(reopened);
await sleep(ms(50));
await client.close(reopening);
await program.until(reopened, 'TIME-WAIT', { within: 1 });
const quiet = link.segments().length;
await sleep(6);
const answers = link.segments().slice(quiet);
expect(
  answers.map((s) => `${s.from}: ${s.flags}`),
  'TIME-WAIT answers the old copy with an ACK; the client, who has forgotten, answers that with RST',
).toEqual(['server: ACK', 'client: RST']);
expect(answers[0]?.length, 'no program gets the order a second time').toBe(0);
expect(program.state(reopened), 'the RST ends TIME-WAIT early: the hazard of RFC 1337').toBe('CLOSED');

// 4. Running out of ports. This host has four to call from, and closes first each time.
const caller = lab.host('caller', { addresses: ['10.1.0.1/24'], sysctls: { 'net.ipv4.ip_local_port_range': [40000, 40003] } });
const called = lab.host('called', { addresses: ['10.1.0.2/24'] });
lab.link(caller, called, { delay: ms(1) });
const a = caller.process('a');
const b = called.process('b');
const service = { address: '10.1.0.2', port: 80 };
const desk = await b.socket(AF_INET, SOCK_STREAM);
await b.bind(desk, service);
await b.listen(desk, 5);
async function call(): Promise<number> {
  const fd = await a.socket(AF_INET, SOCK_STREAM);
  await a.connect(fd, service);
  const accepted = await b.accept(desk);
  const { port } = await a.getsockname(fd);
  await a.close(fd);
  await sleep(ms(50));
  await b.close(accepted);
  await a.until(fd, 'TIME-WAIT', { within: 1 });
  return port;
}
const ports = [await call(), await call(), await call(), await call()];
expect(
  ports.sort((p, q) => p - q),
  'four calls, four ports, all in TIME-WAIT now',
).toEqual([40000, 40001, 40002, 40003]);
await expect(call(), 'there is no port for a fifth').toFailWith('EADDRNOTAVAIL');
await sleep(2);
await expect(call(), 'nor two seconds later').toFailWith('EADDRNOTAVAIL');
caller.sysctl('net.ipv4.tcp_tw_reuse', 1);
expect(ports.includes(await call()), 'with tcp_tw_reuse it takes a port out of TIME-WAIT').toBe(true);

// 5. Quiet time. A host crashes and forgets which numbers it has used; a segment from before is still on the way. The segments of
// this host are made by hand, so that it begins with the same number each time. Its real TCP is kept out of it.
const crashing = lab.host('crashing', { addresses: ['10.3.0.1/24'] });
const surviving = lab.host('surviving', { addresses: ['10.3.0.2/24'] });
const cable = lab.link(crashing, surviving, { delay: ms(1) });
const keeper = surviving.process('keeper');
const counter = { address: '10.3.0.2', port: 80 };
const shop = await keeper.socket(AF_INET, SOCK_STREAM);
await keeper.bind(shop, counter);
await keeper.listen(shop, 5);
const ofItsOwn = (s: Segment) => s.from === 'crashing' && s.cause !== 'injected';
/** The crashed host says something: with the number it remembers, and what it has last heard as acknowledgment. */
async function says(port: number, flags: string, seq: number, payload = ''): Promise<void> {
  const heard = cable.segments().findLast((s) => s.from === 'surviving' && s.flags.includes('SYN'));
  const ack = flags.includes('ACK') ? (heard!.seq + 1) % 2 ** 32 : 0;
  cable.inject({ from: { address: '10.3.0.1', port }, to: counter, flags, seq, ack, payload });
  await sleep(ms(10));
}
async function opened(port: number): Promise<Fd> {
  await says(port, 'SYN', 1000);
  await says(port, 'ACK', 1001);
  return keeper.accept(shop);
}
/** One life of the host up to its crash: what it has sent last stays on the way for 20 s. */
async function lifeBefore(port: number): Promise<void> {
  cable.drop(ofItsOwn);
  await opened(port);
  cable.hold((s) => s.length > 0, 20);
  await says(port, 'PSH,ACK', 1001, 'an order');
  cable.release();
  cable.drop(ofItsOwn);
}

await lifeBefore(5001);
await sleep(2); // it starts again at once
const answersBefore = cable.segments().length;
await says(5001, 'SYN', 1000);
const challenge = cable
  .segments()
  .slice(answersBefore)
  .find((s) => s.from === 'surviving')!;
expect(challenge.flags, 'the server still has the old connection and asks: ACK (RFC 9293 §3.5.1, figure 9)').toBe('ACK');
await says(5001, 'RST', challenge.ack);
const hasty = await opened(5001);
const onTheWay = cable.segments().find((s) => s.length > 0)!;
expect(onTheWay.seq, 'the old order has the number that the new connection expects next').toBe(1001);
const calm = cable.segments().length;
await sleep(20);
expect(
  cable
    .segments()
    .slice(calm)
    .filter((s) => s.from === 'surviving')
    .map((s) => s.flags),
  'it arrives in the middle of the new connection, and the server has to ward it off',
).toEqual(['ACK']);
expect(keeper.queues(hasty).receive, 'only its acknowledgment, of numbers from before the crash, has given it away').toBe(0);

await lifeBefore(5002);
await sleep(120); // the quiet time: one MSL
const silence = cable.segments().length;
await says(5002, 'SYN', 1000);
await says(5002, 'RST', cable.segments().findLast((s) => s.from === 'surviving')!.ack);
const patient = await opened(5002);
await sleep(120);
expect(
  cable
    .segments()
    .slice(silence)
    .filter((s) => s.from === 'surviving')
    .map((s) => s.flags),
  'after a quiet time of one MSL nothing old is left that could come into the new connection',
).toEqual(['ACK', 'SYN,ACK']);
expect(keeper.state(patient), 'it stands').toBe('ESTABLISHED');
