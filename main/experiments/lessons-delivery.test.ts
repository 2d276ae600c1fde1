import { expect, test } from 'vitest';
import { brokenLesson } from './testing/broken-lesson.ts';

/** The lessons on how data gets through in spite of all, each with one thing changed. */

test('28: no probes, so the timeout comes first', async () => {
  const said = await brokenLesson(
    '28-retransmission',
    '{ delay: oneTrip }',
    "{ delay: oneTrip, client: { 'net.ipv4.tcp_early_retrans': 0 } }",
  );
  expect(said).toContain("the first repetition is a probe: expected 'loss-probe', was 'retransmission'");
});
test('28: the segment that is lost is the last', async () => {
  const said = await brokenLesson('28-retransmission', '= lose(3);', '= lose(10);');
  expect(said).toContain("it goes out again without waiting for the timeout: expected 'fast-retransmission', was 'loss-probe'");
});
test('29: the receiver cannot report', async () => {
  const said = await brokenLesson(
    '29-reordering-and-duplicates',
    '{ delay: oneTrip }',
    "{ delay: oneTrip, server: { 'net.ipv4.tcp_sack': 0 } }",
  );
  expect(said).toMatch(/the first answer reports the second segment: expected .*, was undefined/);
});
test('29: the first segment is overtaken for so long that it is sent again', async () => {
  const said = await brokenLesson('29-reordering-and-duplicates', 'return hold;\n}, ms(20));', 'return hold;\n}, ms(900));');
  expect(said).toMatch(/nothing was sent again: expected 3, was [4-9]/);
});
test('30: the program reads', async () => {
  const said = await brokenLesson('30-zero-window', 'await sleep(30);', 'void server.recv(connection, total); await sleep(30);');
  expect(said).toMatch(/the rest waits in the send queue of the client: expected \d+, was \d+/);
});
test('30: the buffer is large enough', async () => {
  const said = await brokenLesson('30-zero-window', 'SO_RCVBUF, 8192', 'SO_RCVBUF, 80000');
  expect(said).toContain('the receive queue is full: not all of it fits: expected true, was false');
});
test('31: Nagle is off', async () => {
  const said = await brokenLesson(
    '31-nagle-and-delayed-ack',
    'const connection = await server.accept(listener);',
    'const connection = await server.accept(listener); await client.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, true);',
  );
  expect(said).toMatch(/together: 44 ms for what two round trips could have done: expected 0\.044.*, was 0\.002/);
});
test('32: keepalive is off', async () => {
  const said = await brokenLesson('32-keepalive', 'SO_KEEPALIVE, true', 'SO_KEEPALIVE, false');
  expect(said).toContain('after 60 s: a question and an answer: expected 2, was 0');
});
test('32: more patience', async () => {
  const said = await brokenLesson('32-keepalive', 'TCP_USER_TIMEOUT, 5000', 'TCP_USER_TIMEOUT, 9000');
  expect(said).toMatch(/after 5 s: expected 5.*, was (8|9)/);
});
test('27: nothing is urgent', async () => {
  const said = await brokenLesson('27-urgent-data', "'!', MSG_OOB", "'!'");
  expect(said).toContain('one segment carries URG: expected 1, was 0');
});
test('27: the urgent octet is not left in the stream', async () => {
  const said = await brokenLesson('27-urgent-data', 'SO_OOBINLINE, true', 'SO_OOBINLINE, false');
  expect(said).toContain("the next recv() begins with the urgent octet: expected '!after', was 'after'");
});
