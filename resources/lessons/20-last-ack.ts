// Lesson 20: the last ACK is lost. Why somebody has to wait in TIME-WAIT (RFC 9293 §3.6.1 and §3.10.7.4).
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);

// The client closes first. Its FIN is acknowledged; the server's program takes a second more.
await client.close(socket);
await server.until(connection, 'CLOSE-WAIT', { within: 1 });
await sleep(1);
expect([client.state(socket), server.state(connection)], 'the client is in FIN-WAIT-2, the server in CLOSE-WAIT').toEqual([
  'FIN-WAIT-2',
  'CLOSE-WAIT',
]);

const guess = await predict('The last ACK is lost. Who sends something again without being asked?', [
  'the client',
  'the server',
  'both',
  'nobody',
]);
// From here on the cable loses what the client sends, for half a second.
const closing = link.segments().length;
const lastSegments = () => link.segments().slice(closing);
link.drop((s) => s.from === 'client');
await server.close(connection);
const closed = now();
await client.until(socket, 'TIME-WAIT', { within: 1 });
const entered = now();
await sleep(0.5);
expect(server.state(connection), 'the server does not know that its FIN has arrived: LAST-ACK').toBe('LAST-ACK');
expect(client.state(socket), 'the client has answered, and cannot know that the answer is lost').toBe('TIME-WAIT');
link.release();

// The FIN goes out until it is acknowledged.
await server.until(connection, 'CLOSED', { within: 10 });
const fins = lastSegments().filter((s) => s.from === 'server' && s.flags.includes('FIN'));
const acks = lastSegments().filter((s) => s.from === 'client');
guess.turnsOut(fins.length > 1 ? 'the server' : 'nobody');
must(fins.length > 1, 'the server has sent its FIN again').toBe(true);
note(
  `FIN at ${fins.map((s) => (s.time - closed).toFixed(2)).join(' s, ')} s after close(); the server was in LAST-ACK for ${(now() - closed).toFixed(2)} s.`,
);
expect(new Set(fins.map((s) => s.seq)).size, 'each time with the same number: it is one FIN').toBe(1);
expect(
  acks.map((s) => s.flags),
  'the client, without a program, answers each time with a bare ACK and never with RST',
).toEqual(acks.map(() => 'ACK'));
expect(acks[0]?.lost, 'the first of these ACKs is lost').toBe(true);
expect(acks.at(-1)?.lost, 'the last one arrives').toBe(false);
expect(new Set(acks.map((s) => s.ack)).size, 'they all say the same').toBe(1);
expect(server.history(connection).slice(-3), 'the server: CLOSE-WAIT > LAST-ACK > CLOSED').toEqual(['CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);

// Each FIN starts the 2MSL of the client anew.
const lastFin = fins.at(-1)!.time + ms(10);
await client.until(socket, 'CLOSED', { within: 300 });
expect(now() - lastFin, 'TIME-WAIT ends 60 s after the last FIN arrived').toBeCloseTo(60, ms(50));
expect(now() - entered, 'which is more than 60 s after it began').toBeGreaterThan(60.5);
expect(client.history(socket).slice(-3), 'the client: FIN-WAIT-2 > TIME-WAIT > CLOSED').toEqual(['FIN-WAIT-2', 'TIME-WAIT', 'CLOSED']);

// Once TIME-WAIT is over nobody remembers. A side that is still in LAST-ACK then is answered with RST.
const again = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(again, address);
const late = await server.accept(listener);
await client.close(again);
await server.until(late, 'CLOSE-WAIT', { within: 1 });
await client.until(again, 'CLOSED', { within: 300 });
const tooLate = link.segments().length;
await server.close(late);
await server.until(late, 'CLOSED', { within: 10 });
expect(
  link
    .segments()
    .slice(tooLate)
    .map((s) => `${s.from}: ${s.flags}`),
  'a FIN that meets no connection at all is answered with RST',
).toEqual(['server: FIN,ACK', 'client: RST']);
