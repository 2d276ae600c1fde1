// Lesson 12: simultaneous close. Both sides send FIN before they have seen the other's (RFC 9293 §3.6, figure 13).
const { client, server, link } = lab.twoHosts({ delay: ms(50) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);
await sleep(1);
const before = link.segments().length;
const closing = () => link.segments().slice(before);

const guess = await predict('Both sides are in FIN-WAIT-1 and receive a FIN that does not acknowledge their own. Which state comes next?', [
  'FIN-WAIT-2',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
]);
// At the same moment, on both hosts.
await Promise.all([client.close(socket), server.close(connection)]);
expect([client.state(socket), server.state(connection)], 'both are in FIN-WAIT-1: each believes that it closed first').toEqual([
  'FIN-WAIT-1',
  'FIN-WAIT-1',
]);
expect(
  closing().map((s) => s.flags),
  'the two FINs pass each other on the cable',
).toEqual(['FIN,ACK', 'FIN,ACK']);

// A FIN arrives where the ACK of the own FIN was expected.
await client.until(socket, 'CLOSING', { within: 1 });
guess.turnsOut(client.state(socket));
expect(client.state(socket), 'the FIN of the other leads to CLOSING: mine is not acknowledged yet').toBe('CLOSING');
const entered = now();
await client.until(socket, 'TIME-WAIT', { within: 1 });
expect(now() - entered, 'CLOSING lasts one trip: from the FIN of the other to the ACK of my own').toBeCloseTo(0.05, ms(1));
await server.until(connection, 'TIME-WAIT', { within: 1 });

expect(client.history(socket).slice(-4), 'the client: FIN-WAIT-1 > CLOSING > TIME-WAIT').toEqual([
  'ESTABLISHED',
  'FIN-WAIT-1',
  'CLOSING',
  'TIME-WAIT',
]);
expect(server.history(connection).slice(-4), 'the server: the same').toEqual(['ESTABLISHED', 'FIN-WAIT-1', 'CLOSING', 'TIME-WAIT']);
expect(
  closing().map((s) => s.flags),
  'four segments: two FINs, then two ACKs',
).toEqual(['FIN,ACK', 'FIN,ACK', 'ACK', 'ACK']);

const since = now();
await client.until(socket, 'CLOSED', { within: 300 });
await server.until(connection, 'CLOSED', { within: 300 });
expect(now() - since, 'both wait out TIME-WAIT: both closed actively').toBeCloseTo(60, 1);
