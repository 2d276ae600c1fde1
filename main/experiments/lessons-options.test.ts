import { expect, test } from 'vitest';
import { brokenLesson } from './testing/broken-lesson.ts';

/** The lessons on what a SYN tells and what the two sides agree upon, each with one thing changed. */

test('24: another cable', async () => {
  const said = await brokenLesson('24-mss', '{ delay: ms(10) }', '{ delay: ms(10), mtu: 1400 }');
  expect(said).toContain('each side says what it can take: 1460: expected [1460, 1460], was [1360, 1360]');
});
test('24: the SYN made by hand names a size', async () => {
  const said = await brokenLesson('24-mss', "flags: 'SYN', seq: 1000 }", "flags: 'SYN', seq: 1000, options: { mss: 700 } }");
  expect(said).toContain('who says nothing gets segments of at most 536: expected 536, was 700');
});
test('25: the server knows SACK after all', async () => {
  const said = await brokenLesson('25-options-negotiation', "'net.ipv4.tcp_sack': 0", "'net.ipv4.tcp_sack': 1");
  expect(said).toContain('so no segment carries a SACK block: expected false, was true');
});
test('25: the server scales after all', async () => {
  const said = await brokenLesson('25-options-negotiation', "'net.ipv4.tcp_window_scaling': 0", "'net.ipv4.tcp_window_scaling': 1");
  expect(said).toContain('so the client does not scale either: its window is said in octets: expected more than 60000, was 63');
});
test('22: the server never grants a cookie', async () => {
  const said = await brokenLesson('22-fast-open', "server: { 'net.ipv4.tcp_fastopen': 3 }", "server: { 'net.ipv4.tcp_fastopen': 1 }");
  expect(said).toContain('the SYN,ACK brings a cookie of 8 octets: expected 16, was undefined');
});
test('22: the server still does it the third time', async () => {
  const said = await brokenLesson('22-fast-open', "server.host.sysctl('net.ipv4.tcp_fastopen', 1);", '');
  expect(said).toContain('the server acknowledges the SYN alone: expected 1, was 6');
});
test('23: nothing is deferred', async () => {
  const said = await brokenLesson('23-defer-accept', 'TCP_DEFER_ACCEPT, 5', 'TCP_DEFER_ACCEPT, 0');
  expect(said).toContain('the server has left the connection in the SYN queue: expected 1, was 0');
});
test('26: the server closes in peace', async () => {
  const said = await brokenLesson('26-flags', 'onoff: true', 'onoff: false');
  expect(said).toContain(
    "RST: close() with SO_LINGER 0, in place of FIN: expected ['server: RST,ACK'], was ['server: FIN,ACK', 'client: ACK']",
  );
});
