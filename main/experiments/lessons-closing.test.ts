import { expect, test } from 'vitest';
import { brokenLesson } from './testing/broken-lesson.ts';

/** The lessons on how connections end, each with one thing changed. */

test('20: nothing is lost, so the FIN is sent once', async () => {
  const said = await brokenLesson('20-last-ack', "link.drop((s) => s.from === 'client');", '');
  expect(said).toContain("the server does not know that its FIN has arrived: LAST-ACK: expected 'LAST-ACK', was 'CLOSED'");
});
test('20: the answers are lost for good', async () => {
  const said = await brokenLesson('20-last-ack', 'link.release();', '');
  expect(said).toContain("waited 10 s for server's socket 4 to reach CLOSED");
});
test('21: an RST does not end TIME-WAIT', async () => {
  const said = await brokenLesson('21-time-wait', 'ms(10) });', "ms(10), server: { 'net.ipv4.tcp_rfc1337': 1 } });");
  expect(said).toContain("the RST ends TIME-WAIT early: the hazard of RFC 1337: expected 'CLOSED', was 'TIME-WAIT'");
});
test('21: ports in TIME-WAIT are taken again on the loopback only', async () => {
  const said = await brokenLesson(
    '21-time-wait',
    "caller.sysctl('net.ipv4.tcp_tw_reuse', 1);",
    "caller.sysctl('net.ipv4.tcp_tw_reuse', 2);",
  );
  expect(said).toContain('EADDRNOTAVAIL');
});
test('21: the second host is not quiet either', async () => {
  const said = await brokenLesson('21-time-wait', 'await sleep(120); // the quiet time', 'await sleep(2); // the quiet time');
  expect(said).toContain(
    "nothing old is left that could come into the new connection: expected ['ACK', 'SYN,ACK'], was ['ACK', 'SYN,ACK', 'ACK']",
  );
});
test('21: the old segment acknowledges what the server says now', async () => {
  const said = await brokenLesson('21-time-wait', 'const calm = ', "await says(5001, 'PSH,ACK', 1001, 'an order');\nconst calm = ");
  expect(said).toContain('only its acknowledgment, of numbers from before the crash, has given it away: expected 0, was 8');
});
test('12: the ACKs are held back, and CLOSING lasts longer', async () => {
  const said = await brokenLesson(
    '12-simultaneous-close',
    '// At the same moment',
    "link.hold((s) => s.flags === 'ACK', ms(100));\n// At the same moment",
  );
  expect(said).toMatch(/CLOSING lasts one trip: .*: expected 0\.05, give or take 0\.001, was 0\.1/);
});
