// Lesson 8: the four-way close. Each direction ends on its own (RFC 9293 §3.6).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const accepted = server.accept(listener);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await accepted;
await client.send(socket, 'the last question');
expect(text(await server.recv(connection, 100)), 'the server has read the question').toBe('the last question');
await sleep(ms(100));
const handshakeAndData = link.segments().length;
const closing = () => link.segments().slice(handshakeAndData);

// First: the client has nothing more to say.
await client.shutdown(socket, SHUT_WR);
expect(client.history(socket), 'the client sends FIN and is in FIN-WAIT-1').toContain('FIN-WAIT-1');
expect((await server.recv(connection, 100)).length, 'the server reads the end of the stream: zero octets').toBe(0);
expect(server.state(connection), 'the FIN has put the server into CLOSE-WAIT').toBe('CLOSE-WAIT');

// Second: the server's kernel acknowledges. Its program has not closed anything yet.
await client.until(socket, 'FIN-WAIT-2', { within: 1 });
expect(client.state(socket), 'the ACK of its FIN takes the client to FIN-WAIT-2').toBe('FIN-WAIT-2');

// In between: the server still sends what is left, and the client still reads it.
const rest = 'what was left to say';
await server.send(connection, rest);
expect(text(await client.recv(socket, 100)), 'the client receives data after it has sent FIN').toBe(rest);
expect(server.state(connection), 'the server sent it in CLOSE-WAIT').toBe('CLOSE-WAIT');
await sleep(ms(100));

// Third: the server closes as well. Fourth: the client acknowledges.
await server.close(connection);
expect(server.history(connection), 'the server sends its FIN and is in LAST-ACK').toContain('LAST-ACK');
await server.until(connection, 'CLOSED', { within: 1 });
expect(client.state(socket), 'the side that closed first is in TIME-WAIT').toBe('TIME-WAIT');
await client.close(socket);
expect(client.state(socket), 'close() does not cut TIME-WAIT short').toBe('TIME-WAIT');

// The four segments and their numbers.
const fins = closing().filter((s) => s.flags.includes('FIN'));
must(fins.length, 'each side sends exactly one FIN').toBe(2);
const [clientFin, serverFin] = fins as [Segment, Segment];
expect(`${clientFin.from}, ${serverFin.from}`, 'the client first, then the server').toBe('client, server');
const after = (first: Segment, from: string) => closing().find((s) => s.number > first.number && s.from === from && s.flags === 'ACK');
const ackOfClientFin = after(clientFin, 'server');
const ackOfServerFin = after(serverFin, 'client');
const next = (n: number) => (n + 1) % 2 ** 32;
const u = clientFin.seq;
const w = serverFin.seq;
note(`The client's FIN has u = ${u}, the server's w = ${w}.`);
expect(ackOfClientFin?.ack, 'the ACK of the first FIN is u+1: a FIN counts as one octet').toBe(next(u));
expect(ackOfServerFin?.ack, 'the ACK of the second FIN is w+1').toBe(next(w));
expect(ackOfServerFin?.seq, 'the last ACK goes on at u+1').toBe(next(u));
expect(
  closing()
    .filter((s) => s.length > 0)
    .map((s) => s.from),
  'between the two FINs only the server sent data',
).toEqual(['server']);
expect(w, "the server's FIN comes after the data it had left").toBe((ackOfClientFin!.seq + rest.length) % 2 ** 32);

// The ways of both ends, and what is left: TIME-WAIT, at the closer only.
expect(server.history(connection), 'the server: ESTABLISHED > CLOSE-WAIT > LAST-ACK > CLOSED, and no TIME-WAIT').toEqual([
  'LISTEN',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'CLOSED',
]);
expect(client.history(socket), 'the client: ESTABLISHED > FIN-WAIT-1 > FIN-WAIT-2 > TIME-WAIT').toEqual([
  'CLOSED',
  'SYN-SENT',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
]);
note('TIME-WAIT lasts 2MSL, 60 s on Linux: lesson 21 waits for its end.');
