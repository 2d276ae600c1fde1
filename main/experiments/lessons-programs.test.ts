import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { brokenLesson } from './testing/broken-lesson.ts';
import { run } from './testing/run.ts';

/** The lessons on programs, paths and numbers, each with one thing changed. */

test('19: the careless program closes after all', async () => {
  const said = await brokenLesson(
    '19-close-wait-leak',
    'await listening(careless, 9502), false)',
    'await listening(careless, 9502), true)',
  );
  expect(said).toContain('every visit has left a CLOSE-WAIT behind: expected 5, was 0');
});
test('19: the program ends too early', async () => {
  const said = await brokenLesson('19-close-wait-leak', 'await sleep(24 * 3600);', 'await careless.exit(); await sleep(24 * 3600);');
  expect(said).toContain('a day passes without a segment: expected 0, was ');
});
test('33: the path is as wide as its ends', async () => {
  const said = await brokenLesson('33-path-mtu', 'mtu: narrow }', 'mtu: 1500 }');
  expect(said).toContain('an ICMP message comes back: expected true, was false');
});
test('33: what was learned is still known', async () => {
  const said = await brokenLesson('33-path-mtu', 'await sleep(700);', 'await sleep(7);');
  expect(said).toContain('the client goes on sending large segments: expected 1448, was 948');
});
test('34: the first client speaks at once', async () => {
  const said = await brokenLesson('34-concurrent-server', 'if (n === 0) await sleep(3);', '');
  expect(said).toMatch(/one at a time: all others wait for the silent one: expected more than 2\.9, was 0\.\d+/);
});
test('34: the loop works for half a second on each piece', async () => {
  const said = await brokenLesson(
    '34-concurrent-server',
    'if (said.length > 0) await loop.send',
    'await sleep(0.5); if (said.length > 0) await loop.send',
  );
  expect(said).toMatch(/epoll: nobody waits longer than one round trip: expected 0\.02.*, was [0-9.]+/);
});
test('35: the datagrams are lost on the way', async () => {
  const said = await brokenLesson('35-udp-contrast', 'lab.twoHosts()', 'lab.twoHosts({ loss: 1 })');
  expect(said).toContain('recvfrom');
});
test('35: a socket that has not named its peer', async () => {
  const said = await brokenLesson('35-udp-contrast', 'await client.connect(connected, nowhere);', 'await client.connect(connected, at);');
  expect(said).toContain('client: recv(');
});
test('36: everybody may write to the file', async () => {
  const said = await brokenLesson('36-unix-against-inet', "host.process('server')", "host.process('server', { umask: 0 })");
  expect(said).toContain("who may not write to the file may not connect: expected 'EACCES', was 'none'");
});
test('36: both talk over 127.0.0.1', async () => {
  const said = await brokenLesson(
    '36-unix-against-inet',
    'await connect(AF_UNIX, path)',
    "await connect(AF_INET, { address: '127.0.0.1', port: 9501 })",
  );
  expect(said).toContain('AF_UNIX: connect() and accept() without one segment');
});
test('37: both lines in one send()', async () => {
  const said = await brokenLesson(
    '37-telnet-and-http',
    "await telnet.send(socket, 'GET / HTTP/1.0\\r\\n');\nawait telnet.send(socket, '",
    "await telnet.send(socket, 'GET / HTTP/1.0\\r\\n",
  );
  expect(said).toContain(
    "two segments, the answer comes in one: expected ['client 16', 'client 25', 'router 56'], was ['client 41', 'router 56']",
  );
});
test('37: the question is lost', async () => {
  const said = await brokenLesson('37-telnet-and-http', 'const guess', 'link.set({ loss: 1 });\nconst guess');
  expect(said).toContain('telnet: recvfrom(');
});
test('38: the connection begins elsewhere', async () => {
  const said = await brokenLesson('38-sequence-wrap', 'const target = CIRCLE - short;', 'const target = CIRCLE / 2;');
  expect(said).toContain('the connection begins shortly before 2^32: expected 5000');
});
test('38: the timestamp is newer than the last', async () => {
  const said = await brokenLesson('38-sequence-wrap', 'value: old,', 'value: old + 200,');
  expect(said).toContain('no program gets to see it: expected 0, was 20');
});
test('39: the customer has moved on to another number', async () => {
  const said = await brokenLesson('39-address-reuse-attack', 'await sleep(61);', 'await sleep(30);');
  expect(said).toContain("the same SYN is welcome: by then every old copy has died: expected ['SYN,ACK'], was ['ACK']");
});
test('39: the forger has not seen the SYN,ACK', async () => {
  const said = await brokenLesson(
    '39-address-reuse-attack',
    "seq: first.segment.seq, ack: (answerTo.seq + 1) % 2 ** 32, payload: 'pay 100'",
    "seq: first.segment.seq, ack: 12345, payload: 'pay 100'",
  );
  expect(said).toContain("the order is carried out twice: expected 'pay 100', was ''");
});
test('40: the first program closes', async () => {
  const said = await brokenLesson(
    '40-find-the-bug',
    'await client.close(socket);',
    'await client.close(socket); await server.close(connection);',
  );
  expect(said).toContain('A: the server stays in CLOSE-WAIT');
});
test('40: the fifth program has a longer queue', async () => {
  const said = await brokenLesson('40-find-the-bug', 'await listening(server, 1);', 'await listening(server, 5);');
  expect(said).toContain('E: the server repeats its SYN,ACK, as if the third segment had not come: expected more than 1, was 1');
});

test('40: answers are graded: a right one passes, a wrong one is a failed check', async () => {
  const source = readFileSync('resources/lessons/40-find-the-bug.ts', 'utf8');
  const { report, failed } = await run(source, {
    answers: { 1: 'the server never closes its socket', 4: 'the network loses segments' },
  });
  expect(report.outcome).toBe('failed');
  expect(failed.map(({ description, expected, actual }) => [description, expected, actual])).toEqual([
    ['case D is explained', "'the server has stopped reading'", "'the network loses segments'"],
  ]);
});
