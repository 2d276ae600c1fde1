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
