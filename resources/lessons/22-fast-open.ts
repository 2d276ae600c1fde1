// Lesson 22: TCP Fast Open. Data in the SYN, for clients that hold a cookie (RFC 7413).
const oneTrip = ms(50);
const sysctls = { client: { 'net.ipv4.tcp_fastopen': 1 }, server: { 'net.ipv4.tcp_fastopen': 3 } };
const { client, server, link } = lab.twoHosts({ delay: oneTrip, ...sysctls });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, 5);
await server.listen(listener, 5);

// The server reads a question and answers at once. It looks at its state in between.
const states: TcpState[] = [];
lab.start('server', async () => {
  for (;;) {
    const connection = await server.accept(listener);
    const question = text(await server.recv(connection, 100));
    states.push(server.state(connection));
    await server.send(connection, `${question}!`);
    await server.recv(connection, 100);
    await server.close(connection);
  }
});

/** Asks with one call that connects and sends, and tells how long the answer took. */
async function ask(question: string) {
  const before = link.segments().length;
  const asked = now();
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.sendto(socket, question, MSG_FASTOPEN, address);
  expect(text(await client.recv(socket, 100)), `the answer to "${question}"`).toBe(`${question}!`);
  const took = now() - asked;
  await client.close(socket);
  await sleep(1);
  const [syn, synAck] = link.segments().slice(before) as [Segment, Segment];
  return { took, syn, synAck };
}

// 1. The first time: the client has no cookie and asks for one.
const first = await ask('first');
expect(first.syn.length, 'the first SYN carries no data').toBe(0);
expect(first.syn.options.fastOpen, 'but the option, empty: a cookie, please').toBe('');
const cookie = first.synAck.options.fastOpen;
must(cookie?.length, 'the SYN,ACK brings a cookie of 8 octets').toBe(16);
expect(first.took, 'the answer takes two round trips, as always').toBeCloseTo(4 * oneTrip, ms(5));
expect(states[0], 'the server read the question in ESTABLISHED').toBe('ESTABLISHED');

const guess = await predict('The client has a cookie now. After how many round trips is the answer there?', [1, 2, 3]);
// 2. The second time: the data goes in the SYN.
const second = await ask('second');
guess.turnsOut(Math.round(second.took / (2 * oneTrip)));
expect(second.syn.options.fastOpen, 'the second SYN shows the cookie').toBe(cookie);
expect(second.syn.length, 'and carries the question').toBe('second'.length);
expect(second.synAck.relativeAck, 'the SYN,ACK acknowledges SYN and data').toBe(1 + 'second'.length);
expect(states[1], 'the program read it before the handshake was over').toBe('SYN-RECEIVED');
expect(second.took, 'one round trip: one is saved').toBeCloseTo(2 * oneTrip, ms(5));
note(`First ${(first.took * 1000).toFixed(0)} ms, then ${(second.took * 1000).toFixed(0)} ms.`);
expect(server.host.counters().TCPFastOpenCookieReqd, 'the server has counted one request for a cookie').toBe(1);
expect(server.host.counters().TCPFastOpenPassive, 'and one connection opened by its SYN').toBe(1);

// 3. The server no longer does it: the client falls back.
server.host.sysctl('net.ipv4.tcp_fastopen', 1); // bit 1 for clients, bit 2 for servers
const third = await ask('third');
expect(third.syn.length, 'the client still sends its data in the SYN').toBe('third'.length);
expect(third.synAck.relativeAck, 'the server acknowledges the SYN alone').toBe(1);
expect(third.took, 'the data goes again after the handshake: two round trips, and nothing is lost').toBeCloseTo(4 * oneTrip, ms(5));
expect(states[2], 'the server read it in ESTABLISHED').toBe('ESTABLISHED');
